"""What a linking process writes about its attempt. Every UPDATE carries the attempt and the lease's fence."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import psycopg

from balas.db.database import Database, Tx
from balas.db.session_leases import Lease
from balas.errors import Conflict
from balas.tenant import TenantId
from balas.whatsapp_session import AttemptId, Method, SessionId

# What another task serves has a live lease that is not ours.
UNSERVED = """
select s.tenant_id, s.id as session_id, s.attempt_id from whatsapp_sessions as s
where s.state = 'linking' and s.wanted = 'on' and s.attempt_id is not null
    and not exists (
        select 1 from session_leases as l
        where l.tenant_id = s.tenant_id and l.session_id = s.id and l.until > now()
            and not starts_with(l.owner, %(own_prefix)s)
    )
"""

READ = """
select method, phone_to_link from whatsapp_sessions
where tenant_id = %(tenant_id)s and id = %(session_id)s and attempt_id = %(attempt_id)s and state = 'linking'
"""

UPDATE_OF_ATTEMPT = """
from session_leases as l
where s.tenant_id = %(tenant_id)s and s.id = %(session_id)s and s.attempt_id = %(attempt_id)s
    and s.state = 'linking'
    and l.tenant_id = s.tenant_id and l.session_id = s.id and l.owner = %(owner)s and l.fence = %(fence)s
"""

SHOW_QR = (
    """
update whatsapp_sessions as s
set qr = %(qr)s, qr_expires_at = now() + %(lifetime)s, updated_at = now()
"""
    + UPDATE_OF_ATTEMPT
)

SHOW_PAIR_CODE = (
    """
update whatsapp_sessions as s set pair_code = %(code)s, updated_at = now()
"""
    + UPDATE_OF_ATTEMPT
)

PAIRED = """
update whatsapp_sessions as s set
    state = 'reconnecting', reason = null, jid = d.jid,
    lid = split_part(split_part(d.lid, '@', 1), ':', 1),
    phone = split_part(split_part(d.jid, '@', 1), ':', 1),
    qr = null, qr_expires_at = null, pair_code = null, phone_to_link = null, updated_at = now()
from session_leases as l, whatsmeow.whatsmeow_device as d
where s.tenant_id = %(tenant_id)s and s.id = %(session_id)s and s.attempt_id = %(attempt_id)s
    and s.state = 'linking' and d.jid = %(jid)s
    and l.tenant_id = s.tenant_id and l.session_id = s.id and l.owner = %(owner)s and l.fence = %(fence)s
returning s.lid
"""

END = (
    """
update whatsapp_sessions as s set
    state = %(state)s, reason = %(reason)s, wanted = 'off', qr = null, qr_expires_at = null,
    pair_code = null, phone_to_link = null, updated_at = now()
"""
    + UPDATE_OF_ATTEMPT
)

# By the supervisor, when the process died and cannot say so itself: no lease, but the attempt is the fence.
ABANDON = """
update whatsapp_sessions set
    state = 'failed', reason = 'pairing_failed', wanted = 'off', qr = null, qr_expires_at = null,
    pair_code = null, phone_to_link = null, updated_at = now()
where tenant_id = %(tenant_id)s and id = %(session_id)s and attempt_id = %(attempt_id)s and state = 'linking'
"""

PUSH_NAME_IS_KNOWN = """
select exists (select 1 from whatsmeow.whatsmeow_device where jid = %(jid)s and push_name <> '')
"""


class AccountTaken(Conflict):
    """Another shop has linked this WhatsApp account."""

    code = "account_taken"


@dataclass(frozen=True)
class Attempt:
    """One press on "connect": a linking process serves exactly one."""

    tenant_id: TenantId
    session_id: SessionId
    attempt_id: AttemptId


@dataclass(frozen=True)
class Request:
    """How the owner wants to link; `phone_to_link` (digits) is set for a pairing code."""

    method: Method
    phone_to_link: str | None


def unserved_attempts(tx: Tx, own_prefix: str) -> list[Attempt]:
    """The attempts that no other task serves; the name of each of our owners starts with `own_prefix`."""
    return tx.all(Attempt, UNSERVED, own_prefix=own_prefix)


def read(tx: Tx, attempt: Attempt) -> Request | None:
    """None when the attempt is over."""
    return tx.first(Request, READ, session_id=attempt.session_id, attempt_id=attempt.attempt_id)


def show_qr(tx: Tx, attempt: Attempt, lease: Lease, qr: str, lifetime: timedelta) -> bool:
    return tx.run(SHOW_QR, qr=qr, lifetime=lifetime, **_key(attempt, lease)) == 1


def show_pair_code(tx: Tx, attempt: Attempt, lease: Lease, code: str) -> bool:
    return tx.run(SHOW_PAIR_CODE, code=code, **_key(attempt, lease)) == 1


def note_paired(db: Database, attempt: Attempt, lease: Lease, jid: str) -> str | None:
    """Gives the session its device and account and returns the account's LID; None when the attempt is over.

    Raises AccountTaken when another shop has this account.
    """
    try:
        with db.tenant_tx(attempt.tenant_id) as tx:
            return tx.scalar(str, PAIRED, jid=jid, **_key(attempt, lease))
    except psycopg.errors.UniqueViolation as error:
        raise AccountTaken("another shop has linked this WhatsApp account") from error


def end(tx: Tx, attempt: Attempt, lease: Lease, outcome: tuple[str, str | None]) -> bool:
    """Ends the attempt with a state and a reason."""
    state, reason = outcome
    return tx.run(END, state=state, reason=reason, **_key(attempt, lease)) == 1


def abandon(tx: Tx, attempt: Attempt) -> bool:
    """Ends an attempt whose process died without a word."""
    return tx.run(ABANDON, session_id=attempt.session_id, attempt_id=attempt.attempt_id) == 1


def push_name_is_known(tx: Tx, jid: str) -> bool:
    return tx.scalar(bool, PUSH_NAME_IS_KNOWN, jid=jid) is True


def _key(attempt: Attempt, lease: Lease) -> dict[str, UUID | str | int]:
    return {
        "session_id": attempt.session_id,
        "attempt_id": attempt.attempt_id,
        "owner": lease.owner,
        "fence": lease.fence,
    }
