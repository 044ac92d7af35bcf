"""How often a thing may be tried."""

from balas.db import rate_limits
from balas.db.database import Database
from balas.db.rate_limits import Limit
from balas.errors import RateLimited


def enforce(db: Database, limit: Limit, subject: str) -> None:
    """Counts one attempt of `subject`, in a transaction of its own; RateLimited when it is one too many."""
    with db.routing_tx() as tx:
        wait_s = rate_limits.hit(tx, limit, subject)
    if wait_s:
        raise RateLimited(f"Terlalu banyak percobaan. Coba lagi {-(-wait_s // 60)} menit lagi.", wait_s)
