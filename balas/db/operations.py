"""What the operator of Balas asks across all shops: as the owner role, whose policies see every tenant."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from balas.db import audit_log
from balas.db.database import Tx
from balas.errors import NotFound
from balas.whatsapp_session import State

TENANTS = """
select t.tenant_id, t.name, t.created_at, t.suspended_at, s.state
from tenants as t left join whatsapp_sessions as s on s.tenant_id = t.tenant_id
where not %(only_suspended)s or t.suspended_at is not null
order by t.created_at desc, t.tenant_id
"""

SUSPEND = "update tenants set suspended_at = coalesce(suspended_at, now()) where tenant_id = %(tenant_id)s"
RESUME = "update tenants set suspended_at = null where tenant_id = %(tenant_id)s"
END_LOGINS = "update logins set revoked_at = now() where tenant_id = %(tenant_id)s and revoked_at is null"
CLOSE_SOCKETS = "delete from ws_connections where tenant_id = %(tenant_id)s"
CANCEL_UNSENT = """
with cancelled as (
    update outbox set done_at = now()
    where tenant_id = %(tenant_id)s and done_at is null and claimed_at is null
    returning tenant_id, message_id
)
update messages as m set status = 'cancelled', reason = 'suspended'
from cancelled as c where m.tenant_id = c.tenant_id and m.id = c.message_id
"""

DEVICE = """
select s.state, s.reason, s.wanted, s.last_seen_at, s.updated_at, l.owner as lease_owner,
    coalesce(l.until > now(), false) as is_leased,
    (select count(*) from outbox as o where o.tenant_id = s.tenant_id and o.done_at is null) as unsent,
    (
        select count(*) from messages as m
        where m.tenant_id = s.tenant_id and m.awaits_reply and m.answered_by is null
    ) as unanswered
from whatsapp_sessions as s
join session_leases as l on l.tenant_id = s.tenant_id and l.session_id = s.id
where s.tenant_id = %(tenant_id)s
"""


@dataclass(frozen=True)
class TenantRow:
    """`state` is None for a shop without a WhatsApp session row."""

    tenant_id: UUID
    name: str
    created_at: datetime
    suspended_at: datetime | None
    state: State | None


@dataclass(frozen=True)
class DeviceRow:
    """A shop's link as the operator sees it; `unsent` and `unanswered` count messages."""

    state: State
    reason: str | None
    wanted: str
    last_seen_at: datetime | None
    updated_at: datetime
    lease_owner: str | None
    is_leased: bool
    unsent: int
    unanswered: int


def tenants(tx: Tx, *, only_suspended: bool) -> list[TenantRow]:
    """Every shop, newest first."""
    return tx.all(TenantRow, TENANTS, only_suspended=only_suspended)


def suspend(tx: Tx) -> None:
    """Stops the shop that `tx` entered at once: users are signed out, what was not sent yet never is."""
    if tx.run(SUSPEND) == 0:
        raise _unknown()
    for statement in (END_LOGINS, CLOSE_SOCKETS, CANCEL_UNSENT):
        tx.run(statement)
    audit_log.record(tx, None, "shop_suspended")


def resume(tx: Tx) -> None:
    """Lets a suspended shop go on."""
    if tx.run(RESUME) == 0:
        raise _unknown()
    audit_log.record(tx, None, "shop_resumed")


def device(tx: Tx) -> DeviceRow:
    """What is known of the link to WhatsApp of the shop that `tx` entered."""
    row = tx.first(DeviceRow, DEVICE)
    if row is None:
        raise _unknown()
    return row


def _unknown() -> NotFound:
    return NotFound("there is no such shop; `tenants` lists them")
