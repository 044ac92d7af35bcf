"""Throw-away queues with dead letters, and a tiny function that consumes one: on every cloud alike."""

import io
import json
import zipfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import boto3
from botocore.exceptions import ClientError

from balas.aws.job_queue import Job
from balas.conversation import ConversationId, MessageId
from balas.tenant import TenantId
from tests.cloud.until import until

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

RECEIVES = 2
FUNCTION = """
import json, os
import boto3

sqs = boto3.client("sqs")

def handle(event, context):
    # Tells the queue `seen` what came; what says "poison" fails.
    sqs.send_message(QueueUrl=os.environ["SEEN"], MessageBody=json.dumps(event))
    records = event.get("Records", []) if isinstance(event, dict) else []
    failed = [record["messageId"] for record in records if record["body"] == "poison"]
    return {"batchItemFailures": [{"itemIdentifier": name} for name in failed]}
"""
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": ["lambda.amazonaws.com", "scheduler.amazonaws.com"]},
            "Action": "sts:AssumeRole",
        }
    ],
}
POLICY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": ["sqs:*", "lambda:InvokeFunction"], "Resource": "*"}],
}


@dataclass(frozen=True)
class Queues:
    """A standard queue, its dead letters, and a third one on which a function tells what it saw."""

    url: str
    dead_letters_url: str
    seen_url: str


@dataclass(frozen=True)
class TinyFunction:
    name: str
    arn: str
    role_arn: str


@contextmanager
def made() -> Generator[Queues]:
    """Queues of a test's own; a message is received twice before it is a dead letter."""
    sqs: SQSClient = boto3.client("sqs")
    prefix = f"balas-test-{uuid4().hex[:8]}"
    dead = sqs.create_queue(QueueName=f"{prefix}-dead")["QueueUrl"]
    redrive = {"deadLetterTargetArn": arn_of(dead), "maxReceiveCount": RECEIVES}
    attributes = {"VisibilityTimeout": "3", "RedrivePolicy": json.dumps(redrive)}
    queue = sqs.create_queue(QueueName=prefix, Attributes=attributes)["QueueUrl"]  # pyright: ignore[reportArgumentType] - a dict of str
    seen = sqs.create_queue(QueueName=f"{prefix}-seen")["QueueUrl"]
    try:
        yield Queues(queue, dead, seen)
    finally:
        for url in (queue, dead, seen):
            sqs.delete_queue(QueueUrl=url)


@contextmanager
def function(queues: Queues) -> Generator[TinyFunction]:
    """A function of the test's own that tells `queues.seen_url` about every event."""
    functions: LambdaClient = boto3.client("lambda")
    name = f"balas-test-{uuid4().hex[:8]}"
    role_arn = _make_role(name)
    arn = until(lambda: _create(functions, name, role_arn, queues.seen_url), every_s=1)
    until(lambda: functions.get_function(FunctionName=name)["Configuration"].get("State") == "Active")
    try:
        yield TinyFunction(name, arn, role_arn)
    finally:
        functions.delete_function(FunctionName=name)
        iam: Any = boto3.client("iam")
        iam.delete_role_policy(RoleName=name, PolicyName="test")
        iam.delete_role(RoleName=name)


@contextmanager
def mapping(queues: Queues, consumer: TinyFunction) -> Generator[None]:
    """The function consumes the queue in batches of up to ten and reports what failed."""
    functions: LambdaClient = boto3.client("lambda")
    uuid = functions.create_event_source_mapping(
        EventSourceArn=arn_of(queues.url),
        FunctionName=consumer.name,
        BatchSize=10,
        MaximumBatchingWindowInSeconds=1,
        FunctionResponseTypes=["ReportBatchItemFailures"],
    ).get("UUID", "")
    try:
        yield
    finally:
        functions.delete_event_source_mapping(UUID=uuid)


def arn_of(url: str) -> str:
    sqs: SQSClient = boto3.client("sqs")
    return sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]


def receive(url: str, *, hide_s: int = 30) -> "list[MessageTypeDef]":
    """What the queue hands out within a second, with every attribute."""
    sqs: SQSClient = boto3.client("sqs")
    answer = sqs.receive_message(
        QueueUrl=url,
        MaxNumberOfMessages=10,
        WaitTimeSeconds=1,
        VisibilityTimeout=hide_s,
        AttributeNames=["All"],
    )
    return answer.get("Messages", [])


def bodies(url: str) -> list[str]:
    """The texts of the messages that the queue hands out within a second."""
    return [message.get("Body", "") for message in receive(url)]


def a_job(tenant: UUID | None = None) -> Job:
    return Job(TenantId(tenant or uuid4()), ConversationId(uuid4()), MessageId(uuid4()))


def _make_role(name: str) -> str:
    iam: Any = boto3.client("iam")
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))
    iam.put_role_policy(RoleName=name, PolicyName="test", PolicyDocument=json.dumps(POLICY))
    return role["Role"]["Arn"]


def _create(functions: "LambdaClient", name: str, role_arn: str, seen_url: str) -> str | None:
    """None while AWS does not know the new role everywhere."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr(zipfile.ZipInfo("handler.py"), FUNCTION)
    try:
        created = functions.create_function(
            FunctionName=name,
            Runtime="python3.13",
            Handler="handler.handle",
            Role=role_arn,
            Code={"ZipFile": archive.getvalue()},
            Environment={"Variables": {"SEEN": seen_url}},
            Timeout=10,
        )
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") != "InvalidParameterValueException":
            raise
        return None
    return created.get("FunctionArn")
