"""The queue of jobs "look at this message". A job carries ids only: what is true stands in Postgres."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import boto3
import pydantic
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from balas.conversation import ConversationId, MessageId
from balas.errors import InvalidInput, Unavailable
from balas.tenant import TenantId

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

BATCH_LIMIT = 10
"""Source: SQS SendMessageBatch takes at most ten entries."""
DELAY_LIMIT = timedelta(minutes=15)
"""Source: SQS DelaySeconds, 0 to 900."""
VISIBILITY_LIMIT = timedelta(hours=12)
"""Source: SQS VisibilityTimeout, 0 to 43,200 seconds."""
CONNECTION = Config(connect_timeout=3, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 2})


@dataclass(frozen=True)
class Job:
    """Claims of the sender; the row found inside `tenant_tx` is the truth."""

    tenant_id: TenantId
    conversation_id: ConversationId
    message_id: MessageId


@dataclass(frozen=True)
class DelayedJob:
    """A job that becomes visible after `delay`, the pause in which a customer finishes his bubbles."""

    job: Job
    delay: timedelta = timedelta(0)


class JobQueue:
    """The queue at `url`. Its methods raise Unavailable when SQS does not answer."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._sqs: SQSClient = boto3.client("sqs", config=CONNECTION)

    def send(self, jobs: Sequence[DelayedJob]) -> list[DelayedJob]:
        """Put `jobs` on the queue, fair between tenants, and return those that SQS refused."""
        return [refused for batch in _batches(jobs) for refused in self._send_batch(batch)]

    def delay(self, receipt_handle: str, wait: timedelta) -> None:
        """Hide a received message for `wait` from now on; then it is delivered again."""
        seconds = _seconds(wait, VISIBILITY_LIMIT)
        try:
            self._sqs.change_message_visibility(
                QueueUrl=self._url, ReceiptHandle=receipt_handle, VisibilityTimeout=seconds
            )
        except (BotoCoreError, ClientError) as error:
            raise Unavailable("SQS did not change a message's visibility") from error

    def _send_batch(self, batch: Sequence[DelayedJob]) -> list[DelayedJob]:
        try:
            answer = self._sqs.send_message_batch(
                QueueUrl=self._url,
                Entries=[
                    {
                        "Id": str(index),
                        "MessageBody": body(delayed.job),
                        "MessageGroupId": str(delayed.job.tenant_id),
                        "DelaySeconds": _seconds(delayed.delay, DELAY_LIMIT),
                    }
                    for index, delayed in enumerate(batch)
                ],
            )
        except (BotoCoreError, ClientError) as error:
            raise Unavailable("SQS did not take a batch of jobs") from error
        return [batch[int(failure["Id"])] for failure in answer.get("Failed", [])]


def body(job: Job) -> str:
    """The text of a queue message."""
    return _Body(
        tenant_id=job.tenant_id, conversation_id=job.conversation_id, message_id=job.message_id
    ).model_dump_json()


def parse(text: str) -> Job:
    """The job in a queue message; raises InvalidInput when there is none, which no retry will fix."""
    try:
        parsed = _Body.model_validate_json(text)
    except pydantic.ValidationError as error:
        raise InvalidInput(f"the queue message is not a job: {error.error_count()} errors") from None
    return Job(
        TenantId(parsed.tenant_id), ConversationId(parsed.conversation_id), MessageId(parsed.message_id)
    )


class _Body(pydantic.BaseModel, extra="forbid"):
    tenant_id: UUID
    conversation_id: UUID
    message_id: UUID


def _batches(jobs: Sequence[DelayedJob]) -> Iterator[Sequence[DelayedJob]]:
    for start in range(0, len(jobs), BATCH_LIMIT):
        yield jobs[start : start + BATCH_LIMIT]


def _seconds(wait: timedelta, limit: timedelta) -> int:
    return round(max(timedelta(0), min(wait, limit)).total_seconds())
