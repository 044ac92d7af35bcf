"""The installer: what it says when something is missing."""

import subprocess
import sys
from pathlib import Path

import pytest

from local import bootstrap


def test_it_runs_without_anything_installed() -> None:
    """-I -S: no site-packages, as on a fresh machine."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", bootstrap.__file__], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "say: python3 local/bootstrap.py local|dev" in done.stderr


def test_a_python_that_is_too_old_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bootstrap, "OLDEST", (99, 0))
    monkeypatch.setattr(bootstrap, "SUCCESSORS", ())
    assert bootstrap.main("local") == 1
    assert "Balas needs 3.11 or newer" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("complaint", "told"),
    [
        ("OSError: [Errno 28] No space left on device", "disk is full"),
        ("THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE", "differs from the locked"),
        ("connection broken by 'NewConnectionError('", "no network"),
        ("ERROR: No matching distribution found for neonize==0.5.2", "does not exist for this machine"),
        ("ERROR: something new", "something new"),
    ],
)
def test_a_failed_install_is_explained(complaint: str, told: str) -> None:
    assert told in bootstrap.explain(f"WARNING: retrying\n{complaint}\n")


def test_a_full_disk_is_noticed_before_anything_is_downloaded() -> None:
    bootstrap.refuse_without_room(bootstrap.ROOM_NEEDED_MB * 2**20)
    with pytest.raises(bootstrap.CannotInstall, match="the disk has 9 MB left"):
        bootstrap.refuse_without_room(9 * 2**20)


def test_the_lock_of_make_test_holds_what_make_run_needs() -> None:
    """Hence an installed `dev` makes `local` unnecessary."""
    local, dev = (bootstrap.lock(name).read_text().splitlines() for name in ("local", "dev"))
    pins = {line for line in local if "==" in line and not line.startswith(" ")}
    assert pins <= set(dev)


def test_a_browser_is_found_on_the_path_or_with_playwright(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path))
    assert not bootstrap.has_browser()
    (tmp_path / "chromium-1234").mkdir()
    assert bootstrap.has_browser()
    (tmp_path / "chromium-1234").rmdir()
    (tmp_path / "chromium").touch(mode=0o755)
    assert bootstrap.has_browser()
