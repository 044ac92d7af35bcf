"""What a killed house left running: found by the mark that every child inherits, and ended."""

import os
import signal
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

GRACE_S = 5


def end(home: Path) -> int:
    """Ends every process that an earlier house in `home` started, and returns how many there were."""
    found = find(home)
    _signal(found, signal.SIGTERM)
    deadline = time.monotonic() + GRACE_S
    while find(home) and time.monotonic() < deadline:
        time.sleep(0.05)
    kill(home)
    return len(found)


def kill(home: Path) -> None:
    """Kills every process of the house in `home` but this one."""
    _signal(find(home), signal.SIGKILL)


def find(home: Path) -> list[int]:
    """The living processes of the house in `home`, this one excepted."""
    marks = {f"BALAS_HOUSE={home}".encode(), f"STATE_DIR={home / 'ministack'}".encode()}
    pids = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal()]
    return [pid for pid in pids if pid != os.getpid() and marks & _environment(pid)]


def _environment(pid: int) -> set[bytes]:
    """Empty for a stranger's process, and for one that has ended."""
    try:
        return set(Path(f"/proc/{pid}/environ").read_bytes().split(b"\0"))
    except OSError:
        return set()


def _signal(pids: Iterable[int], number: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)
