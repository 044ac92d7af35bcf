"""A shop's follow-ups: planned by the agent, and listed, moved or cancelled by the owner."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from balas import followup
from balas.agent.answer import FollowUpWish
from balas.conversation import ConversationId
from balas.db import ai_configs
from balas.db.database import Tx
from balas.db.paging import Position, window
from balas.errors import Conflict, NotFound
from balas.followup import FollowUpId, FollowUpState

# One at a time: a newer wish takes the place of the one before, and its schedule.
PLAN = """
insert into follow_ups (tenant_id, conversation_id, due_at, reason, created_at)
values (%(tenant_id)s, %(conversation_id)s, %(due_at)s, %(reason)s, now())
on conflict (tenant_id, conversation_id) where state = 'pending' do update set
    due_at = excluded.due_at, reason = excluded.reason, outcome = null, created_at = excluded.created_at
"""

DROP = """
update follow_ups set state = 'cancelled', outcome = 'no_longer_wanted', decided_at = now()
where tenant_id = %(tenant_id)s and conversation_id = %(conversation_id)s and state = 'pending'
"""

PENDING = """
select id, conversation_id, due_at from follow_ups
where tenant_id = %(tenant_id)s and conversation_id = %(conversation_id)s and state = 'pending'
"""

SETTLE = """
update follow_ups set
    state = %(state)s, outcome = %(outcome)s, message_id = %(message_id)s, decided_at = %(now)s
where tenant_id = %(tenant_id)s and id = %(follow_up_id)s and state = 'pending'
"""

SELECT = """
select f.id, f.conversation_id, k.id as contact_id, coalesce(k.name, k.push_name) as contact_name,
    f.due_at, f.reason, f.state, f.outcome, f.message_id, f.created_at, f.decided_at
from follow_ups as f
join conversations as c on c.tenant_id = f.tenant_id and c.id = f.conversation_id
join contacts as k on k.tenant_id = c.tenant_id and k.id = c.contact_id
where f.tenant_id = %(tenant_id)s
"""
READ = SELECT + "and f.id = %(follow_up_id)s"
NEWEST = (
    SELECT
    + """
and (%(state)s::text is null or f.state = %(state)s)
and (%(after_at)s::timestamptz is null or (f.due_at, f.id) < (%(after_at)s, %(after_id)s))
order by f.due_at desc, f.id desc
limit %(limit)s
"""
)

RESCHEDULE = """
update follow_ups set due_at = least(greatest(%(due_at)s, now()), now() + interval '1 year'), outcome = null
where tenant_id = %(tenant_id)s and id = %(follow_up_id)s and state = 'pending'
"""


@dataclass(frozen=True)
class Pending:
    """What is planned for a chat."""

    id: FollowUpId
    conversation_id: ConversationId
    due_at: datetime


@dataclass(frozen=True)
class FollowUpRow:
    """A follow-up as its owner sees it."""

    id: FollowUpId
    conversation_id: ConversationId
    contact_id: UUID
    contact_name: str | None
    due_at: datetime
    reason: str
    state: FollowUpState
    outcome: str | None
    message_id: UUID | None
    created_at: datetime
    decided_at: datetime | None


def note_wish(tx: Tx, chat: ConversationId, wish: FollowUpWish | None, now: datetime) -> None:
    """What the agent plans after its latest turn; None voids what was planned before.

    The caller holds the chat's lock.
    """
    if wish is None:
        tx.run(DROP, conversation_id=chat)
        return
    due_at = followup.due_at(ai_configs.get(tx), now, wish.hours, chat)
    tx.run(PLAN, conversation_id=chat, due_at=due_at, reason=wish.reason)


def pending(tx: Tx, chat: ConversationId) -> Pending | None:
    return tx.first(Pending, PENDING, conversation_id=chat)


def newest(tx: Tx, state: FollowUpState | None, after: Position | None) -> list[FollowUpRow]:
    """The one due last comes first."""
    return tx.all(FollowUpRow, NEWEST, state=state, **window(after))


def read(tx: Tx, follow_up: FollowUpId) -> FollowUpRow:
    row = tx.first(FollowUpRow, READ, follow_up_id=follow_up)
    if row is None:
        raise NotFound("Tindak lanjut ini tidak ditemukan.")
    return row


def reschedule(tx: Tx, follow_up: FollowUpId, due_at: datetime) -> None:
    """Moves it, to within a year; what has passed means now. NotFound, or Conflict when it is decided."""
    if tx.run(RESCHEDULE, follow_up_id=follow_up, due_at=due_at) == 0:
        _refuse(tx, follow_up)


def cancel(tx: Tx, follow_up: FollowUpId, now: datetime) -> None:
    """NotFound, or Conflict when it is decided."""
    row = {"state": "cancelled", "outcome": "cancelled_by_owner", "message_id": None}
    if tx.run(SETTLE, follow_up_id=follow_up, now=now, **row) == 0:
        _refuse(tx, follow_up)


def _refuse(tx: Tx, follow_up: FollowUpId) -> None:
    read(tx, follow_up)
    raise Conflict("Tindak lanjut ini sudah selesai.")
