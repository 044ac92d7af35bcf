"""Supervised child processes: ready, revived, stopped, and gone."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from balas.errors import Unavailable
from local import leftovers
from local.child import Child, Program
from local.settings import ROOT

DEADLINE_S = 10
PROGRAMS = {
    "calm": "import time, pathlib; pathlib.Path('up').touch(); time.sleep(600)",
    "deaf": (
        "import signal, time, pathlib; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
        "pathlib.Path('up').touch(); time.sleep(600)"
    ),
    "parent": (
        "import pathlib, subprocess, time; child = subprocess.Popen(['sleep', '600']); "
        "pathlib.Path('up').touch(); time.sleep(600)"
    ),
    "broken": "raise SystemExit(3)",
}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the programs as modules; children start there."""
    for name, text in PROGRAMS.items():
        (tmp_path / f"{name}_program.py").write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def program(name: str, place: Path) -> Program:
    return Program(
        name=f"the {name} one",
        arguments=[f"{name}_program"],
        environment={"BALAS_HOUSE": str(place)},
        log=place / f"{name}.log",
        is_ready=(place / "up").exists,
        grace_s=0.5,
    )


def wait_until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


@pytest.mark.parametrize("name", ["calm", "deaf", "parent"])
def test_stop_ends_a_program_and_what_it_started(name: str, place: Path) -> None:
    child = Child(program(name, place))
    child.await_ready()
    child.stop()
    wait_until(lambda: leftovers.find(place) == [])
    child.stop()


def test_a_program_that_ends_while_starting_names_its_log(place: Path) -> None:
    with pytest.raises(Unavailable, match=r"the broken one ended while starting: .*broken\.log"):
        Child(program("broken", place)).await_ready()


def test_a_dead_program_is_revived_after_a_growing_pause(place: Path) -> None:
    child = Child(program("broken", place))
    wait_until(lambda: child.process.poll() is not None)
    now = time.monotonic()
    assert "exit code 3" in (child.revive(now) or "")
    assert child.revive(now + 0.9) is None
    assert child.revive(now + 1.1) == "the broken one started again"
    wait_until(lambda: child.process.poll() is not None)
    assert "in 2 s" in (child.revive(now) or "")
    child.stop()


def test_a_killed_program_says_which_signal_and_comes_back(place: Path) -> None:
    child = Child(program("calm", place))
    child.await_ready()
    first = child.process.pid
    child.process.send_signal(signal.SIGKILL)
    wait_until(lambda: child.process.poll() is not None)
    assert "SIGKILL" in (child.revive(time.monotonic()) or "")
    wait_until(lambda: child.revive(time.monotonic() + 2) is None and child.process.pid != first)
    child.stop()


def test_a_program_sees_nothing_of_our_environment_that_it_need_not(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    child = Child(program("calm", place))
    child.await_ready()
    assert b"sk-secret" not in Path(f"/proc/{child.process.pid}/environ").read_bytes()
    child.stop()


HOUSE = """
import os, signal
from pathlib import Path
from local.child import Child, Program
mark = {"BALAS_HOUSE": os.getcwd()}
Child(Program("it", ["calm_program"], mark, Path("log"), Path("up").exists)).await_ready()
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_program_ends_with_its_killed_house(place: Path) -> None:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    killed = subprocess.run([sys.executable, "-c", HOUSE], env=environment, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert (place / "up").exists()
    wait_until(lambda: leftovers.find(place) == [])


def test_leftovers_of_a_killed_house_are_ended_even_when_deaf(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leftovers, "GRACE_S", 0.2)
    deaf = Child(program("deaf", place))
    deaf.await_ready()
    assert leftovers.end(place) == 1
    assert deaf.process.wait(DEADLINE_S) == -signal.SIGKILL
