"""Tickets: each opens one socket, once, within a minute. Stored as hashes."""

from datetime import timedelta
from uuid import UUID

from balas.db.database import Tx
from balas.tenant import UserId

LIFETIME = timedelta(seconds=60)

STORE = """
insert into ws_tickets (tenant_id, ticket_hash, user_id, expires_at)
select tenant_id, %(ticket_hash)s, id, now() + %(lifetime)s from users
where tenant_id = %(tenant_id)s and id = %(user_id)s
"""

FORGET_UNUSED = "delete from ws_tickets where tenant_id = %(tenant_id)s and expires_at <= now()"

# An expired one is deleted too, and is nobody's.
REDEEM = """
with used as (
    delete from ws_tickets where tenant_id = %(tenant_id)s and ticket_hash = %(ticket_hash)s
    returning user_id, expires_at
)
select user_id from used where expires_at > now()
"""


def issue(tx: Tx, user_id: UserId, ticket_hash: bytes) -> bool:
    """Stores a new ticket, and clears away the shop's old ones that nobody used; False: no such user."""
    tx.run(FORGET_UNUSED)
    return tx.run(STORE, user_id=user_id, ticket_hash=ticket_hash, lifetime=LIFETIME) == 1


def redeem(tx: Tx, ticket_hash: bytes) -> UserId | None:
    """Whose ticket it is, for the first who asks in time; None for everybody else."""
    user_id = tx.scalar(UUID, REDEEM, ticket_hash=ticket_hash)
    return None if user_id is None else UserId(user_id)
