"""LocalStack, the other local AWS, as a child process: without Docker and without a token.

Functions run through our own plugin: see `localstack_executor`, which says what that is and is not.
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
from pathlib import Path

import httpx

from balas.errors import Unavailable
from local.ministack import INHERITED, REGION
from tests.cloud import localstack_venv

START_LIMIT_S = 60
STOP_GRACE_S = 3
LAUNCHER = """
import ctypes, runpy, signal
ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG: die with the parent, also on kill -9
runpy.run_module("localstack.runtime.main", run_name="__main__")
"""


@contextmanager
def running(scratch: Path, log_file: Path) -> Generator[str]:
    """The endpoint of an empty LocalStack on a free port, until the block ends; it writes to `scratch` only.

    It dies with the thread that calls this, also on `kill -9`. Raises Unavailable, which names what to do.
    """
    if not localstack_venv.PYTHON.exists():
        raise Unavailable("LocalStack is not installed: say `make test-localstack`, which installs it")
    port = _free_port()
    with log_file.open("wb") as log:
        process = subprocess.Popen(
            [localstack_venv.PYTHON, "-c", LAUNCHER],
            env=_environment(port, scratch),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # one group with its functions, and no Ctrl-C from our terminal
        )
    try:
        endpoint = f"http://127.0.0.1:{port}"
        _wait_until_it_answers(endpoint, process, log_file)
        yield endpoint
    finally:
        _stop(process)


def _environment(port: int, scratch: Path) -> dict[str, str]:
    shutil.rmtree(scratch, ignore_errors=True)
    (scratch / "tmp").mkdir(parents=True)
    inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
    return inherited | {
        "GATEWAY_LISTEN": f"127.0.0.1:{port}",
        "LOCALSTACK_HOST": f"127.0.0.1:{port}",
        "SQS_ENDPOINT_STRATEGY": "path",
        "LAMBDA_RUNTIME_EXECUTOR": "subprocess",
        "LAMBDA_SUBPROCESS_PYTHON": sys.executable,
        "PROVIDER_OVERRIDE_CLOUDFORMATION": "engine-legacy",  # the new one loses empty parameters
        "DISABLE_EVENTS": "1",  # no calls home
        "SKIP_SSL_CERT_DOWNLOAD": "1",
        "DNS_ADDRESS": "0",  # no DNS server of its own
        "HOME": str(scratch),  # its plugin cache would not see an executor that was installed later
        "FILESYSTEM_ROOT": str(scratch / "filesystem"),
        "TMPDIR": str(scratch / "tmp"),
        "AWS_DEFAULT_REGION": REGION,
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_until_it_answers(endpoint: str, process: subprocess.Popen[bytes], log_file: Path) -> None:
    deadline = time.monotonic() + START_LIMIT_S
    while not _answers(endpoint):
        if process.poll() is not None or time.monotonic() > deadline:
            raise Unavailable(f"LocalStack did not start at {endpoint}; {log_file} says why")
        time.sleep(0.1)


def _answers(endpoint: str) -> bool:
    try:
        return httpx.get(f"{endpoint}/_localstack/health", timeout=5, trust_env=False).is_success
    except httpx.HTTPError:
        return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(STOP_GRACE_S)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
