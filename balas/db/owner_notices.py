"""Notices to the owner as a shard works them off: one message each, at most one copy, and never too many.

Triggers write them in the transaction of their cause. Of a dead device a mail tells: balas.db.owner_mails.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from balas import owner_notice
from balas.db.database import Tx
from balas.owner_notice import Kind
from balas.whatsapp_session import SessionId

HOURLY_LIMIT = 20
"""The one after these sums up all that wait; then there is silence until the hour is over."""

SESSIONS_WAITING = """
select distinct s.id from owner_notices as n
join whatsapp_sessions as s on s.tenant_id = n.tenant_id
where s.id = any(%(session_ids)s::uuid[]) and n.state = 'pending' and n.kind <> 'device_down'
"""

# What a process took and never settled may have left: it is not sent again.
FORGET_STALE = """
update owner_notices set state = 'failed', outcome = 'no_proof', decided_at = now()
where tenant_id = %(tenant_id)s and kind <> 'device_down' and state = 'claimed'
    and claimed_at < now() - interval '5 minutes'
"""

SKIP_ALL = """
update owner_notices set state = 'skipped', outcome = %(outcome)s, decided_at = now()
where tenant_id = %(tenant_id)s and state = 'pending' and kind not in ('device_down', 'switch')
"""

# A mere hand-over is not told of when the owner has just heard of that chat; a complaint or an order is.
SKIP_REPEATED = """
update owner_notices as n set state = 'skipped', outcome = 'repeated', decided_at = now()
where n.tenant_id = %(tenant_id)s and n.state = 'pending' and n.conversation_id is not null and exists (
    select 1 from owner_notices as told
    where told.tenant_id = n.tenant_id and told.conversation_id = n.conversation_id and told.id <> n.id
        and told.state in ('sent', 'claimed') and told.claimed_at > now() - interval '10 minutes'
        and (told.kind = n.kind or n.kind = 'handover')
)
"""

PENDING = """
select id, kind, reason, counts, digest_on, created_at < now() - interval '1 hour' as is_old
from owner_notices
where tenant_id = %(tenant_id)s and state = 'pending' and kind <> 'device_down'
order by kind = 'switch' desc, created_at, id
for update skip locked
"""

SENT_LATELY = """
select count(*) from owner_notices
where tenant_id = %(tenant_id)s and state in ('sent', 'claimed') and kind not in ('device_down', 'switch')
    and outcome is distinct from 'summarised' and claimed_at > now() - interval '1 hour'
"""

CLAIM = """
update owner_notices set state = 'claimed', claimed_at = now(),
    outcome = case when id <> %(first)s then 'summarised' end
where tenant_id = %(tenant_id)s and id = any(%(ids)s::uuid[])
"""

SETTLE = """
update owner_notices set
    state = %(state)s, outcome = coalesce(%(outcome)s, outcome),
    claimed_at = case when %(state)s = 'pending' then null else claimed_at end,
    decided_at = case when %(state)s = 'pending' then null else now() end
where tenant_id = %(tenant_id)s and id = any(%(ids)s::uuid[]) and state = 'claimed'
"""

CHATS_WAITING = """
select count(*) from conversations
where tenant_id = %(tenant_id)s and handling = 'human' and status = 'open' and unread > 0
    and handover_reason not in ('takeover', 'human_reply', 'owner_phone', 'before_linking')
"""

# Who left no number and switched the agent is answered in the chat with himself.
OWNER = """
select coalesce((a.profile ->> 'tells_owner')::boolean, true) as is_told,
    coalesce(a.profile ->> 'owner_phone', '') as phone, s.phone as own_phone
from ai_configs as a join whatsapp_sessions as s on s.tenant_id = a.tenant_id
where a.tenant_id = %(tenant_id)s
"""


@dataclass(frozen=True)
class Notice:
    """A text for the owner's phone number `to`, in the place of the rows `ids`."""

    ids: tuple[UUID, ...]
    to: str
    text: str


def sessions_with_notices(tx: Tx, session_ids: list[SessionId]) -> set[SessionId]:
    return {SessionId(i) for i in tx.scalars(UUID, SESSIONS_WAITING, session_ids=session_ids)}


def claim(tx: Tx, origin: str) -> Notice | None:
    """What to send now; None when nothing waits, or the owner has heard enough for this hour."""
    owner = tx.first(_Owner, OWNER)
    if owner is None:
        return None
    tx.run(FORGET_STALE)
    if not owner.is_told or not owner.phone:
        tx.run(SKIP_ALL, outcome="no_owner_phone" if owner.is_told else "telling_is_off")
    tx.run(SKIP_REPEATED)
    chosen = _choose(tx.all(_Row, PENDING), tx.scalar(int, SENT_LATELY) or 0)
    to = owner.phone or owner.own_phone
    if not chosen or not to:
        return None
    ids = tuple(row.id for row in chosen)
    tx.run(CLAIM, first=ids[0], ids=list(ids))
    return Notice(ids, to, _text(chosen, tx.scalar(int, CHATS_WAITING) or 0, origin))


def mark_sent(tx: Tx, notice: Notice) -> None:
    tx.run(SETTLE, ids=list(notice.ids), state="sent", outcome=None)


def mark_failed(tx: Tx, notice: Notice, outcome: str) -> None:
    tx.run(SETTLE, ids=list(notice.ids), state="failed", outcome=outcome)


def give_back(tx: Tx, notice: Notice) -> None:
    """It is known not to have left."""
    tx.run(SETTLE, ids=list(notice.ids), state="pending", outcome=None)


@dataclass(frozen=True)
class _Owner:
    is_told: bool
    phone: str
    own_phone: str | None


@dataclass(frozen=True)
class _Row:
    id: UUID
    kind: Kind
    reason: str | None
    counts: dict[str, int] | None
    digest_on: date | None
    is_old: bool


def _choose(rows: list[_Row], sent_lately: int) -> list[_Row]:
    """The next row; or all of them, as a summary, when they are old or too many."""
    if rows and rows[0].kind == "switch":
        return rows[:1]
    if not rows or sent_lately > HOURLY_LIMIT:
        return []
    return rows if sent_lately == HOURLY_LIMIT or (rows[0].is_old and len(rows) > 1) else rows[:1]


def _text(rows: list[_Row], waiting: int, origin: str) -> str:
    first = rows[0]
    if len(rows) > 1:
        return owner_notice.summary(len(rows), waiting, origin)
    if first.digest_on and first.counts:
        return owner_notice.digest(first.digest_on, first.counts, origin)
    return owner_notice.text(first.kind, first.reason, waiting, origin)
