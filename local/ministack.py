"""MiniStack, the local AWS, as a child process.

It forgets everything when it ends, and `local.deploy` rebuilds it in a second: Postgres holds all state, and
the publisher finds the jobs that a queue has lost. (MiniStack can save its state, but names queues by port:
restored on another port, its event source mappings deliver nothing and say nothing.)
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx

from balas.errors import Unavailable

REGION = "ap-southeast-3"
START_LIMIT_S = 20
STOP_GRACE_S = 3
INHERITED = ("HOME", "LANG", "LC_ALL", "PATH", "SSL_CERT_DIR", "SSL_CERT_FILE")
"""All that MiniStack may take from our environment: its Lambda workers inherit whatever it has."""
LAUNCHER = """
import ctypes, logging, runpy, signal
ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG: die with the parent, also on kill -9
logging.getLogger("ses").setLevel("WARNING")  # it logs who is written to
runpy.run_module("ministack", run_name="__main__")
"""


@dataclass(frozen=True)
class MiniStack:
    """A running MiniStack; `endpoint` answers for every AWS service."""

    endpoint: str
    process: subprocess.Popen[bytes]

    def is_alive(self) -> bool:
        """True while the process runs and answers."""
        return self.process.poll() is None and _answers(self.endpoint)

    def stop(self) -> None:
        """End it and every Lambda worker it started; harmless when it has ended already."""
        self.process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(STOP_GRACE_S)
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def start(port: int, scratch: Path, log_file: Path) -> MiniStack:
    """MiniStack on 127.0.0.1:`port`, empty and answering; `scratch` is emptied, and holds its unpacked code.

    It dies with the thread that calls this, also on `kill -9`. Raises Unavailable, which names `log_file`.
    """
    endpoint = f"http://127.0.0.1:{port}"
    _refuse_busy(port)
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    with log_file.open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", LAUNCHER],
            env=_environment(port, scratch),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # one group with its Lambda workers, and no Ctrl-C from our terminal
        )
    ministack = MiniStack(endpoint, process)
    try:
        _wait_until_it_answers(ministack, log_file)
    except BaseException:
        ministack.stop()
        raise
    return ministack


@contextmanager
def running(port: int, scratch: Path, log_file: Path) -> Generator[MiniStack]:
    """`start`, and `stop` at the end of the block."""
    ministack = start(port, scratch, log_file)
    try:
        yield ministack
    finally:
        ministack.stop()


def client_environment(endpoint: str) -> dict[str, str]:
    """What a program needs in its environment to find this AWS."""
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
    }


def _environment(port: int, scratch: Path) -> dict[str, str]:
    inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
    return inherited | {
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        "IOT_MTLS_ENABLED": "0",  # this one and SFTP would listen on fixed ports of every interface
        "SFTP_ENABLED": "0",
        "MINISTACK_REGION": REGION,
        "STATE_DIR": str(scratch),
        "TMPDIR": str(scratch),
    }


def _refuse_busy(port: int) -> None:
    """Whoever listens there would be taken for our MiniStack."""
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", port)) == 0:
            raise Unavailable(f"port {port} is in use: end the program that listens there, or take another")


def _answers(endpoint: str) -> bool:
    try:
        return httpx.get(f"{endpoint}/_ministack/health", timeout=2, trust_env=False).is_success
    except httpx.HTTPError:
        return False


def _wait_until_it_answers(ministack: MiniStack, log_file: Path) -> None:
    deadline = time.monotonic() + START_LIMIT_S
    while not _answers(ministack.endpoint):
        if ministack.process.poll() is not None or time.monotonic() > deadline:
            raise Unavailable(f"MiniStack did not start at {ministack.endpoint}; {log_file} says why")
        time.sleep(0.05)
