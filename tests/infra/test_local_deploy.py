"""The committed template on a real MiniStack: queue to worker, request to API, and what a second deploy does.

The functions here are tiny ones that answer with what they were given; `tests/flow` runs our own.
"""

import io
import json
import signal
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any, cast
from uuid import UUID, uuid4

import httpx
import pytest

from balas.aws import job_queue, secrets
from balas.aws.job_queue import DelayedJob, Job, JobQueue
from balas.conversation import ConversationId, MessageId
from balas.errors import InvalidInput, Misconfigured, Unavailable
from balas.tenant import TenantId
from local import deploy, ministack
from local.deploy import Outputs
from local.ministack import MiniStack

PARAMETERS = {"PublicOrigin": "http://127.0.0.1:8000"}
SECRETS = {
    "balas/local/api": {"token_key": "of the api"},
    "balas/local/ai-worker": {"database_url": "nowhere"},
    "balas/local/odd": {"number": cast(str, 4711)},
}

API = """
import json, os, time

def handle(event, context):
    if event["rawPath"].endswith("/slow"):
        time.sleep(2)
    body = {"version": "VERSION", "event": event, "environment": dict(os.environ)}
    return {"statusCode": 200, "cookies": ["a=1; HttpOnly", "b=2"], "body": json.dumps(body)}
"""
WORKER = """
import json, pathlib, time

def handle(event, context):
    (record,) = event["Records"]
    seen = pathlib.Path("SEEN")
    with (seen / record["messageId"]).open("a") as file:
        file.write(json.dumps(record) + "\\n")
    while (seen / "hold").exists():
        time.sleep(0.02)
    failed = [{"itemIdentifier": record["messageId"]}] if (seen / "fail").exists() else []
    return {"batchItemFailures": failed}
"""

STARTER = """
import pathlib, sys, time
from local import ministack
home = pathlib.Path(sys.argv[2])
print(ministack.start(int(sys.argv[1]), home / "scratch", home / "log").process.pid, flush=True)
time.sleep(60)
"""


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MiniStack]:
    folder = tmp_path_factory.mktemp("cloud")
    with ministack.running(free_port(), folder / "scratch", folder / "log") as running:
        yield running


@pytest.fixture(autouse=True)
def aws(cloud: MiniStack, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ministack.client_environment(cloud.endpoint).items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def seen(tmp_path: Path) -> Path:
    """Where the worker writes what it received."""
    folder = tmp_path / "seen"
    folder.mkdir()
    return folder


@pytest.fixture
def outputs(cloud: MiniStack, seen: Path) -> Outputs:
    return deployed(cloud, seen, "1")


def deployed(cloud: MiniStack, seen: Path, version: str) -> Outputs:
    code = {
        "api.zip": archive("functions/api/handler.py", API.replace("VERSION", version)),
        "ai_worker.zip": archive("functions/ai_worker/handler.py", WORKER.replace("SEEN", str(seen))),
        "followup.zip": archive("functions/followup/handler.py", "def handle(event, context): pass"),
    }
    return deploy.deploy(cloud.endpoint, PARAMETERS, SECRETS, code)


def archive(name: str, source: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr(zipfile.ZipInfo(name), source)
    return buffer.getvalue()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def a_job(tenant: UUID | None = None) -> Job:
    return Job(TenantId(tenant or uuid4()), ConversationId(uuid4()), MessageId(uuid4()))


def until(condition: Callable[[], bool], limit_s: float = 20) -> None:
    deadline = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def records(seen: Path) -> list[dict[str, Any]]:
    """Every delivery, one for each time that a message was received."""
    files = (path for path in seen.iterdir() if path.name not in ("hold", "fail"))
    return [json.loads(line) for path in files for line in path.read_text().splitlines()]


def test_a_sent_job_reaches_the_worker_with_ids_only(outputs: Outputs, seen: Path):
    job = a_job()
    assert JobQueue(outputs.inbound_queue_url).send([DelayedJob(job)]) == []
    until(lambda: len(records(seen)) == 1)
    (record,) = records(seen)
    assert job_queue.parse(record["body"]) == job
    assert set(json.loads(record["body"])) == {"tenant_id", "conversation_id", "message_id"}
    assert record["attributes"]["MessageGroupId"] == str(job.tenant_id)


def test_a_delayed_job_waits(outputs: Outputs, seen: Path):
    queue = JobQueue(outputs.inbound_queue_url)
    later, now = a_job(), a_job()
    queue.send([DelayedJob(later, timedelta(seconds=2)), DelayedJob(now)])
    until(lambda: len(records(seen)) == 2)
    sent = {job_queue.parse(r["body"]): r["attributes"] for r in records(seen)}
    waited_ms = {
        job: int(a["ApproximateFirstReceiveTimestamp"]) - int(a["SentTimestamp"]) for job, a in sent.items()
    }
    assert waited_ms[later] >= 2000 > waited_ms[now]


def test_more_than_ten_jobs_go_in_several_batches(outputs: Outputs, seen: Path):
    jobs = [a_job() for _ in range(23)]
    assert JobQueue(outputs.inbound_queue_url).send([DelayedJob(job) for job in jobs]) == []
    until(lambda: len(records(seen)) == 23)
    assert {job_queue.parse(r["body"]) for r in records(seen)} == set(jobs)


def test_eight_shops_are_answered_at_once(outputs: Outputs, seen: Path):
    (seen / "hold").touch()
    JobQueue(outputs.inbound_queue_url).send([DelayedJob(a_job()) for _ in range(8)])
    until(lambda: len(records(seen)) == 8)
    (seen / "hold").unlink()


def test_a_failed_job_comes_back_when_the_worker_said(outputs: Outputs, seen: Path):
    (seen / "fail").touch()
    (seen / "hold").touch()
    queue = JobQueue(outputs.inbound_queue_url)
    queue.send([DelayedJob(a_job())])
    until(lambda: len(records(seen)) == 1)
    queue.delay(records(seen)[0]["receiptHandle"], timedelta(seconds=1))
    (seen / "hold").unlink()
    until(lambda: len(records(seen)) >= 2)
    (seen / "fail").unlink()
    assert records(seen)[1]["attributes"]["ApproximateReceiveCount"] == "2"


def test_a_queue_that_is_gone_is_unavailable(cloud: MiniStack):
    gone = JobQueue(f"{cloud.endpoint}/000000000000/no-such-queue")
    with pytest.raises(Unavailable, match="SQS"):
        gone.send([DelayedJob(a_job())])


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"tenant_id": "1"}', "x" * 60_000])
def test_a_message_that_is_no_job_is_invalid_and_not_repeated_in_the_error(text: str):
    with pytest.raises(InvalidInput) as caught:
        job_queue.parse(text)
    assert "x" * 10 not in str(caught.value)


def test_a_program_reads_its_secret(outputs: Outputs):
    assert secrets.load("balas/local/api") == {"token_key": "of the api"}


def test_a_missing_secret_is_named(outputs: Outputs):
    with pytest.raises(Misconfigured, match="balas/local/nobody"):
        secrets.load("balas/local/nobody")


def test_a_malformed_secret_is_named_and_its_value_is_not_shown(outputs: Outputs):
    with pytest.raises(Misconfigured, match="balas/local/odd") as caught:
        secrets.load("balas/local/odd")
    assert "4711" not in str(caught.value)


def test_the_api_answers_with_cookies_both_ways(outputs: Outputs):
    answer = httpx.get(f"{outputs.api_url}/api/v1/x%20y?q=a%2Bb&q=2", headers={"cookie": "refresh=r; b=2"})
    event = answer.json()["event"]
    assert answer.headers.get_list("set-cookie") == ["a=1; HttpOnly", "b=2"]
    assert event["headers"]["cookie"] == "refresh=r; b=2"
    assert (event["rawPath"], event["rawQueryString"]) == ("/api/v1/x y", "q=a%2Bb&q=2")


def test_a_slow_request_does_not_hold_up_others(outputs: Outputs):
    with ThreadPoolExecutor(3) as pool:
        slow = [pool.submit(httpx.get, f"{outputs.api_url}/slow", timeout=20) for _ in range(3)]
        assert httpx.get(f"{outputs.api_url}/quick", timeout=20).is_success
        assert not any(request.done() for request in slow)
        assert all(request.result().is_success for request in slow)


def test_a_function_sees_its_settings_and_nothing_of_our_shell(
    cloud: MiniStack, tmp_path: Path, seen: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("OPENAI_API_KEY", "of the developer")
    with ministack.running(free_port(), tmp_path / "scratch", tmp_path / "log") as another:
        environment = httpx.get(deployed(another, seen, "1").api_url).json()["environment"]
    assert environment["SECRETS_NAME"] == "balas/local/api"
    assert environment["PUBLIC_ORIGIN"] == PARAMETERS["PublicOrigin"]
    assert environment["AWS_ENDPOINT_URL"] == another.endpoint
    assert environment["AWS_REGION"] == ministack.REGION
    assert "OPENAI_API_KEY" not in environment


def test_a_second_deploy_changes_nothing_but_the_code(cloud: MiniStack, seen: Path):
    first = deployed(cloud, seen, "1")
    assert httpx.get(first.api_url).json()["version"] == "1"
    assert deployed(cloud, seen, "2") == first
    assert httpx.get(first.api_url).json()["version"] == "2"


def test_our_own_code_packs_to_the_same_bytes():
    assert deploy.package() == deploy.package()


def test_a_deploy_without_a_parameter_says_which(cloud: MiniStack):
    with pytest.raises(Unavailable, match="PublicOrigin"):
        deploy.deploy(cloud.endpoint, {}, {}, {"api.zip": b"", "ai_worker.zip": b"", "followup.zip": b""})


def test_a_busy_port_is_refused_with_its_number(cloud: MiniStack, tmp_path: Path):
    port = int(cloud.endpoint.rsplit(":", 1)[1])
    with pytest.raises(Unavailable, match=str(port)):
        ministack.start(port, tmp_path / "scratch", tmp_path / "log")


def test_stop_ends_a_worker_that_is_busy(tmp_path: Path, seen: Path, monkeypatch: pytest.MonkeyPatch):
    with ministack.running(free_port(), tmp_path / "scratch", tmp_path / "log") as running:
        monkeypatch.setenv("AWS_ENDPOINT_URL", running.endpoint)
        (seen / "hold").touch()
        JobQueue(deployed(running, seen, "1").inbound_queue_url).send([DelayedJob(a_job())])
        until(lambda: len(records(seen)) == 1)
        assert len(members(running.process.pid)) == 2
    until(lambda: members(running.process.pid) == [])  # a killed process takes a moment to go


def test_ministack_dies_with_the_process_that_started_it(tmp_path: Path):
    port = free_port()
    command = [sys.executable, "-c", STARTER, str(port), str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert members(child)
        parent.send_signal(signal.SIGKILL)
    until(lambda: members(child) == [])


def members(group: int) -> list[str]:
    """The living processes of a process group."""
    listing = subprocess.run(["ps", "-eo", "pgid=,stat=,args="], capture_output=True, text=True, check=True)
    rows = (line.split(maxsplit=2) for line in listing.stdout.splitlines())
    return [args for pgid, stat, args in rows if int(pgid) == group and not stat.startswith("Z")]
