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
    from mypy_boto3_sqs.type_defs import MessageTypeDef

BATCH_LIMIT = 10
"""Source: SQS SendMessageBatch takes at most ten entries."""
DELAY_LIMIT = timedelta(minutes=15)
"""Source: SQS DelaySeconds, 0 to 900."""
VISIBILITY_LIMIT = timedelta(hours=12)
"""Source: SQS VisibilityTimeout, 0 to 43,200 seconds."""
REPLAY_HIDES_S = 60
"""While a dead letter is moved nobody else sees it; one that is left appears again after this."""
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


@dataclass(frozen=True)
class Replay:
    """How many dead letters were put on the queue again, and how many are no jobs and stay where they are."""

    moved: int
    unreadable: int


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

    def replay(self, dead_letters_url: str) -> Replay:
        """Put the jobs of a dead-letter queue on this queue again.

        When it is interrupted a job may be on both: the worker answers it once.
        """
        moved, unreadable = 0, set[str]()
        while letters := self._receive(dead_letters_url):
            jobs = {letter.get("ReceiptHandle", ""): _job(letter) for letter in letters}
            readable = {handle: DelayedJob(job) for handle, job in jobs.items() if job}
            refused = self._send_batch(list(readable.values())) if readable else []
            for handle, delayed in readable.items():
                if delayed not in refused:
                    self._delete(dead_letters_url, handle)
                    moved += 1
            unreadable |= {letter.get("MessageId", "") for letter in letters if _job(letter) is None}
        return Replay(moved, len(unreadable))

    def _receive(self, url: str) -> "list[MessageTypeDef]":
        try:
            answer = self._sqs.receive_message(
                QueueUrl=url,
                MaxNumberOfMessages=BATCH_LIMIT,
                VisibilityTimeout=REPLAY_HIDES_S,
                WaitTimeSeconds=1,
            )
        except (BotoCoreError, ClientError) as error:
            raise Unavailable("SQS did not hand out dead letters") from error
        return answer.get("Messages", [])

    def _delete(self, url: str, receipt_handle: str) -> None:
        try:
            self._sqs.delete_message(QueueUrl=url, ReceiptHandle=receipt_handle)
        except (BotoCoreError, ClientError) as error:
            raise Unavailable("SQS did not delete a dead letter that was replayed") from error

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


def _job(letter: "MessageTypeDef") -> Job | None:
    try:
        return parse(letter.get("Body", ""))
    except InvalidInput:
        return None


class _Body(pydantic.BaseModel, extra="forbid"):
    tenant_id: UUID
    conversation_id: UUID
    message_id: UUID


def _batches(jobs: Sequence[DelayedJob]) -> Iterator[Sequence[DelayedJob]]:
    for start in range(0, len(jobs), BATCH_LIMIT):
        yield jobs[start : start + BATCH_LIMIT]


def _seconds(wait: timedelta, limit: timedelta) -> int:
    return round(max(timedelta(0), min(wait, limit)).total_seconds())
