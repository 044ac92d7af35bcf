"""The way of one job: read the chat, think, store the answer. Each transaction is opened here."""

from datetime import datetime

from balas import turn
from balas.agent import answer
from balas.agent.answer import Outcome
from balas.agent.chat import Ask
from balas.aws.job_queue import Job
from balas.db import ai_configs, follow_ups, outcomes, turns
from balas.db.database import Database, Tx
from balas.db.follow_ups import Pending
from balas.db.outcomes import PATIENCE
from balas.db.turns import OpenTurn
from balas.errors import ModelFailed
from balas.turn import Silence


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
            return _stay_silent(tx, opened, silence, now)
    outcome = _think(opened, ask, now, is_last_try=is_last_try)
    with db.tenant_tx(job.tenant_id) as tx:
        return outcomes.store(tx, opened, outcome, now)


def give_up(job: Job, db: Database) -> None:
    """Hands the chat to a human after the last failure, so that nobody waits for ever."""
    with db.tenant_tx(job.tenant_id) as tx:
        outcomes.hand_over(tx, job.conversation_id, "worker_failed", ai_configs.get(tx))


def planned_follow_up(job: Job, db: Database) -> Pending | None:
    """What the chat's latest turn planned, to be scheduled once that is stored."""
    with db.tenant_tx(job.tenant_id) as tx:
        return follow_ups.pending(tx, job.conversation_id)


def _stay_silent(tx: Tx, opened: OpenTurn, silence: Silence, now: datetime) -> str:
    """What silence leaves behind: a notice, or a human who knows; the model is not asked."""
    profile = opened.turn.profile
    match silence:
        case "bot_loop":
            outcomes.hand_over(tx, opened.turn.conversation.id, "bot_loop", profile)
        case "outside_hours" if profile.outside_hours == "message":
            return "told_closed" if outcomes.tell_closed(tx, opened, now) else silence
        case "quota_used_up":
            outcomes.store(tx, opened, answer.gave_up("quota_used_up", turn=opened.turn), now)
        case _:
            pass
    return silence


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
