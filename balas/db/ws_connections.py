"""Open sockets: the socket function writes them, the pusher reads and ends those of every shop."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from balas.db.database import Tx
from balas.tenant import TenantId, UserId

LIFETIME = timedelta(hours=2)
"""Source: API Gateway closes a WebSocket after two hours."""
HANDSHAKE = timedelta(seconds=10)
"""Until its handshake is done a connection is Gone for those who push to it, and yet about to open."""

STORE = """
insert into ws_connections (tenant_id, connection_id, user_id, expires_at)
values (%(tenant_id)s, %(connection_id)s, %(user_id)s, now() + %(lifetime)s)
on conflict (tenant_id, connection_id) do nothing
"""

DELETE = """
delete from ws_connections where tenant_id = %(tenant_id)s and connection_id = %(connection_id)s
"""

LIST_OPEN = """
select tenant_id, connection_id from ws_connections
where tenant_id = any(%(tenant_ids)s::uuid[]) and expires_at > now()
"""

LIST_ENDED = "select connection_id from ws_connections where expires_at <= now() limit %(limit)s"

FORGET_ENDED = """
delete from ws_connections where connection_id = any(%(connection_ids)s) and expires_at <= now()
"""

FORGET_GONE = """
delete from ws_connections
where connection_id = any(%(connection_ids)s) and connected_at < now() - %(handshake)s
"""


@dataclass(frozen=True)
class OpenSocket:
    tenant_id: TenantId
    connection_id: str


def store(tx: Tx, connection_id: str, user_id: UserId) -> None:
    tx.run(STORE, connection_id=connection_id, user_id=user_id, lifetime=LIFETIME)


def delete(tx: Tx, connection_id: str) -> None:
    tx.run(DELETE, connection_id=connection_id)


def list_open(tx: Tx, tenant_ids: Sequence[TenantId]) -> list[OpenSocket]:
    """The sockets of these shops that may still be pushed to."""
    return tx.all(OpenSocket, LIST_OPEN, tenant_ids=list(tenant_ids))


def list_ended(tx: Tx, limit: int) -> list[str]:
    """Connections of all shops whose time is over: by itself, or because their user signed out."""
    return tx.scalars(str, LIST_ENDED, limit=limit)


def forget_ended(tx: Tx, connection_ids: Sequence[str]) -> None:
    tx.run(FORGET_ENDED, connection_ids=list(connection_ids))


def forget_gone(tx: Tx, connection_ids: Sequence[str]) -> int:
    """Deletes those that API Gateway does not know, save the newest, which it may not know yet."""
    return tx.run(FORGET_GONE, connection_ids=list(connection_ids), handshake=HANDSHAKE)
