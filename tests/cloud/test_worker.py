"""From a customer's message to a reply that waits in the outbox, through the deployed queue and worker."""

import json
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3
import pytest

from balas.aws import job_queue
from balas.aws.job_queue import JobQueue, Replay
from tests.cloud import queues
from tests.cloud.app_stack import AppStack
from tests.cloud.queues import a_job
from tests.cloud.shop import Shop
from tests.cloud.targets import Capability
from tests.cloud.until import until
from tests.model_server import ModelServer

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_sqs import SQSClient

OUTBOX = "select count(*) from outbox where tenant_id = %(tenant_id)s and done_at is null"
BAD_LUCK = "kalimat ini gagal sekali"
FIRST_BACK_OFF_S = 5


def mentions(request: dict[str, object], text: str) -> bool:
    return text in json.dumps(request["messages"])


@pytest.mark.proves(Capability.QUEUE_TO_FUNCTION, Capability.OUR_FUNCTIONS)
def test_a_customers_question_becomes_a_reply_in_the_outbox(shop: Shop, model: ModelServer):
    model.says(reply="Buka sampai jam 9 malam kak")
    job = shop.hears("buka sampai jam berapa?")
    shop.publish()
    (reply,) = until(lambda: shop.replies(job))
    assert (reply["text"], reply["author"]) == ("Buka sampai jam 9 malam kak", "ai")
    assert reply["status"] == "pending"
    with shop.fleet.tenant_tx(shop.tenant_id) as tx:
        assert tx.scalar(int, OUTBOX) == 1
    assert len(model.requests) == 1


@pytest.mark.proves(Capability.BACK_OFF, Capability.OUR_FUNCTIONS)
def test_a_turn_that_fails_is_tried_again_after_its_back_off_and_holds_up_nobody(
    shop: Shop, model: ModelServer
):
    good = model.script
    tried_at: list[float] = []

    def fail_once(request: dict[str, object]) -> tuple[int, str]:
        if not mentions(request, BAD_LUCK):
            return good(request)
        tried_at.append(time.monotonic())
        return good(request) if len(tried_at) > 1 else (500, "no")

    model.script = fail_once
    unlucky = shop.hears(BAD_LUCK, customer="77001")
    others = [shop.hears("halo", customer=f"7800{n}") for n in range(3)]
    shop.publish()
    for job in others:
        until(lambda job=job: shop.replies(job))
    assert shop.replies(unlucky) == []
    until(lambda: shop.replies(unlucky))
    assert tried_at[1] - tried_at[0] >= FIRST_BACK_OFF_S - 0.5
    assert len(tried_at) == 2
    assert len(model.requests) == len(others) + 2, "whoever was answered is not asked about again"


@pytest.mark.proves(Capability.PARTIAL_FAILURES, Capability.OUR_FUNCTIONS)
def test_the_worker_names_exactly_the_records_that_failed(shop: Shop, stack: AppStack, model: ModelServer):
    good = model.script
    model.script = lambda request: (500, "no") if mentions(request, BAD_LUCK) else good(request)
    fine, failing = shop.hears("halo", customer="77001"), shop.hears(BAD_LUCK, customer="77002")
    records = {"fine": job_queue.body(fine), "poison": "{}", "failing": job_queue.body(failing)}
    functions: LambdaClient = boto3.client("lambda")
    answer = functions.invoke(
        FunctionName=stack.outputs["AiWorkerName"],
        Payload=json.dumps({"Records": [record(name, body) for name, body in records.items()]}),
    )
    failures = json.loads(answer["Payload"].read())["batchItemFailures"]
    assert [failure["itemIdentifier"] for failure in failures] == ["poison", "failing"]
    assert len(shop.replies(fine)) == 1
    assert shop.replies(failing) == []


@pytest.mark.proves(Capability.DEAD_LETTERS, Capability.OUR_FUNCTIONS)
def test_what_is_no_job_becomes_a_dead_letter_after_five_receives(
    shop: Shop, impatient: str, stack: AppStack
):
    sqs: SQSClient = boto3.client("sqs")
    sqs.send_message(QueueUrl=impatient, MessageBody="poison", MessageGroupId="nobody")
    job = shop.hears("halo")
    shop.publish()
    until(lambda: shop.replies(job))
    (dead,) = until(lambda: queues.receive(stack.outputs["DeadLetterQueueUrl"], hide_s=1), 60)
    assert dead.get("Body") == "poison"
    assert int(dead.get("Attributes", {}).get("ApproximateReceiveCount", 0)) > 5
    sqs.purge_queue(QueueUrl=stack.outputs["DeadLetterQueueUrl"])


@pytest.fixture
def impatient(stack: AppStack) -> Iterator[str]:
    """The inbound queue, showing a failed message again after one second instead of ninety."""
    sqs: SQSClient = boto3.client("sqs")
    url = stack.outputs["InboundQueueUrl"]
    usual = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])["Attributes"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "1"})
    yield url
    sqs.set_queue_attributes(QueueUrl=url, Attributes=usual)  # pyright: ignore[reportArgumentType] - a dict of str


@pytest.mark.proves(Capability.DEAD_LETTERS, Capability.OUR_FUNCTIONS)
def test_a_replayed_job_is_answered(shop: Shop, stack: AppStack):
    job = shop.hears("halo")
    dead_letters = JobQueue(stack.outputs["DeadLetterQueueUrl"])
    dead_letters.send([job_queue.DelayedJob(each) for each in (job, a_job())])
    inbound = JobQueue(stack.outputs["InboundQueueUrl"])
    assert inbound.replay(stack.outputs["DeadLetterQueueUrl"]) == Replay(moved=2, unreadable=0)
    until(lambda: shop.replies(job))


def record(name: str, body: str) -> dict[str, object]:
    """A message as a Lambda function gets it. Source: AWS Lambda, SQS event."""
    attributes = {"ApproximateReceiveCount": "1", "SentTimestamp": "0"}
    return {
        "messageId": name,
        "receiptHandle": "-",
        "body": body,
        "attributes": attributes,
        "messageAttributes": {},
        "eventSource": "aws:sqs",
    }
