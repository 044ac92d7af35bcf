"""`python -m evals.history`: whether git's history keeps the test split held out; CI asks it.

No commit may touch evals/test together with what answers it, and evals/test must be older than the prompt
and the engine. A history that was cut or squashed cannot tell: then this says so, and is no breach.
"""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

HELD_OUT = "evals/test"
ANSWERERS = (
    "balas/agent", "balas/turn.py", "balas/order.py", "balas/opening_hours.py", "offline_model",
)  # fmt: skip
YOUNGER = ("balas/agent", "offline_model")
ROOT = Path(__file__).resolve().parents[1]


class CannotTell(Exception):
    """Git's history does not hold the answer; the message says why."""


def main(root: Path = ROOT) -> int:
    """1 when the split is not held out; 0 when it is, or when nobody can tell from this clone."""
    try:
        wrong = problems(root)
    except CannotTell as reason:
        sys.stderr.write(f"evals.history: cannot tell whether {HELD_OUT} is held out: {reason}\n")
        return 0
    for line in wrong:
        sys.stderr.write(f"evals.history: {line}\n")
    if not wrong:
        sys.stdout.write(f"{HELD_OUT} is older than prompt and engine, and no commit touches both.\n")
    return 1 if wrong else 0


def problems(root: Path) -> list[str]:
    """A line for each breach in the history of `root`'s current commit."""
    if not (root / ".git").exists():
        raise CannotTell("this is no git repository")
    if _git(root, "rev-parse", "--is-shallow-repository").strip() == "true":
        raise CannotTell("the clone is shallow: run `git fetch --unshallow`, or clone with the full history")
    changes = _changes(root)
    touching = {path: _commits(changes, path) for path in (HELD_OUT, *ANSWERERS)}
    if not touching[HELD_OUT]:
        raise CannotTell(f"no commit adds {HELD_OUT}")
    _refuse_a_squashed_root(root, touching)
    return [*_shared(touching), *_too_old(root, touching)]


def _refuse_a_squashed_root(root: Path, touching: Mapping[str, Sequence[str]]) -> None:
    roots = set(_git(root, "rev-list", "--max-parents=0", "HEAD").split())
    answering = {commit for path in ANSWERERS for commit in touching[path]}
    if roots & set(touching[HELD_OUT]) & answering:
        raise CannotTell("the first commit holds both: the history before it was squashed away")


def _shared(touching: Mapping[str, Sequence[str]]) -> list[str]:
    return [
        f"commit {commit[:12]} touches both {HELD_OUT} and {path}: split it in two"
        for path in ANSWERERS
        for commit in touching[path]
        if commit in touching[HELD_OUT]
    ]


def _too_old(root: Path, touching: Mapping[str, Sequence[str]]) -> list[str]:
    """What was there before the split: its first commit does not come after the split's."""
    split = touching[HELD_OUT][-1]
    firsts = {path: touching[path][-1] for path in YOUNGER if touching[path]}
    return [
        f"{path} (commit {first[:12]}) was not written after {HELD_OUT} (commit {split[:12]})"
        for path, first in firsts.items()
        if first == split or not _is_ancestor(root, split, first)
    ]


def _changes(root: Path) -> list[tuple[str, list[str]]]:
    """Every commit with the paths it changes, newest first; of a merge, what it changes beside both sides."""
    log = ["log", "--topo-order", "--no-renames", "--name-only", "--diff-merges=combined", "-z"]
    commits = _git(root, *log, "--format=%x01%H%x00").split("\x01")[1:]
    return [(commit[:40], [path.strip("\n") for path in commit[40:].split("\0")]) for commit in commits]


def _commits(changes: Sequence[tuple[str, list[str]]], path: str) -> list[str]:
    return [
        commit for commit, paths in changes
        if any(changed == path or changed.startswith(f"{path}/") for changed in paths)
    ]  # fmt: skip


def _is_ancestor(root: Path, older: str, newer: str) -> bool:
    command = ["git", "-C", str(root), "merge-base", "--is-ancestor", older, newer]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _git(root: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *arguments], capture_output=True, text=True, check=True
        )
    except (FileNotFoundError, subprocess.CalledProcessError) as error:
        raise CannotTell("git does not answer here") from error
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
