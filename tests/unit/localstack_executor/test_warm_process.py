"""The process that stands in for Lambda's container in LocalStack's host mode."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.cloud.localstack_executor.balas_localstack_executor.warm_process import (
    Function,
    InitFailed,
    Outcome,
    WarmProcess,
)

HANDLER = """
import os, sys, time
calls = 0

def count(event, context):
    global calls
    calls += 1
    return calls

def echo(event, context):
    print("seen", event)
    return {"event": event, "request": context.aws_request_id, "arn": context.invoked_function_arn}

def fail(event, context):
    raise ValueError("no such thing")

def sleep(event, context):
    print("asleep", flush=True)
    time.sleep(event)
    return context.get_remaining_time_in_millis()

def leave(event, context):
    os._exit(7) if event == "leave" else None
    return os.getpid()

def strange(event, context):
    return object()

def native(event, context):
    os.write(1, b"from C\\n")
    os.write(2, b"and errors\\n")

def surroundings(event, context):
    return {"environment": dict(os.environ), "folder": os.getcwd(), "first": sys.path[0]}
"""

ASKER = """
import pathlib, sys
from tests.cloud.localstack_executor.balas_localstack_executor.warm_process import Function, WarmProcess
process = WarmProcess(sys.executable, Function("code.sleep", pathlib.Path(sys.argv[1]), {}, 100))
process.start()
print(process.pid, flush=True)
process.invoke({"request_id": "", "arn": "", "trace_id": "", "event": "60"})
"""

ROOT = Path(__file__).parents[3]
Start = Callable[..., WarmProcess]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    (tmp_path / "code.py").write_text(HANDLER)
    (tmp_path / "broken.py").write_text("import no_such_package")
    started: list[WarmProcess] = []

    def begin(handler: str, timeout_s: float = 20, **environment: object) -> WarmProcess:
        process = WarmProcess(sys.executable, Function(handler, tmp_path, environment, timeout_s))
        started.append(process)
        process.start()
        return process

    yield begin
    for process in started:
        process.stop()


def invoke(process: WarmProcess, event: object = None) -> Outcome:
    request = {"request_id": "r-1", "arn": "arn:f", "trace_id": "Root=1", "event": json.dumps(event)}
    return process.invoke(request)


def answer(process: WarmProcess, event: object = None) -> Any:
    outcome = invoke(process, event)
    assert not outcome.is_error, outcome
    return json.loads(outcome.payload)


def error(process: WarmProcess, event: object = None) -> dict[str, Any]:
    outcome = invoke(process, event)
    assert outcome.is_error, outcome
    return json.loads(outcome.payload)


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def until(condition: Callable[[], bool], limit_s: float = 10) -> None:
    deadline = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


def test_a_handler_gets_its_event_and_context(start: Start):
    event = {"text": "halo 😂\n", "n": 1.5, "nothing": None}
    assert answer(start("code.echo"), event) == {"event": event, "request": "r-1", "arn": "arn:f"}


def test_a_process_stays_warm(start: Start):
    process = start("code.count")
    assert [answer(process) for _ in range(3)] == [1, 2, 3]


def test_two_processes_of_a_function_share_nothing(start: Start):
    first, second = start("code.count"), start("code.count")
    assert (answer(first), answer(first), answer(second)) == (1, 2, 1)


def test_an_event_of_six_megabytes_passes_both_ways(start: Start):
    text = "x" * 6_000_000
    assert answer(start("code.echo"), text)["event"] == text


def test_an_exception_is_reported_as_lambda_does(start: Start):
    process = start("code.fail")
    reported = error(process)
    assert (reported["errorType"], reported["errorMessage"]) == ("ValueError", "no such thing")
    assert "in fail" in reported["stackTrace"][-1]
    assert error(process)["requestId"] == "r-1"


def test_an_answer_that_is_not_json_is_an_error(start: Start):
    assert error(start("code.strange"))["errorType"] == "TypeError"


def test_a_handler_that_takes_too_long_is_killed_and_the_next_event_finds_a_new_one(start: Start):
    process = start("code.sleep", timeout_s=0.5)
    pid = process.pid
    assert error(process, 60) == {
        "errorType": "Sandbox.Timedout",
        "errorMessage": "Task timed out after 0.50 seconds",
    }
    assert pid is not None
    assert not is_alive(pid)
    assert answer(process, 0) >= 0


def test_the_remaining_time_counts_down(start: Start):
    assert 1000 < answer(start("code.sleep", AWS_LAMBDA_FUNCTION_TIMEOUT=2), 0.2) <= 1800


def test_a_handler_that_ends_its_process_is_an_error_and_the_next_event_finds_a_new_one(start: Start):
    process = start("code.leave")
    first = answer(process, "stay")
    assert error(process, "leave")["errorMessage"] == "Runtime exited, exit code 7"
    assert answer(process, "stay") != first


@pytest.mark.parametrize("handler", ["broken.handle", "code.no_such_function", "no_such_module.handle"])
def test_a_handler_that_cannot_be_imported_says_why(handler: str, start: Start):
    with pytest.raises(InitFailed) as caught:
        start(handler)
    assert json.loads(caught.value.payload)["errorType"] in ("ModuleNotFoundError", "AttributeError")


def test_the_logs_of_an_invocation_hold_what_it_wrote_and_no_more(start: Start):
    process = start("code.native")
    assert [invoke(process).logs for _ in range(2)] == ["from C\nand errors\n"] * 2
    assert process.logs() == "from C\nand errors\n" * 2


def test_a_function_sees_its_own_settings_and_nothing_of_our_shell(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("OPENAI_API_KEY", "of the developer")
    seen = answer(start("code.surroundings", SECRETS_NAME="balas/x", SIZE=1024))
    assert (seen["environment"]["SECRETS_NAME"], seen["environment"]["SIZE"]) == ("balas/x", "1024")
    assert "OPENAI_API_KEY" not in seen["environment"]
    assert (seen["folder"], seen["first"]) == (str(tmp_path), str(tmp_path))


def test_stop_ends_a_handler_that_is_busy(start: Start):
    process = start("code.sleep")
    pid = process.pid
    assert pid is not None
    with ThreadPoolExecutor(1) as pool:
        busy = pool.submit(invoke, process, 60)
        until(lambda: "asleep" in process.logs())
        process.stop()
        assert busy.result(10).is_error
    assert not is_alive(pid)


def test_a_busy_handler_ends_when_who_asked_is_killed(start: Start, tmp_path: Path):
    start("code.count")  # writes the handler's file
    command = [sys.executable, "-c", ASKER, str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as asker:
        assert asker.stdout
        pid = int(asker.stdout.readline())
        assert is_alive(pid)
        asker.kill()
    until(lambda: not is_alive(pid))
