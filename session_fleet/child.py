"""A child process of the supervisor: it dies with us, prints nothing on stdout, and gives signs of life."""

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

PR_SET_PDEATHSIG = 1
"""Source: linux/prctl.h; the kernel sends the signal when the thread that started the child ends."""
SILENCE_LIMIT_S = 20.0
START_LIMIT_S = 60.0
"""Importing neonize on a busy machine takes a while; only then does the heart begin to beat."""


@dataclass
class Child:
    """`owner` is the name under which it takes leases."""

    owner: str
    process: subprocess.Popen[bytes]
    heartbeat_fd: int | None
    started_at: float = field(default_factory=time.monotonic)
    heard_at: float | None = None

    def is_running(self) -> bool:
        return self.process.poll() is None

    def is_silent(self) -> bool:
        """Whether it has beaten for too long not at all: frozen, or stuck."""
        if self.heartbeat_fd is None:
            return False
        try:
            if os.read(self.heartbeat_fd, 65536):
                self.heard_at = time.monotonic()
        except BlockingIOError:
            pass
        if self.heard_at is None:
            return time.monotonic() - self.started_at > START_LIMIT_S
        return time.monotonic() - self.heard_at > SILENCE_LIMIT_S

    def tell_to_stop(self) -> None:
        if self.is_running():
            self.process.terminate()

    def kill(self) -> None:
        """Ends it at once, frozen or not, and returns when it is gone."""
        self.process.kill()
        self.process.wait()

    def forget(self) -> None:
        """Frees what we keep of one that has ended."""
        if self.heartbeat_fd is not None:
            os.close(self.heartbeat_fd)
            self.heartbeat_fd = None


def start(launcher: Sequence[str], arguments: Sequence[str], owner: str) -> Child:
    """A child without a heart: one that ends by itself."""
    return Child(owner, _spawn([*launcher, *arguments], ()), None)


def start_with_heartbeat(launcher: Sequence[str], arguments: Sequence[str], owner: str) -> Child:
    """Passes the writing end of a pipe as `--heartbeat-fd`."""
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    try:
        process = _spawn([*launcher, *arguments, "--heartbeat-fd", str(writing)], (writing,))
    finally:
        os.close(writing)
    return Child(owner, process, reading)


def _spawn(command: Sequence[str], pass_fds: Sequence[int]) -> subprocess.Popen[bytes]:
    prctl = ctypes.CDLL(None).prctl
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,  # Go prints QR codes and message errors there
        pass_fds=pass_fds,
        # Every 1:1 message would carry a mark of a bot: neonize reads this when it is exec'ed.
        env=os.environ | {"NEONIZE_BOT_TAG": "off"},
        preexec_fn=lambda: prctl(PR_SET_PDEATHSIG, signal.SIGTERM),  # noqa: PLW1509 - prctl only
    )
