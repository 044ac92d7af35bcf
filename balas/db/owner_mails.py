"""What reaches the owner by the sweep: a mail when the device is dead, and every morning's digest."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from balas.db.database import Tx
from balas.tenant import TenantId

DEAD_DEVICES = "select tenant_id, notice_id from app.unsent_device_notices(%(now)s, %(limit)s)"

CLAIM = """
update owner_notices set state = 'claimed', claimed_at = %(now)s
where tenant_id = %(tenant_id)s and id = %(notice_id)s and state in ('pending', 'claimed')
returning reason
"""

TO = """
select u.email from users as u
join ai_configs as a on a.tenant_id = u.tenant_id
where u.tenant_id = %(tenant_id)s and coalesce((a.profile ->> 'tells_owner')::boolean, true)
order by u.created_at
"""

SETTLE = """
update owner_notices set state = %(state)s, outcome = %(outcome)s, decided_at = %(now)s
where tenant_id = %(tenant_id)s and id = %(notice_id)s and state = 'claimed'
"""

UNDIGESTED = "select tenant_id, day from app.undigested_shops(%(now)s, %(limit)s)"

# A day is the shop's own, from its midnight to the next.
DIGEST = """
with own as (
    select coalesce(nullif(profile ->> 'timezone', ''), 'Asia/Jakarta') as zone
    from ai_configs where tenant_id = %(tenant_id)s
),
span as (
    select %(day)s::date::timestamp at time zone zone as since,
        (%(day)s::date + 1)::timestamp at time zone zone as until
    from own
),
counted as (
    select
        (
            select count(distinct m.conversation_id) from messages as m
            where m.tenant_id = %(tenant_id)s and m.is_live and m.author = 'contact'
                and m.sent_at >= span.since and m.sent_at < span.until
        ) as chats,
        (
            select count(*) from customer_insights as i
            where i.tenant_id = %(tenant_id)s and i.reply_id is not null
                and i.created_at >= span.since and i.created_at < span.until
        ) as answers,
        (
            select count(*) from orders as o
            where o.tenant_id = %(tenant_id)s
                and o.confirmed_at >= span.since and o.confirmed_at < span.until
        ) as orders,
        (
            select count(*) from owner_notices as n
            where n.tenant_id = %(tenant_id)s and n.kind in ('handover', 'complaint', 'quota')
                and n.created_at >= span.since and n.created_at < span.until
        ) as handovers
    from span
)
insert into owner_notices (tenant_id, kind, digest_on, counts, state, outcome, decided_at)
select %(tenant_id)s, 'digest', %(day)s, to_jsonb(counted),
    case when chats + answers + orders + handovers > 0 then 'pending' else 'skipped' end,
    case when chats + answers + orders + handovers = 0 then 'nothing_happened' end,
    case when chats + answers + orders + handovers = 0 then %(now)s::timestamptz end
from counted
on conflict (tenant_id, digest_on) where kind = 'digest' do nothing
"""


@dataclass(frozen=True)
class DeadDevice:
    """A notice that a shop's device is dead, of which no mail has told yet."""

    tenant_id: TenantId
    notice_id: UUID


@dataclass(frozen=True)
class Undigested:
    """A shop whose owner was not told yet of `day`, yesterday on its clock."""

    tenant_id: TenantId
    day: date


def list_dead_devices(tx: Tx, now: datetime, limit: int) -> list[DeadDevice]:
    return tx.all(DeadDevice, DEAD_DEVICES, now=now, limit=limit)


def claim(tx: Tx, notice_id: UUID, now: datetime) -> str | None:
    """The state that the device is in; None when the notice was settled meanwhile."""
    return tx.scalar(str, CLAIM, notice_id=notice_id, now=now)


def addresses(tx: Tx) -> list[str]:
    """Whom to mail: nobody where the owner wants to be told nothing."""
    return tx.scalars(str, TO)


def settle(tx: Tx, notice_id: UUID, *, was_sent: bool, now: datetime) -> None:
    state, outcome = ("sent", None) if was_sent else ("skipped", "telling_is_off")
    tx.run(SETTLE, notice_id=notice_id, state=state, outcome=outcome, now=now)


def list_undigested(tx: Tx, now: datetime, limit: int) -> list[Undigested]:
    return tx.all(Undigested, UNDIGESTED, now=now, limit=limit)


def digest(tx: Tx, day: date, now: datetime) -> bool:
    """Plans the digest of `day`, once; where nothing happened nothing is told."""
    return tx.run(DIGEST, day=day, now=now) == 1
