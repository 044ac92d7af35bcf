"""What Balas asks of SQS: fairness, delays, back-off, partial failures, dead letters and their way back."""

import json
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import boto3
import pytest

from balas.aws import job_queue
from balas.aws.job_queue import DelayedJob, JobQueue, Replay
from tests.cloud import queues
from tests.cloud.cloud import Cloud
from tests.cloud.queues import Queues, a_job
from tests.cloud.targets import Capability
from tests.cloud.until import until

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


@pytest.fixture
def made(aws: Cloud) -> Iterator[Queues]:
    with queues.made() as made:
        yield made


def send(url: str, *texts: str) -> None:
    sqs: SQSClient = boto3.client("sqs")
    for text in texts:
        sqs.send_message(QueueUrl=url, MessageBody=text, MessageGroupId="a-tenant")


def make_dead(made: Queues, count: int) -> None:
    """Receives without deleting, until `count` messages are dead letters."""
    sqs: SQSClient = boto3.client("sqs")

    def dead() -> bool:
        queues.receive(made.url, hide_s=0)
        known = sqs.get_queue_attributes(
            QueueUrl=made.dead_letters_url, AttributeNames=["ApproximateNumberOfMessages"]
        )
        return int(known["Attributes"]["ApproximateNumberOfMessages"]) == count

    until(dead)


@pytest.mark.proves(Capability.FAIR_QUEUES)
def test_each_job_carries_its_tenant_as_message_group(made: Queues):
    jobs = [a_job(), a_job()]
    assert JobQueue(made.url).send([DelayedJob(job) for job in jobs]) == []
    received: dict[str, str] = {}

    def both() -> bool:
        for message in queues.receive(made.url):
            received[message.get("Body", "")] = message.get("Attributes", {}).get("MessageGroupId", "")
        return len(received) == 2

    until(both)
    assert received == {job_queue.body(job): str(job.tenant_id) for job in jobs}


@pytest.mark.proves(Capability.DELAYED_JOBS)
def test_a_delayed_job_waits_and_others_pass_it(made: Queues):
    later, now = a_job(), a_job()
    JobQueue(made.url).send([DelayedJob(later, timedelta(seconds=3)), DelayedJob(now)])
    sent_at = time.monotonic()
    assert until(lambda: queues.bodies(made.url)) == [job_queue.body(now)]
    assert until(lambda: queues.bodies(made.url)) == [job_queue.body(later)]
    assert time.monotonic() - sent_at >= 2.5


@pytest.mark.proves(Capability.BACK_OFF)
def test_a_job_that_backs_off_is_hidden_for_that_long(made: Queues):
    queue = JobQueue(made.url)
    queue.send([DelayedJob(a_job())])
    (first,) = until(lambda: queues.receive(made.url))
    queue.delay(first.get("ReceiptHandle", ""), timedelta(seconds=2))
    delayed_at = time.monotonic()
    (second,) = until(lambda: queues.receive(made.url))
    assert time.monotonic() - delayed_at >= 1.5
    assert second.get("Attributes", {}).get("ApproximateReceiveCount") == "2"


@pytest.mark.proves(Capability.PARTIAL_FAILURES, Capability.DEAD_LETTERS)
def test_of_a_batch_only_what_failed_comes_back_and_in_the_end_it_is_a_dead_letter(made: Queues):
    send(made.url, "one", "poison", "two")
    with queues.function(made) as consumer, queues.mapping(made, consumer):
        assert until(lambda: queues.bodies(made.dead_letters_url), 60) == ["poison"]
    deliveries = sorted(delivered(made))
    assert deliveries == ["one", "poison", "poison", "two"]


def delivered(made: Queues) -> Iterator[str]:
    """The body of each record that the function has seen."""
    while events := queues.bodies(made.seen_url):
        for event in events:
            records: list[dict[str, Any]] = json.loads(event)["Records"]
            yield from (record["body"] for record in records)


@pytest.mark.proves(Capability.DEAD_LETTERS)
def test_dead_letters_are_replayed_save_what_is_no_job(made: Queues):
    jobs = [a_job() for _ in range(12)]
    queue = JobQueue(made.url)
    queue.send([DelayedJob(job) for job in jobs])
    send(made.url, "poison")
    make_dead(made, 13)
    assert queue.replay(made.dead_letters_url) == Replay(moved=12, unreadable=1)
    back: dict[str, str] = {}

    def all_back() -> bool:
        for message in queues.receive(made.url):
            back[message.get("Body", "")] = message.get("Attributes", {}).get("MessageGroupId", "")
        return len(back) == len(jobs)

    until(all_back)
    assert back == {job_queue.body(job): str(job.tenant_id) for job in jobs}


@pytest.mark.proves(Capability.REDRIVE)
def test_sqs_itself_moves_dead_letters_back(made: Queues):
    text = str(uuid4())
    send(made.url, text)
    make_dead(made, 1)
    sqs: SQSClient = boto3.client("sqs")
    sqs.start_message_move_task(SourceArn=queues.arn_of(made.dead_letters_url))
    assert until(lambda: queues.bodies(made.url)) == [text]
