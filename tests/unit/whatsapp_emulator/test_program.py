"""The program itself: one port for everything, clear words when it cannot start, a clean end."""

import http.client
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

ROOT = Path(__file__).parents[3]


def start(*arguments: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "whatsapp_emulator", *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def stdout(process: "subprocess.Popen[str]") -> IO[str]:
    assert process.stdout is not None
    return process.stdout


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    with start("--port", "0", "--state", str(tmp_path / "state")) as process:
        line = stdout(process).readline()
        assert line.startswith("whatsapp emulator ready: http://127.0.0.1:")
        yield int(line.rpartition(":")[2])
        process.terminate()
        assert process.wait(10) == 0


def fetch(port: int, method: str, path: str) -> tuple[int, str, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request(method, path)
    response = connection.getresponse()
    answer = response.status, response.headers.get("Content-Type", ""), response.read()
    connection.close()
    return answer


def test_the_phone_page_is_served_with_all_its_parts(port: int) -> None:
    status, kind, page = fetch(port, "GET", "/phone")
    assert (status, kind) == (200, "text/html; charset=utf-8")
    for name in ("phone.css", "main.js", "api.js", "chat.js", "owner.js", "customer.js"):
        assert fetch(port, "GET", f"/phone/{name}")[0] == 200
    assert b"https://" not in page


@pytest.mark.parametrize(
    "path", ["/phone/../__main__.py", "/phone/../../pyproject.toml", "/secret", "/phone/"]
)
def test_nothing_else_is_served(port: int, path: str) -> None:
    assert fetch(port, "GET", path)[0] == (200 if path == "/phone/" else 404)


def test_the_proxy_leads_to_whatsapp_only(port: int) -> None:
    for host, status in (("example.com:443", b"403"), ("web.whatsapp.com:443", b"200")):
        with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
            client.sendall(b"CONNECT %s HTTP/1.1\r\n\r\n" % host.encode())
            assert client.recv(100).split()[1] == status


def test_nonsense_is_answered_and_the_port_lives_on(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        client.sendall(b"what\r\n\r\n")
        assert client.recv(100).startswith(b"HTTP/1.1 400")
    assert fetch(port, "GET", "/phone")[0] == 200


def test_a_busy_port_is_said_to_be_busy(port: int, tmp_path: Path) -> None:
    with start("--port", str(port), "--state", str(tmp_path / "other")) as process:
        _, words = process.communicate(timeout=10)
    assert (process.returncode, f"port {port} is busy" in words) == (1, True)


def test_a_state_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with start("--port", "0", "--state", str(tmp_path / "file" / "state")) as process:
        _, words = process.communicate(timeout=10)
    assert (process.returncode, "give --state a writable folder" in words) == (1, True)


def test_a_world_has_one_emulator(port: int, tmp_path: Path) -> None:
    with start("--port", "0", "--state", str(tmp_path / "state")) as process:
        _, words = process.communicate(timeout=10)
    assert (process.returncode, "another emulator uses" in words) == (1, True)


def test_ctrl_c_ends_it_without_a_trace(tmp_path: Path) -> None:
    with start("--port", "0", "--state", str(tmp_path)) as process:
        stdout(process).readline()
        os.kill(process.pid, signal.SIGINT)
        _, words = process.communicate(timeout=10)
    assert (process.returncode, words) == (0, "")
