"""Lambda entry of the AI worker: a batch of jobs from SQS, each retried or handed over on its own."""

import os
import time
import traceback
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,  # pyright: ignore[reportUnknownVariableType] - its callback is untyped
)
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from balas import llm
from balas.agent.chat import ChatMessage, Completion
from balas.aws import job_queue
from balas.aws.job_queue import Job, JobQueue
from balas.aws.schedules import Wake
from balas.db.database import Database
from balas.errors import BalasError, Unavailable
from functions.ai_worker import settings
from functions.ai_worker.reply import give_up, planned_follow_up, reply

TURN_S = 35.0
BACK_OFF = (timedelta(seconds=5), timedelta(seconds=30), timedelta(seconds=120))

logger = Logger()
config = settings.load(os.environ)
database = Database(config.database_url)
queue = JobQueue(config.queue_url)
processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)


@logger.inject_lambda_context
def handle(event: dict[str, object], context: LambdaContext) -> PartialItemFailureResponse:
    """The records that SQS must deliver again."""
    return process_partial_response(event, work, processor, context)


def work(record: SQSRecord) -> None:
    """One job; a failure hides it for a while, and the last one hands the chat to a human."""
    job = job_queue.parse(record.body)
    tries = int(record.attributes.approximate_receive_count)
    is_last_try = tries > len(BACK_OFF)
    fields = {"conversation_id": str(job.conversation_id), "message_id": str(job.message_id), "tries": tries}
    try:
        ask = partial(_ask, time.monotonic() + TURN_S)
        result = reply(job, database, ask, datetime.now(UTC), is_last_try=is_last_try)
    except Exception as error:
        code = error.code if isinstance(error, BalasError) else type(error).__name__
        where = traceback.format_tb(error.__traceback__)[-3:]  # without its message, which may quote a chat
        logger.warning("a turn failed", extra={**fields, "code": code, "where": where})
        if not is_last_try:
            queue.delay(record.receipt_handle, BACK_OFF[tries - 1])
            raise
        give_up(job, database)
        return
    if result in ("replied", "drafted"):
        _schedule_follow_up(job)
    logger.info("a turn ended", extra={**fields, "result": result})


def _schedule_follow_up(job: Job) -> None:
    """Wakes the follow-up that the stored turn plans; without a schedule the sweep finds it."""
    try:
        if planned := planned_follow_up(job, database):
            config.schedules.set(planned.conversation_id, Wake(job.tenant_id, planned.id), planned.due_at)
    except Unavailable:
        logger.warning("a follow-up has no schedule", extra={"conversation_id": str(job.conversation_id)})


def _ask(deadline: float, messages: Sequence[ChatMessage]) -> Completion:
    return llm.complete(messages, config.model, deadline - time.monotonic())
