"""The folder that `make run` keeps its state in: one house at a time, its secrets, and room on the disk."""

import fcntl
import json
import os
import secrets
import shlex
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from balas.db.bootstrap import ROLES
from balas.errors import Misconfigured, Unavailable

ROOM_NEEDED = 512 * 1024 * 1024
WAY_OUT = "set BALAS_HOME to another folder"


@dataclass(frozen=True)
class Secrets:
    """What this house made up on its first start. The demo shop's login is among it."""

    role_passwords: dict[str, str]
    token_key: str
    demo_email: str
    demo_password: str


class StateFolder:
    """An open state folder; the house that opened it is its only user until it ends, however it ends."""

    def __init__(self, path: Path, lock: int, killed_pid: int | None) -> None:
        self.path = path
        self.killed_pid = killed_pid
        """The process that used the folder before and was killed, so that its children may be left over."""
        self._lock = lock

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    def secrets(self) -> Secrets:
        """The secrets of this house, made on first use and readable by its user only."""
        file = self.path / "secrets.json"
        if not file.exists():
            _write_private(file, json.dumps(asdict(_new_secrets()), indent=1))
        try:
            return Secrets(**json.loads(file.read_text()))
        except (ValueError, TypeError) as error:
            raise Misconfigured(
                f"{file} is damaged: restore it, or delete {self.path} to start afresh (its shops are lost)"
            ) from error

    def refuse_other_whatsapp(self, kind: str) -> None:
        """Raises Misconfigured when the devices in this folder are of the other kind, `real` or `emulated`.

        A WhatsApp that does not know a device logs it out, and its keys are deleted.
        """
        file = self.path / "whatsapp"
        if not file.exists():
            file.write_text(kind)
        if (before := file.read_text()) != kind:
            raise Misconfigured(
                f"the shops in {self.path} are linked to {before} WhatsApp and would be logged out: {WAY_OUT}"
            )

    def tell_operator(self, variables: Mapping[str, str]) -> None:
        """Writes what `make admin` sources, readable by this user only."""
        lines = (f"{name}={shlex.quote(value)}\n" for name, value in variables.items())
        _write_private(self.path / "operator.env", "".join(lines))

    def is_marked(self, name: str) -> bool:
        """True once `mark(name)` was called, also in an earlier run."""
        return (self.path / f"{name}.done").exists()

    def mark(self, name: str) -> None:
        (self.path / f"{name}.done").touch()

    def close(self) -> None:
        """Gives the folder back; the next house finds that this one ended in good order."""
        os.ftruncate(self._lock, 0)
        os.close(self._lock)


def open_folder(path: Path) -> StateFolder:
    """The state folder at `path`, made if needed and locked; raises what stands in the way, and a way out."""
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.chmod(0o700)
        (path / "logs").mkdir(exist_ok=True)
        lock = os.open(path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise Misconfigured(f"cannot write to {path} ({error.strerror}): {WAY_OUT}") from error
    killed_pid = _take(lock, path)
    refuse_without_room(path, shutil.disk_usage(path).free)
    return StateFolder(path, lock, killed_pid)


def refuse_without_room(path: Path, free_bytes: int) -> None:
    """Raises Unavailable when the disk under `path` is about to be full."""
    if free_bytes < ROOM_NEEDED:
        free, needed = free_bytes // 2**20, ROOM_NEEDED // 2**20
        raise Unavailable(
            f"the disk of {path} has {free} MB left, Balas wants {needed} MB: free some, or {WAY_OUT}"
        )


def _take(lock: int, path: Path) -> int | None:
    """Locks, and returns the process that held the lock before and could not clear it.

    The kernel drops a lock with its process, so that none can be stale.
    """
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        holder = os.pread(lock, 20, 0).decode() or "unknown"
        os.close(lock)
        raise Unavailable(
            f"Balas already runs in {path} (process {holder}): stop that one with Ctrl-C, or {WAY_OUT}"
        ) from error
    before = os.pread(lock, 20, 0).decode()
    try:
        os.ftruncate(lock, 0)
        os.pwrite(lock, str(os.getpid()).encode(), 0)
    except OSError as error:
        raise Unavailable(
            f"cannot write to {path} ({error.strerror}): free some space, or {WAY_OUT}"
        ) from error
    return int(before) if before.isdecimal() else None


def _new_secrets() -> Secrets:
    return Secrets(
        role_passwords={role: secrets.token_hex(16) for role in ROLES},
        token_key=secrets.token_urlsafe(32),
        demo_email=f"warung-{secrets.token_hex(3)}@demo.example",
        demo_password=secrets.token_hex(6),
    )


def _write_private(file: Path, text: str) -> None:
    draft = file.with_suffix(".draft")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as output:
        output.write(text)
        output.flush()
        os.fsync(output.fileno())
    draft.replace(file)
