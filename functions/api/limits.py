"""How often a thing may be tried."""

from dataclasses import replace

from fastapi import Request

from balas.db import rate_limits
from balas.db.database import Database
from balas.db.rate_limits import Limit
from balas.errors import RateLimited

# Behind the local cloud every caller has this address; on AWS none has.
LOOPBACK = ("127.0.0.1", "::1")
LOCAL_FACTOR = 50


def enforce(db: Database, limit: Limit, subject: str) -> None:
    """Counts one attempt of `subject`, in a transaction of its own; RateLimited when it is one too many."""
    with db.routing_tx() as tx:
        wait_s = rate_limits.hit(tx, limit, subject)
    if wait_s:
        raise RateLimited(f"Terlalu banyak percobaan. Coba lagi {-(-wait_s // 60)} menit lagi.", wait_s)


def enforce_per_address(db: Database, limit: Limit, request: Request) -> None:
    """Counts one attempt from the address that a request comes from."""
    address = request.client.host if request.client else ""
    local = replace(limit, most=limit.most * LOCAL_FACTOR)
    enforce(db, local if address in LOOPBACK else limit, address)
