"""One program of the house as a supervised child process."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from balas.errors import Unavailable
from local import ministack

READY_LIMIT_S = 30
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 30.0
CALM_S = 60
"""A child that ran this long starts again after the first pause; one that keeps dying waits ever longer."""
PR_SET_PDEATHSIG = 1  # Source: linux/prctl.h
INHERITED = (*ministack.INHERITED, "BALAS_HOUSE", "TMPDIR", "TZ")
"""All that a child may take from our environment: an API key in it is nobody's business."""


@dataclass(frozen=True)
class Program:
    """What to run: `python -m <arguments>`, logging to `log`; `is_ready` tells when others may rely on it."""

    name: str
    arguments: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    is_ready: Callable[[], bool]
    grace_s: float = 3


@dataclass
class Child:
    """A running program: told to end when we die, however we die, and started again when it dies first.

    To be made and revived by a thread that lives as long as we do: the kernel ends it with that thread.
    """

    program: Program
    process: subprocess.Popen[bytes] = field(init=False)
    _started_at: float = field(init=False)
    _restart_at: float | None = None
    _pause_s: float = FIRST_PAUSE_S

    def __post_init__(self) -> None:
        self._start()

    def await_ready(self) -> None:
        """Returns when the program is ready; raises Unavailable, naming its log, when it will not be."""
        deadline = time.monotonic() + READY_LIMIT_S
        while not self.program.is_ready():
            if self.process.poll() is not None:
                raise Unavailable(f"{self.program.name} ended while starting: {self.program.log} says why")
            if time.monotonic() > deadline:
                raise Unavailable(
                    f"{self.program.name} was not ready in {READY_LIMIT_S} s: see {self.program.log}"
                )
            time.sleep(0.05)

    def revive(self, now: float) -> str | None:
        """Starts it again if it died and has waited long enough; returns what to tell, if anything."""
        if self.process.poll() is None:
            return None
        if self._restart_at is None:
            pause_s = self._plan_restart(now)
            how, program = _how(self.process.returncode), self.program
            return f"{program.name} ended ({how}) and starts again in {pause_s:.0f} s: see {program.log}"
        if now < self._restart_at:
            return None
        self._sweep()
        self._start()
        return f"{self.program.name} started again"

    def stop(self) -> None:
        """Ends it and whatever it started: SIGTERM, and SIGKILL after its grace period."""
        with suppress(ProcessLookupError):
            self.process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(self.program.grace_s)
        self._sweep()
        self.process.wait()

    def _start(self) -> None:
        inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
        prctl = ctypes.CDLL(None).prctl
        with self.program.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *self.program.arguments],
                env={**inherited, "PYTHONUNBUFFERED": "1", **self.program.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # no Ctrl-C from our terminal: the house ends it in order
                preexec_fn=lambda: prctl(PR_SET_PDEATHSIG, signal.SIGTERM),  # noqa: PLW1509 - prctl only
            )
        self._started_at = time.monotonic()
        self._restart_at = None

    def _plan_restart(self, now: float) -> float:
        was_calm = now - self._started_at > CALM_S
        pause_s = FIRST_PAUSE_S if was_calm else self._pause_s
        self._restart_at, self._pause_s = now + pause_s, min(2 * pause_s, LONGEST_PAUSE_S)
        return pause_s

    def _sweep(self) -> None:
        """Kills what is left of its process group."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)


def _how(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
