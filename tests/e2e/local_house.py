"""`python -m local` as a test runs it: on free ports, in a folder of its own, told by its terminal."""

import os
import queue
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TypeVar

from local import port
from local.settings import ROOT

T = TypeVar("T")
READY_LIMIT_S = 30
STOP_LIMIT_S = 20
NOT_OURS = ("BALAS_", "OPENAI_", "EMULATOR_", "DATABASE_URL", "WHATSAPP", "AWS_")


@dataclass(frozen=True)
class Place:
    """Where a house stands; a second start in the same place finds what the first left."""

    home: Path
    port: int
    emulator_port: int
    settings: dict[str, str] = field(default_factory=dict[str, str])
    """Further variables of its environment."""

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def emulator(self) -> str:
        return f"http://127.0.0.1:{self.emulator_port}"

    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(NOT_OURS)}
        return kept | {
            "BALAS_HOME": str(self.home),
            "BALAS_PORT": str(self.port),
            "BALAS_EMULATOR_PORT": str(self.emulator_port),
            **self.settings,
        }

    def processes(self) -> list[str]:
        """The command lines of all living processes that know this place, the house's own among them."""
        mark = str(self.home).encode()
        return [
            _read(entry / "cmdline").replace(b"\0", b" ").decode()
            for entry in Path("/proc").iterdir()
            if entry.name.isdecimal() and mark in _read(entry / "cmdline") + _read(entry / "environ")
        ]


def new_place(folder: Path, **settings: str) -> Place:
    """A place with a blank in its path, for newcomers have such folders."""
    return Place(folder / "rumah balas", port.find_free(), port.find_free(), settings)


class LocalHouse:
    """A house that was told to start; leaving the block ends it."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.said = ""
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "local"],
            cwd=ROOT,
            env=place.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        assert self.process.stdout
        self._listener = threading.Thread(target=self._listen, args=[self.process.stdout])
        self._listener.start()

    def __enter__(self) -> "LocalHouse":
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(STOP_LIMIT_S)
        self._listener.join()

    def wait_until_said(self, pattern: str, limit_s: float = READY_LIMIT_S) -> re.Match[str]:
        """The match of `pattern` in what the house said; fails with all of it when it is not said in time."""
        deadline = time.monotonic() + limit_s
        while not (found := re.search(pattern, self.said)):
            try:
                self.said += self._lines.get(timeout=max(0, deadline - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"not said in {limit_s} s: {pattern}\n{self.said}") from None
        return found

    def login(self) -> tuple[str, str]:
        """E-mail and password of the demo shop, once the house is ready."""
        assert self.wait_until_said(r"Balas is ready: (\S+)\n")[1] == self.place.origin
        found = self.wait_until_said(r"log in as (\S+), password (\S+)\n")
        return found[1], found[2]

    def stop(self) -> None:
        """Presses Ctrl-C, and waits until it has ended in good order."""
        self.process.send_signal(signal.SIGINT)
        assert self.process.wait(STOP_LIMIT_S) == 0

    def _listen(self, output: IO[str]) -> None:
        with output:
            for line in output:
                self._lines.put(line)


def wait_for(condition: Callable[[], T], what: str, limit_s: float = 15) -> T:
    """The first true value of `condition`."""
    deadline = time.monotonic() + limit_s
    while not (value := condition()):
        assert time.monotonic() < deadline, f"not in {limit_s} s: {what}"
        time.sleep(0.1)
    return value


@contextmanager
def program_alone(*arguments: str) -> Generator[str]:
    """`python -m <arguments>` outside any house, for the block; the address that it says."""
    command = [sys.executable, "-m", *arguments]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            ready = re.search(r"ready: (\S+)", process.stdout.readline())
            assert ready, "it did not start"
            yield ready[1]
        finally:
            process.terminate()


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        return b""
