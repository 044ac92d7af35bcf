"""Refresh tokens, stored as hashes: each is used once, and its children form the family of one sign-in."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal
from uuid import UUID, uuid4

from balas.db.database import Tx
from balas.tenant import UserId

LIFETIME = timedelta(days=30)
GRACE = timedelta(seconds=30)
"""Two tabs, or a lost answer: a token may come back this long after its rotation."""

STORE = """
insert into logins (tenant_id, user_id, family_id, token_hash, expires_at)
values (%(tenant_id)s, %(user_id)s, %(family_id)s, %(token_hash)s, now() + %(lifetime)s)
"""

LOCK = """
select user_id, family_id,
    case when revoked_at is not null or expires_at <= now() then 'ended'
        when rotated_at <= now() - %(grace)s then 'reused'
        else 'good' end as state
from logins
where tenant_id = %(tenant_id)s and token_hash = %(token_hash)s
for update
"""

MARK_ROTATED = """
update logins set rotated_at = coalesce(rotated_at, now())
where tenant_id = %(tenant_id)s and token_hash = %(token_hash)s
"""

REVOKE_FAMILY = """
update logins set revoked_at = now()
where tenant_id = %(tenant_id)s and revoked_at is null and family_id = (
    select family_id from logins where tenant_id = %(tenant_id)s and token_hash = %(token_hash)s
)
"""


@dataclass(frozen=True)
class _Login:
    user_id: UserId
    family_id: UUID
    state: Literal["good", "ended", "reused"]


def start(tx: Tx, user_id: UserId, token_hash: bytes) -> None:
    """Stores the first token of a sign-in."""
    tx.run(STORE, user_id=user_id, family_id=uuid4(), token_hash=token_hash, lifetime=LIFETIME)


def rotate(tx: Tx, token_hash: bytes, child_hash: bytes) -> UserId | None:
    """Trades a token for its child; None when it is not good for that any more.

    A token that comes back after the grace was copied: its whole family is revoked, which the caller
    must commit, so it raises only afterwards.
    """
    login = tx.first(_Login, LOCK, token_hash=token_hash, grace=GRACE)
    if login is None or login.state == "ended":
        return None
    if login.state == "reused":
        end_family(tx, token_hash)
        return None
    tx.run(MARK_ROTATED, token_hash=token_hash)
    child = {"user_id": login.user_id, "family_id": login.family_id, "token_hash": child_hash}
    tx.run(STORE, lifetime=LIFETIME, **child)
    return login.user_id


def end_family(tx: Tx, token_hash: bytes) -> None:
    """Ends the sign-in that a token belongs to, on every tab."""
    tx.run(REVOKE_FAMILY, token_hash=token_hash)
