"""The way of one follow-up: look, ask the model, look again, store. Each transaction is opened here."""

from dataclasses import dataclass
from datetime import datetime

from balas import followup
from balas.agent import follow_up
from balas.agent.chat import Ask
from balas.agent.follow_up import Written
from balas.aws.schedules import Wake
from balas.conversation import ConversationId
from balas.db import open_follow_ups
from balas.db.database import Database, Tx
from balas.db.open_follow_ups import OpenFollowUp
from balas.followup import Postpone, Send, Skip


@dataclass(frozen=True)
class Again:
    """It is not the time yet: to be decided once more at `at`."""

    chat: ConversationId
    at: datetime


@dataclass(frozen=True)
class Decided:
    """What came of it, as a code for the log."""

    code: str
    again: Again | None = None


def decide(wake: Wake, db: Database, ask: Ask, now: datetime) -> Decided:
    """Sends the follow-up, moves it, or states why not; however often and late it is called: once."""
    with db.tenant_tx(wake.tenant_id) as tx:
        opened = open_follow_ups.lock_and_read(tx, wake.follow_up_id, now)
        if opened is None:
            return Decided("nothing_to_decide")
        if decided := _unless_sendable(tx, opened, now):
            return decided
    written = follow_up.write(opened.turn, opened.reason, now, ask)
    with db.tenant_tx(wake.tenant_id) as tx:
        opened_again = open_follow_ups.lock_and_read(tx, wake.follow_up_id, now)
        decided = _finish(tx, opened_again, written, now)
        open_follow_ups.note_cost(tx, opened, written.completions, was_sent=decided.code == "sent")
        return decided


def _finish(tx: Tx, opened: OpenFollowUp | None, written: Written, now: datetime) -> Decided:
    """Whatever has happened while the model thought counts."""
    if opened is None:
        return Decided("nothing_to_decide")
    if decided := _unless_sendable(tx, opened, now):
        return decided
    open_follow_ups.send(tx, opened, written.text, now)
    return Decided("sent")


def _unless_sendable(tx: Tx, opened: OpenFollowUp, now: datetime) -> Decided | None:
    match followup.decide(opened.state, now):
        case Send():
            return None
        case Skip(reason):
            open_follow_ups.skip(tx, opened.id, reason, now)
            return Decided(reason)
        case Postpone(until, reason) as to:
            open_follow_ups.postpone(tx, opened.id, to)
            return Decided(reason, Again(opened.conversation_id, until))
