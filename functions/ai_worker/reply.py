"""The way of one job: read the chat, think, store the answer. Each transaction is opened here."""

from datetime import datetime, timedelta

from balas import turn
from balas.agent import answer
from balas.agent.answer import Outcome
from balas.agent.chat import Ask
from balas.aws.job_queue import Job
from balas.db import outcomes, turns
from balas.db.database import Database
from balas.db.turns import OpenTurn
from balas.errors import ModelFailed

PATIENCE = timedelta(seconds=15)
"""A customer who keeps typing is waited for, but not longer than this."""


def reply(job: Job, db: Database, ask: Ask, now: datetime, *, is_last_try: bool) -> str:
    """What came of the job, as a code for the log.

    Raises ModelFailed when the model may answer later and this is not the last try; nothing is stored then.
    """
    with db.tenant_tx(job.tenant_id) as tx:
        opened = turns.read(tx, job.conversation_id)
        if opened is None:
            return "nothing_to_answer"
        if _is_for_a_later_job(job, opened, now):
            return "superseded"
        if silence := turn.silence(opened.turn, now):
            if silence == "bot_loop":
                outcomes.hand_over(tx, job.conversation_id, "bot_loop")
            return silence
    outcome = _think(opened, ask, now, is_last_try=is_last_try)
    with db.tenant_tx(job.tenant_id) as tx:
        return outcomes.store(tx, opened, outcome, PATIENCE)


def give_up(job: Job, db: Database) -> None:
    """Hands the chat to a human after the last failure, so that nobody waits for ever."""
    with db.tenant_tx(job.tenant_id) as tx:
        outcomes.hand_over(tx, job.conversation_id, "worker_failed")


def _is_for_a_later_job(job: Job, opened: OpenTurn, now: datetime) -> bool:
    """Whether the customer wrote on, so that the job of the newest message answers all of them at once."""
    return job.message_id != opened.newest and now - opened.oldest_read_at <= PATIENCE


def _think(opened: OpenTurn, ask: Ask, now: datetime, *, is_last_try: bool) -> Outcome:
    try:
        return answer.think(opened.turn, now, ask)
    except ModelFailed as failure:
        if failure.reason in answer.WORTH_RETRYING and not is_last_try:
            raise
        return answer.gave_up(failure.reason)
