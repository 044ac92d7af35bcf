"""Follow-ups whose time has come: what decides them, and what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from balas import followup
from balas.agent.chat import Completion
from balas.conversation import ConversationId, MessageId
from balas.db import outbox, outcomes, turns
from balas.db.database import Tx
from balas.db.follow_ups import SETTLE
from balas.followup import FollowUpId, Postpone, SkipReason, State
from balas.tenant import TenantId
from balas.turn import Turn
from balas.whatsapp_session import State as DeviceState

DUE = "select tenant_id, follow_up_id from app.due_follow_ups(%(now)s, %(limit)s)"

# The chat first, as everybody locks; then what is planned for it.
LOCK_CHAT = """
select c.id from conversations as c
join follow_ups as f on f.tenant_id = c.tenant_id and f.conversation_id = c.id
where f.tenant_id = %(tenant_id)s and f.id = %(follow_up_id)s
for update of c
"""
LOCK = "select id from follow_ups where tenant_id = %(tenant_id)s and id = %(follow_up_id)s for update"

# An order counts that was confirmed or moved on in the day before the wish, or since.
FACTS = """
select f.conversation_id, f.due_at, f.reason, s.state as device, spoken.last_sent_at as last_customer_at,
    exists (
        select 1 from messages as m
        where m.tenant_id = f.tenant_id and m.conversation_id = f.conversation_id
            and m.author = 'contact' and m.is_live and m.kind <> 'reaction'
            and (m.stored_at > f.created_at or (m.awaits_reply and m.answered_by is null))
    ) as customer_wrote,
    exists (
        select 1 from orders as o
        where o.tenant_id = f.tenant_id and o.conversation_id = f.conversation_id
            and o.status in ('confirmed', 'processing', 'ready', 'done')
            and o.updated_at >= f.created_at - interval '1 day'
    ) as order_settled,
    exists (
        select 1 from follow_ups as earlier
        where earlier.tenant_id = f.tenant_id and earlier.conversation_id = f.conversation_id
            and earlier.state = 'sent' and earlier.decided_at >= spoken.last_stored_at
    ) as already_followed_up,
    exists (
        select 1 from messages as m
        where m.tenant_id = f.tenant_id and m.session_id = c.session_id
            and m.status = 'failed' and m.reason = 'reach_out_limit' and m.stored_at > %(now)s - %(lock)s
    ) as account_limited
from follow_ups as f
join conversations as c on c.tenant_id = f.tenant_id and c.id = f.conversation_id
join whatsapp_sessions as s on s.tenant_id = c.tenant_id and s.id = c.session_id
left join lateral (
    select max(m.sent_at) as last_sent_at, max(m.stored_at) as last_stored_at from messages as m
    where m.tenant_id = f.tenant_id and m.conversation_id = f.conversation_id
        and m.author = 'contact' and m.is_live
) as spoken on true
where f.tenant_id = %(tenant_id)s and f.id = %(follow_up_id)s and f.state = 'pending'
"""

# One that is not due keeps the reason of its last move.
POSTPONE = """
update follow_ups set
    due_at = %(due_at)s, outcome = case when %(outcome)s = 'not_due' then outcome else %(outcome)s end
where tenant_id = %(tenant_id)s and id = %(follow_up_id)s and state = 'pending'
"""

STORE_COST = """
insert into customer_insights (
    tenant_id, conversation_id, reply_id, read_message_ids, model,
    prompt_tokens, cached_tokens, completion_tokens, latency_ms, cost_millirupiah
) values (
    %(tenant_id)s, %(conversation_id)s, %(reply_id)s, '{}', %(model)s,
    %(prompt_tokens)s, %(cached_tokens)s, %(completion_tokens)s, %(latency_ms)s, %(cost_millirupiah)s
)
"""


@dataclass(frozen=True)
class Due:
    """What the sweep found."""

    tenant_id: TenantId
    follow_up_id: FollowUpId


@dataclass(frozen=True)
class OpenFollowUp:
    """A pending follow-up with all that decides it; `reason` is the agent's own note of why."""

    id: FollowUpId
    reason: str
    state: State

    @property
    def turn(self) -> Turn:
        return self.state.turn

    @property
    def conversation_id(self) -> ConversationId:
        return self.turn.conversation.id


def list_due(tx: Tx, now: datetime, limit: int) -> list[Due]:
    """Of every shop, the longest overdue first."""
    return tx.all(Due, DUE, now=now, limit=limit)


def lock_and_read(tx: Tx, follow_up: FollowUpId, now: datetime) -> OpenFollowUp | None:
    """The follow-up if it is still to be decided; None also when the shop is suspended or another.

    Other deciders, and writers of its chat, wait for the transaction's end.
    """
    tx.run(LOCK_CHAT, follow_up_id=follow_up)
    tx.run(LOCK, follow_up_id=follow_up)
    facts = tx.first(_Facts, FACTS, follow_up_id=follow_up, now=now, lock=followup.LOCK)
    turn = facts and turns.read_quiet(tx, ConversationId(facts.conversation_id))
    if facts is None or turn is None:
        return None
    return OpenFollowUp(follow_up, facts.reason, facts.state(turn))


def send(tx: Tx, opened: OpenFollowUp, text: str, now: datetime) -> None:
    """Stores the message, once for all: its id is the follow-up's. A draft where the owner sends himself."""
    message_id, chat, outcome = MessageId(opened.id), opened.conversation_id, None
    if opened.turn.profile.draft_only:
        tx.run(outcomes.STORE_DRAFT_REPLY, conversation_id=chat, message_id=message_id, text=text)
        outcome = "drafted"
    else:
        outbox.enqueue(tx, message_id, chat, text, author="ai")
    tx.run(SETTLE, follow_up_id=opened.id, state="sent", outcome=outcome, message_id=message_id, now=now)


def note_cost(tx: Tx, opened: OpenFollowUp, calls: Sequence[Completion], *, was_sent: bool) -> None:
    """Stores what asking the model cost, also when its text was not used."""
    for call in calls:
        tx.run(
            STORE_COST,
            conversation_id=opened.conversation_id,
            reply_id=opened.id if was_sent and call is calls[-1] else None,
            model=call.model,
            prompt_tokens=call.prompt_tokens,
            cached_tokens=call.cached_tokens,
            completion_tokens=call.completion_tokens,
            latency_ms=call.latency_ms,
            cost_millirupiah=call.cost_millirupiah,
        )


def skip(tx: Tx, follow_up: FollowUpId, reason: SkipReason, now: datetime) -> None:
    tx.run(SETTLE, follow_up_id=follow_up, state="skipped", outcome=reason, message_id=None, now=now)


def postpone(tx: Tx, follow_up: FollowUpId, to: Postpone) -> None:
    tx.run(POSTPONE, follow_up_id=follow_up, due_at=to.until, outcome=to.reason)


@dataclass(frozen=True)
class _Facts:
    conversation_id: UUID
    due_at: datetime
    reason: str
    device: DeviceState
    last_customer_at: datetime | None
    customer_wrote: bool
    order_settled: bool
    already_followed_up: bool
    account_limited: bool

    def state(self, turn: Turn) -> State:
        return State(
            turn=turn,
            due_at=self.due_at,
            device=self.device,
            last_customer_at=self.last_customer_at,
            customer_wrote=self.customer_wrote,
            order_settled=self.order_settled,
            already_followed_up=self.already_followed_up,
            account_limited=self.account_limited,
        )
