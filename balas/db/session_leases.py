"""Which fleet process may connect a WhatsApp session, and what its holder writes about it.

Every UPDATE carries owner and fence: with a lease that was lost it changes 0 rows. Times are Postgres's.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from balas.db.database import Tx
from balas.tenant import TenantId
from balas.whatsapp_session import AttemptId, SessionId, State, Wanted

TTL = timedelta(seconds=30)

# A session that is wanted off and still has its device is claimed too: to log the device out.
CLAIM = """
with free as (
    select l.tenant_id, l.session_id
    from session_leases as l
    join whatsapp_sessions as s on s.tenant_id = l.tenant_id and s.id = l.session_id
    where s.jid is not null and s.state in ('connected', 'reconnecting')
        and (l.until is null or l.until < now() or l.owner = %(owner)s)
        and l.session_id <> all(%(except_ids)s::uuid[])
    order by s.last_seen_at desc nulls last
    limit %(limit)s
    for update of l skip locked
)
update session_leases as l set owner = %(owner)s, until = now() + %(ttl)s, fence = l.fence + 1
from free join whatsapp_sessions as s on s.tenant_id = free.tenant_id and s.id = free.session_id
where l.tenant_id = free.tenant_id and l.session_id = free.session_id
returning l.tenant_id, l.session_id, l.owner, l.fence, s.jid, s.lid, s.phone, s.wanted
"""

CLAIM_FOR_LINKING = """
update session_leases as l set owner = %(owner)s, until = now() + %(ttl)s, fence = l.fence + 1
from whatsapp_sessions as s
where l.session_id = %(session_id)s and s.tenant_id = l.tenant_id and s.id = l.session_id
    and s.state = 'linking' and s.attempt_id = %(attempt_id)s
    and (l.until is null or l.until < now() or l.owner = %(owner)s)
returning l.fence
"""

RENEW = """
update session_leases set until = now() + %(ttl)s
where owner = %(owner)s and session_id = any(%(session_ids)s::uuid[]) and until > now()
returning session_id
"""

# Whom nobody holds is not connected, whatever its holder wrote last.
RELEASE = """
with released as (
    update session_leases set until = null, owner = null
    where owner = %(owner)s and session_id = any(%(session_ids)s::uuid[])
    returning tenant_id, session_id
)
update whatsapp_sessions as s set state = 'reconnecting' from released
where s.tenant_id = released.tenant_id and s.id = released.session_id and s.state = 'connected'
"""

RELEASE_ALL = """
with released as (
    update session_leases set until = null, owner = null where owner = %(owner)s
    returning tenant_id, session_id
)
update whatsapp_sessions as s set state = 'reconnecting' from released
where s.tenant_id = released.tenant_id and s.id = released.session_id and s.state = 'connected'
"""

# A banned or replaced session is off as well, but its device stays.
WANTED_OFF = """
select id from whatsapp_sessions
where id = any(%(session_ids)s::uuid[]) and wanted = 'off' and state in ('connected', 'reconnecting')
"""

COUNT_TO_RUN = """
select count(*) from whatsapp_sessions where jid is not null and state in ('connected', 'reconnecting')
"""

# `wanted` stays off once the owner said so: a late Connected must not bring back what is being logged out.
SET_STATE = """
update whatsapp_sessions as s set
    state = %(state)s, reason = %(reason)s, updated_at = now(),
    last_seen_at = case when %(state)s = 'connected' then now() else s.last_seen_at end
from session_leases as l
where s.tenant_id = %(tenant_id)s and s.id = %(session_id)s and s.wanted = 'on'
    and l.tenant_id = s.tenant_id and l.session_id = s.id and l.owner = %(owner)s and l.fence = %(fence)s
"""

STOP = """
update whatsapp_sessions as s set
    state = %(state)s, reason = %(reason)s, wanted = 'off', qr = null, pair_code = null, updated_at = now(),
    jid = case when %(forget)s then null else s.jid end,
    lid = case when %(forget)s then null else s.lid end,
    phone = case when %(forget)s then null else s.phone end
from session_leases as l
where s.tenant_id = %(tenant_id)s and s.id = %(session_id)s
    and l.tenant_id = s.tenant_id and l.session_id = s.id and l.owner = %(owner)s and l.fence = %(fence)s
"""

SEEN = """
update whatsapp_sessions as s set last_seen_at = now()
from session_leases as l
where s.id = any(%(session_ids)s::uuid[]) and s.state = 'connected'
    and l.tenant_id = s.tenant_id and l.session_id = s.id and l.owner = %(owner)s
"""

DEVICE_EXISTS = "select exists (select 1 from whatsmeow.whatsmeow_device where jid = %(jid)s)"

SETTLED_STATES_THAT_FORGET: frozenset[State] = frozenset({"logged_out", "disconnected"})


@dataclass(frozen=True)
class Lease:
    """The right to act for one session, until a higher fence is handed out."""

    tenant_id: TenantId
    session_id: SessionId
    owner: str
    fence: int


@dataclass(frozen=True)
class ClaimedSession:
    """What a shard needs to connect the device `jid`; `lid` and `phone` are the account's."""

    lease: Lease
    jid: str
    lid: str
    phone: str
    wanted: Wanted


def claim(tx: Tx, owner: str, limit: int, except_ids: list[SessionId]) -> list[ClaimedSession]:
    """At most `limit` sessions that should run and that nobody holds, now held by `owner`."""
    rows = tx.all(_Row, CLAIM, owner=owner, limit=limit, except_ids=except_ids, ttl=TTL)
    return [row.claimed() for row in rows]


def claim_for_linking(tx: Tx, owner: str, session_id: SessionId, attempt_id: AttemptId) -> int | None:
    """The fence of the attempt's lease; None when another holds it or the attempt is over."""
    return tx.scalar(
        int, CLAIM_FOR_LINKING, owner=owner, session_id=session_id, attempt_id=attempt_id, ttl=TTL
    )


def renew(tx: Tx, owner: str, session_ids: list[SessionId]) -> set[SessionId]:
    """The sessions that `owner` still holds, for 30 s more."""
    return {SessionId(i) for i in tx.scalars(UUID, RENEW, owner=owner, session_ids=session_ids, ttl=TTL)}


def release(tx: Tx, owner: str, session_ids: list[SessionId]) -> None:
    tx.run(RELEASE, owner=owner, session_ids=session_ids)


def release_all(tx: Tx, owner: str) -> None:
    """Ends every lease of a process that is known to be dead."""
    tx.run(RELEASE_ALL, owner=owner)


def wanted_off(tx: Tx, session_ids: list[SessionId]) -> set[SessionId]:
    """Those that the owner asked to disconnect."""
    return {SessionId(i) for i in tx.scalars(UUID, WANTED_OFF, session_ids=session_ids)}


def count_to_run(tx: Tx) -> int:
    return tx.scalar(int, COUNT_TO_RUN) or 0


def set_state(tx: Tx, lease: Lease, state: State, reason: str | None = None) -> bool:
    """Notes a state that may pass; False when the lease was lost or the owner disconnects."""
    return tx.run(SET_STATE, state=state, reason=reason, **_key(lease)) == 1


def stop(tx: Tx, lease: Lease, state: State, reason: str | None = None) -> bool:
    """Notes that the session is over; the device is forgotten where WhatsApp has deleted it."""
    forget = state in SETTLED_STATES_THAT_FORGET
    return tx.run(STOP, state=state, reason=reason, forget=forget, **_key(lease)) == 1


def note_seen(tx: Tx, owner: str, session_ids: list[SessionId]) -> None:
    tx.run(SEEN, owner=owner, session_ids=session_ids)


def device_exists(tx: Tx, jid: str) -> bool:
    """Whether whatsmeow has the device's keys; connecting without them kills the process."""
    return tx.scalar(bool, DEVICE_EXISTS, jid=jid) is True


def _key(lease: Lease) -> dict[str, object]:
    return {
        "tenant_id": lease.tenant_id,
        "session_id": lease.session_id,
        "owner": lease.owner,
        "fence": lease.fence,
    }


@dataclass(frozen=True)
class _Row:
    tenant_id: TenantId
    session_id: SessionId
    owner: str
    fence: int
    jid: str
    lid: str
    phone: str
    wanted: Wanted

    def claimed(self) -> ClaimedSession:
        lease = Lease(self.tenant_id, self.session_id, self.owner, self.fence)
        return ClaimedSession(lease, self.jid, self.lid, self.phone, self.wanted)
