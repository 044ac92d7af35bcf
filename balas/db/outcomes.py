"""What came of one turn: the reply with its insight and order, or only its cost, in one transaction."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal
from uuid import uuid4

from balas import handover, opening_hours, quota
from balas.agent import answer
from balas.agent.answer import Outcome
from balas.conversation import ConversationId, MessageId
from balas.db import contacts, follow_ups, orders, outbox
from balas.db.contacts import Change
from balas.db.database import Tx
from balas.db.turns import OpenTurn
from balas.tenant import ShopProfile
from balas.turn import Turn

PATIENCE = timedelta(seconds=15)
"""A customer who keeps typing is waited for, but not longer than this."""

LOCK_CHAT = """
select c.interruptions,
    (
        select count(*) from messages as m
        where m.tenant_id = c.tenant_id and m.conversation_id = c.id and m.answered_by is null
            and m.id = any(%(read)s)
    ) as still_unanswered,
    exists (
        select 1 from messages as m
        where m.tenant_id = c.tenant_id and m.conversation_id = c.id
            and m.awaits_reply and m.answered_by is null and m.id <> all(%(read)s)
            and m.stored_at >= %(oldest_read_at)s
    ) as has_newer,
    now() - %(oldest_read_at)s as oldest_age
from conversations as c
where c.tenant_id = %(tenant_id)s and c.id = %(conversation_id)s
for update of c
"""

STORE_INSIGHT = """
insert into customer_insights (
    tenant_id, conversation_id, reply_id, read_message_ids, mode, intent, tags, sentiment, confidence,
    handover_reason, sources, verdicts, product_interest, needs_follow_up, follow_up_reason,
    model, prompt_tokens, cached_tokens, completion_tokens, latency_ms, cost_millirupiah
) values (
    %(tenant_id)s, %(conversation_id)s, %(reply_id)s, %(read)s, %(mode)s, %(intent)s, %(tags)s, %(sentiment)s,
    %(confidence)s, %(handover_reason)s, %(sources)s, %(verdicts)s, %(product_interest)s,
    %(needs_follow_up)s, %(follow_up_reason)s, %(model)s, %(prompt_tokens)s, %(cached_tokens)s,
    %(completion_tokens)s, %(latency_ms)s, %(cost_millirupiah)s
)
"""

STORE_DRAFT_REPLY = """
insert into messages (tenant_id, id, session_id, conversation_id, direction, author, text, status)
select c.tenant_id, %(message_id)s, c.session_id, c.id, 'out', 'ai', %(text)s, 'draft'
from conversations as c where c.tenant_id = %(tenant_id)s and c.id = %(conversation_id)s
"""

MARK_ANSWERED = """
update messages set answered_by = %(reply_id)s
where tenant_id = %(tenant_id)s and conversation_id = %(conversation_id)s and id = any(%(read)s)
"""

NOTE_TURN = """
update conversations set
    handling = 'ai', resumes_at = null,
    handover_reason = case handling when 'ai' then handover_reason end,
    handover_at = case handling when 'ai' then handover_at end,
    mode = coalesce(%(mode)s, mode),
    tags = array(select distinct t from unnest(tags || %(tags)s::text[]) as t order by t)
where tenant_id = %(tenant_id)s and id = %(conversation_id)s
"""

HAND_OVER = "select app.hand_to_human(%(conversation_id)s, %(reason)s, now() + %(silence)s, null)"
FLAG = """
update conversations set handover_reason = %(reason)s, handover_at = now()
where tenant_id = %(tenant_id)s and id = %(conversation_id)s
"""

# The lock that this takes makes the notice one, and comes after whatever a human did meanwhile.
TELL_CLOSED = """
update conversations set closed_told_until = %(until)s
where tenant_id = %(tenant_id)s and id = %(conversation_id)s and interruptions = %(interruptions)s
    and (closed_told_until is null or closed_told_until <= %(now)s)
"""

Stored = Literal["replied", "drafted", "interrupted", "superseded", "already_answered"]


def store(tx: Tx, opened: OpenTurn, outcome: Outcome, now: datetime) -> Stored:
    """Stores the reply with all that belongs to it, unless the chat has moved on; the cost is stored always.

    A newer message of the customer voids the reply while the oldest one read is younger than PATIENCE.
    """
    chat = opened.turn.conversation.id
    state = tx.first(
        _LockedRow,
        LOCK_CHAT,
        conversation_id=chat,
        read=list(opened.read),
        oldest_read_at=opened.oldest_read_at,
    )
    stored = _verdict(state, opened)
    if stored in ("interrupted", "superseded", "already_answered"):
        _store_insight(tx, opened, outcome, reply_id=None)
        return stored
    outcome = _store_order(tx, opened.turn, outcome)
    _note_turn(tx, opened, outcome, now)
    reply_id = _say(tx, opened, outcome.reply)
    follow_ups.note_wish(tx, chat, outcome.follow_up, now)
    _store_insight(tx, opened, outcome, reply_id)
    return "drafted" if opened.turn.profile.draft_only else stored


def hand_over(tx: Tx, chat: ConversationId, reason: handover.Reason, profile: ShopProfile) -> None:
    """Puts the chat in human hands without a word to the customer."""
    tx.run(HAND_OVER, conversation_id=chat, reason=reason, silence=handover.resumes_after(reason, profile))


def tell_closed(tx: Tx, opened: OpenTurn, now: datetime) -> bool:
    """Tells the customer that the shop is closed, once until it opens; False when he knows already."""
    profile, chat = opened.turn.profile, opened.turn.conversation
    until = opening_hours.opens_at(profile, now) or now + timedelta(days=1)
    state = {"conversation_id": chat.id, "interruptions": chat.interruptions}
    if tx.run(TELL_CLOSED, until=until, now=now, **state) == 0:
        return False
    _say(tx, opened, opening_hours.closed_notice(profile, now))
    return True


@dataclass(frozen=True)
class _LockedRow:
    interruptions: int
    still_unanswered: int
    has_newer: bool
    oldest_age: timedelta


def _verdict(state: _LockedRow | None, opened: OpenTurn) -> Stored:
    if state is None or state.interruptions != opened.turn.conversation.interruptions:
        return "interrupted"
    if state.still_unanswered != len(opened.read):
        return "already_answered"
    if state.has_newer and state.oldest_age <= PATIENCE:
        return "superseded"
    return "replied"


def _say(tx: Tx, opened: OpenTurn, text: str) -> MessageId:
    """Stores a reply to all that was read: on its way out, or as a proposal where the owner sends himself."""
    chat, reply_id = opened.turn.conversation.id, MessageId(uuid4())
    if opened.turn.profile.draft_only:
        tx.run(STORE_DRAFT_REPLY, conversation_id=chat, message_id=reply_id, text=text)
    else:
        outbox.enqueue(tx, reply_id, chat, text, author="ai")
    tx.run(MARK_ANSWERED, conversation_id=chat, reply_id=reply_id, read=list(opened.read))
    return reply_id


def _note_turn(tx: Tx, opened: OpenTurn, outcome: Outcome, now: datetime) -> None:
    """Mode, tags, who handles the chat, and whether the customer wants to hear from us at all.

    Before the reply, for a hand-over and an opt-out void what waits to be sent.
    """
    chat, said = opened.turn.conversation.id, outcome.answer
    tx.run(NOTE_TURN, conversation_id=chat, mode=said and said.mode, tags=list(said.tags) if said else [])
    if outcome.opted_out:
        contacts.change(tx, opened.turn.contact.id, Change(opted_out=True))
    if outcome.handover in handover.FLAGS:
        tx.run(FLAG, conversation_id=chat, reason=outcome.handover)
    elif outcome.handover is not None:
        silence = _silence(opened, outcome.handover, now)
        tx.run(HAND_OVER, conversation_id=chat, reason=outcome.handover, silence=silence)


def _silence(opened: OpenTurn, reason: handover.Reason, now: datetime) -> timedelta | None:
    """How long the agent leaves the chat to a human; answers that are used up come back by themselves."""
    profile = opened.turn.profile
    back_at = quota.comes_back_at(profile, opened.turn.used, now) if reason == "quota_used_up" else None
    return back_at - now if back_at else handover.resumes_after(reason, profile)


def _store_order(tx: Tx, turn: Turn, outcome: Outcome) -> Outcome:
    """The outcome that stands: what cannot be confirmed any more stays a draft, and a human clears it up."""
    chat = turn.conversation.id
    if outcome.order_action == "cancel":
        orders.cancel_draft(tx, chat)
    if outcome.order_action == "set" and outcome.order is not None:
        orders.keep_draft(tx, chat, outcome.order)
    if outcome.order_action == "confirm" and not orders.confirm(tx, chat):
        return replace(answer.gave_up("order_unclear", outcome.answer, turn), completions=outcome.completions)
    return outcome


def _store_insight(tx: Tx, opened: OpenTurn, outcome: Outcome, reply_id: MessageId | None) -> None:
    said, calls = outcome.answer, outcome.completions
    tx.run(
        STORE_INSIGHT,
        conversation_id=opened.turn.conversation.id,
        reply_id=reply_id,
        read=list(opened.read),
        mode=said and said.mode,
        intent=said and said.intent,
        tags=list(said.tags) if said else [],
        sentiment=said and said.sentiment,
        confidence=said and said.confidence,
        handover_reason=outcome.handover,
        sources=list(said.sources) if said else [],
        verdicts=[verdict.code for verdict in outcome.verdicts],
        product_interest=list(said.product_interest) if said else [],
        needs_follow_up=outcome.follow_up is not None,
        follow_up_reason=outcome.follow_up and outcome.follow_up.reason,
        model=calls[-1].model if calls else "none",
        prompt_tokens=sum(call.prompt_tokens for call in calls),
        cached_tokens=sum(call.cached_tokens for call in calls),
        completion_tokens=sum(call.completion_tokens for call in calls),
        latency_ms=sum(call.latency_ms for call in calls),
        cost_millirupiah=sum(call.cost_millirupiah for call in calls),
    )
