"""What `make run` says and leaves behind when something is in the way, kills it or hangs."""

import os
import signal
import socket
from pathlib import Path

import httpx
import pytest

from tests.e2e.local_house import LocalHouse, Place, new_place, wait_for

REVIVED = {
    "local.fleet": "the session fleet started again",
    "local.front": "the front started again",
    "ministack": "MiniStack ended: building the local cloud anew",
}


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return new_place(tmp_path)


def test_a_busy_port_is_told_with_a_way_out(place: Place) -> None:
    with socket.create_server(("127.0.0.1", place.port)), LocalHouse(place) as house:
        house.wait_until_said(rf"port {place.port} .*make run BALAS_PORT=")
        assert house.process.wait(10) == 1
    assert place.processes() == []


def test_a_folder_that_cannot_be_written_is_told_with_a_way_out(place: Place) -> None:
    place.home.touch()
    with LocalHouse(place) as house:
        house.wait_until_said(r"cannot write to .*BALAS_HOME")
        assert house.process.wait(10) == 1


def test_a_killed_house_takes_its_programs_along_and_the_next_one_starts(place: Place) -> None:
    with LocalHouse(place) as first:
        login = first.login()
        with LocalHouse(place) as second:
            second.wait_until_said(rf"already runs .*process {first.process.pid}.*Ctrl-C")
            assert second.process.wait(10) == 1
        os.kill(first.process.pid, signal.SIGKILL)
        first.process.wait()
    with LocalHouse(place) as third:
        third.wait_until_said(rf"process {first.process.pid}\) was killed")
        assert third.login() == login
        third.stop()
    wait_for(lambda: place.processes() == [], "all programs ended")


def test_ctrl_c_ends_a_house_whose_programs_hang(place: Place) -> None:
    with LocalHouse(place) as house:
        house.login()
        for pid in _children_of(house.process.pid):
            os.kill(pid, signal.SIGSTOP)
        house.stop()
    wait_for(lambda: place.processes() == [], "all programs ended")


def test_a_program_that_dies_comes_back_and_without_postgres_the_house_ends(place: Place) -> None:
    with LocalHouse(place) as house:
        house.login()
        for program, told in REVIVED.items():
            _kill(house, program)
            house.wait_until_said(told)
            wait_for(lambda: _pings(place), "the API answers again", limit_s=30)
        _kill(house, "/postgres\0-D")
        house.wait_until_said("Postgres ended: see .*postgres.log")
        assert house.process.wait(20) == 1
    wait_for(lambda: place.processes() == [], "all programs ended")


def test_ctrl_c_while_it_starts_leaves_nothing(place: Place) -> None:
    with LocalHouse(place) as house:
        house.wait_until_said("Starting MiniStack")
        house.stop()
    wait_for(lambda: place.processes() == [], "all programs ended")


def _kill(house: LocalHouse, program: str) -> None:
    pids = [pid for pid in _children_of(house.process.pid) if program in _command(pid)]
    assert len(pids) == 1, program
    os.kill(pids[0], signal.SIGKILL)


def _command(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_text()


def _pings(place: Place) -> bool:
    try:
        return httpx.get(f"{place.origin}/api/v1/ping", timeout=10, trust_env=False).is_success
    except httpx.HTTPError:
        return False


def _children_of(parent: int) -> list[int]:
    stats = [entry / "stat" for entry in Path("/proc").iterdir() if entry.name.isdecimal()]
    found: list[int] = []
    for stat in stats:
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == parent:
            found.append(int(stat.parent.name))
    return found
