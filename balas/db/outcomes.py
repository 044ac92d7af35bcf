"""What came of one turn: the reply with its insight and order, or only its cost, in one transaction."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal
from uuid import uuid4

from balas import handover
from balas.agent.answer import Outcome
from balas.conversation import ConversationId, MessageId
from balas.db import outbox
from balas.db.database import Tx
from balas.db.turns import LINES, OpenTurn

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
    handover_reason, sources, verdicts, model, prompt_tokens, cached_tokens, completion_tokens, latency_ms
) values (
    %(tenant_id)s, %(conversation_id)s, %(reply_id)s, %(read)s, %(mode)s, %(intent)s, %(tags)s, %(sentiment)s,
    %(confidence)s, %(handover_reason)s, %(sources)s, %(verdicts)s, %(model)s, %(prompt_tokens)s,
    %(cached_tokens)s, %(completion_tokens)s, %(latency_ms)s
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


STORE_DRAFT_ORDER = """
insert into orders (tenant_id, conversation_id, lines, delivery_area, delivery_fee, total)
values (%(tenant_id)s, %(conversation_id)s, %(lines)s::jsonb, %(delivery_area)s, %(delivery_fee)s, %(total)s)
on conflict (tenant_id, conversation_id) where status = 'draft' do update set
    lines = excluded.lines, delivery_area = excluded.delivery_area,
    delivery_fee = excluded.delivery_fee, total = excluded.total, updated_at = now()
"""

END_DRAFT_ORDER = """
update orders set status = %(status)s, updated_at = now()
where tenant_id = %(tenant_id)s and conversation_id = %(conversation_id)s and status = 'draft'
"""

Stored = Literal["replied", "drafted", "interrupted", "superseded", "already_answered"]


def store(tx: Tx, opened: OpenTurn, outcome: Outcome, patience: timedelta) -> Stored:
    """Stores the reply with all that belongs to it, unless the chat has moved on; the cost is stored always.

    A newer message of the customer voids the reply while the oldest one read is younger than `patience`.
    """
    chat = opened.turn.conversation.id
    state = tx.first(
        _LockedRow,
        LOCK_CHAT,
        conversation_id=chat,
        read=list(opened.read),
        oldest_read_at=opened.oldest_read_at,
    )
    stored = _verdict(state, opened, patience)
    if stored in ("interrupted", "superseded", "already_answered"):
        _store_insight(tx, opened, outcome, reply_id=None)
        return stored
    _note_turn(tx, opened, outcome)
    reply_id = MessageId(uuid4())
    if opened.turn.profile.draft_only:
        tx.run(STORE_DRAFT_REPLY, conversation_id=chat, message_id=reply_id, text=outcome.reply)
        stored = "drafted"
    else:
        outbox.enqueue(tx, reply_id, chat, outcome.reply, author="ai")
    tx.run(MARK_ANSWERED, conversation_id=chat, reply_id=reply_id, read=list(opened.read))
    _store_order(tx, chat, outcome)
    _store_insight(tx, opened, outcome, reply_id)
    return stored


def hand_over(tx: Tx, chat: ConversationId, reason: handover.Reason) -> None:
    """Puts the chat in human hands without a word to the customer."""
    tx.run(HAND_OVER, conversation_id=chat, reason=reason, silence=handover.resumes_after(reason))


@dataclass(frozen=True)
class _LockedRow:
    interruptions: int
    still_unanswered: int
    has_newer: bool
    oldest_age: timedelta


def _verdict(state: _LockedRow | None, opened: OpenTurn, patience: timedelta) -> Stored:
    if state is None or state.interruptions != opened.turn.conversation.interruptions:
        return "interrupted"
    if state.still_unanswered != len(opened.read):
        return "already_answered"
    if state.has_newer and state.oldest_age <= patience:
        return "superseded"
    return "replied"


def _note_turn(tx: Tx, opened: OpenTurn, outcome: Outcome) -> None:
    """Mode, tags and who handles the chat; before the reply, for a hand-over voids what waits to be sent."""
    chat, answer = opened.turn.conversation.id, outcome.answer
    tx.run(
        NOTE_TURN, conversation_id=chat, mode=answer and answer.mode, tags=list(answer.tags) if answer else []
    )
    if outcome.handover in handover.FLAGS:
        tx.run(FLAG, conversation_id=chat, reason=outcome.handover)
    elif outcome.handover is not None:
        hand_over(tx, chat, outcome.handover)


def _store_order(tx: Tx, chat: ConversationId, outcome: Outcome) -> None:
    match outcome.order_action:
        case "none":
            return
        case "cancel":
            tx.run(END_DRAFT_ORDER, conversation_id=chat, status="cancelled")
        case "set" | "confirm":
            assert outcome.order is not None  # noqa: S101 - Outcome's promise
            tx.run(
                STORE_DRAFT_ORDER,
                conversation_id=chat,
                lines=LINES.dump_json(outcome.order.lines).decode(),
                delivery_area=outcome.order.delivery_area,
                delivery_fee=outcome.order.delivery_fee,
                total=outcome.order.total,
            )
            if outcome.order_action == "confirm":
                tx.run(END_DRAFT_ORDER, conversation_id=chat, status="confirmed")


def _store_insight(tx: Tx, opened: OpenTurn, outcome: Outcome, reply_id: MessageId | None) -> None:
    answer, calls = outcome.answer, outcome.completions
    tx.run(
        STORE_INSIGHT,
        conversation_id=opened.turn.conversation.id,
        reply_id=reply_id,
        read=list(opened.read),
        mode=answer and answer.mode,
        intent=answer and answer.intent,
        tags=list(answer.tags) if answer else [],
        sentiment=answer and answer.sentiment,
        confidence=answer and answer.confidence,
        handover_reason=outcome.handover,
        sources=list(answer.sources) if answer else [],
        verdicts=[verdict.code for verdict in outcome.verdicts],
        model=calls[-1].model if calls else "none",
        prompt_tokens=sum(call.prompt_tokens for call in calls),
        cached_tokens=sum(call.cached_tokens for call in calls),
        completion_tokens=sum(call.completion_tokens for call in calls),
        latency_ms=sum(call.latency_ms for call in calls),
    )
