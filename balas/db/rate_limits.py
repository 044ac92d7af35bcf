"""Counters of attempts. Keys are hashes, so that the table holds no address of anyone."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from balas.db.database import Tx

HIT = """
insert into rate_limits as r (key, window_started_at, hits) values (%(key)s, now(), 1)
on conflict (key) do update set
    hits = case when r.window_started_at <= now() - %(window)s then 1 else r.hits + 1 end,
    window_started_at = case
        when r.window_started_at <= now() - %(window)s then now() else r.window_started_at
    end
returning hits, ceil(extract(epoch from window_started_at + %(window)s - now()))::int as ends_in_s
"""

RESET = "delete from rate_limits where key = %(key)s"


@dataclass(frozen=True)
class Limit:
    """At most `most` attempts per `window`, counted apart from limits of another name."""

    name: str
    most: int
    window: timedelta


@dataclass(frozen=True)
class _Count:
    hits: int
    ends_in_s: int


def hit(tx: Tx, limit: Limit, subject: str) -> int:
    """Counts one attempt; 0 when it is within the limit, otherwise the seconds until it may be repeated.

    The count must be committed before anyone is refused, so this does not raise.
    """
    count = tx.first(_Count, HIT, key=_key(limit, subject), window=limit.window)
    return 0 if count is None or count.hits <= limit.most else max(1, count.ends_in_s)


def reset(tx: Tx, limit: Limit, subject: str) -> None:
    tx.run(RESET, key=_key(limit, subject))


def _key(limit: Limit, subject: str) -> bytes:
    return hashlib.sha256(f"{limit.name}:{subject}".encode()).digest()
