"""The keeper of the held-out split, on real git histories."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from evals import history

Commit = Callable[..., None]


def git(root: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=test", "-c", "user.email=test@example.invalid", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", str(root), *identity, *arguments], check=True, capture_output=True)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q", "-b", "main")
    return tmp_path


@pytest.fixture
def commit(root: Path) -> Commit:
    def make(*paths: str) -> None:
        for path in paths:
            file = root / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(file.read_text() + "more\n" if file.exists() else "first\n")
        git(root, "add", "-A")
        git(root, "commit", "-q", "-m", "change")

    return make


def test_a_split_older_than_its_answerers_is_held_out(root: Path, commit: Commit):
    commit("README.md")
    commit("evals/test/a.jsonl")
    commit("balas/agent/prompt.py", "offline_model/engine.py", "balas/turn.py")
    commit("evals/test/a.jsonl")
    assert history.problems(root) == []
    assert history.main(root) == 0


@pytest.mark.parametrize("path", ["balas/agent/prompt.py", "balas/turn.py", "offline_model/engine.py"])
def test_one_commit_that_touches_both_is_found(root: Path, commit: Commit, path: str):
    commit("README.md")
    commit("evals/test/a.jsonl")
    commit(path)
    commit(path, "evals/test/a.jsonl")
    assert [line.split(": ")[1] for line in history.problems(root)] == ["split it in two"]
    assert history.main(root) == 1


def test_a_name_that_only_begins_alike_is_another_path(root: Path, commit: Commit):
    commit("README.md")
    commit("evals/test/a.jsonl")
    commit("evals/test/a.jsonl", "balas/turn.py.md", "balas/agents/x.py")
    assert history.problems(root) == []


def test_an_engine_from_before_the_split_is_found(root: Path, commit: Commit):
    commit("README.md")
    commit("offline_model/engine.py")
    commit("evals/test/a.jsonl")
    assert ["offline_model" in line and "not written after" in line for line in history.problems(root)] == [
        True
    ]


def test_a_merge_of_two_clean_sides_is_clean(root: Path, commit: Commit):
    commit("README.md")
    commit("evals/test/a.jsonl")
    git(root, "checkout", "-q", "-b", "side")
    commit("balas/agent/prompt.py")
    git(root, "checkout", "-q", "main")
    commit("evals/test/a.jsonl")
    git(root, "merge", "-q", "--no-ff", "-m", "merge", "side")
    assert history.problems(root) == []


def test_a_merge_that_hides_a_change_of_both_is_found(root: Path, commit: Commit):
    commit("README.md")
    commit("evals/test/a.jsonl")
    commit("balas/agent/prompt.py")
    git(root, "checkout", "-q", "-b", "side")
    commit("docs.md")
    git(root, "checkout", "-q", "main")
    commit("README.md")
    git(root, "merge", "-q", "--no-ff", "--no-commit", "side")
    commit("evals/test/a.jsonl", "balas/agent/prompt.py")
    assert len(history.problems(root)) == 1


def test_a_shallow_clone_cannot_tell(root: Path, commit: Commit, tmp_path_factory: pytest.TempPathFactory):
    commit("evals/test/a.jsonl")
    commit("balas/agent/prompt.py")
    clone = tmp_path_factory.mktemp("clone")
    subprocess.run(
        ["git", "clone", "-q", "--depth", "1", root.as_uri(), str(clone)], check=True, capture_output=True
    )
    with pytest.raises(history.CannotTell, match="shallow"):
        history.problems(clone)
    assert history.main(clone) == 0


def test_a_squashed_history_and_no_history_cannot_tell(root: Path, commit: Commit, tmp_path: Path):
    commit("evals/test/a.jsonl", "balas/agent/prompt.py")
    with pytest.raises(history.CannotTell, match="squashed"):
        history.problems(root)
    with pytest.raises(history.CannotTell, match="no git"):
        history.problems(tmp_path / "evals")
