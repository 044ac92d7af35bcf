"""What happened, for tests and the phone page: a log that long polls read from a number on."""

import asyncio
import json
import sqlite3
import time
from typing import Any

_KEPT = 20_000


class EventLog:
    """Events in the order they happened, numbered across restarts."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._changed = asyncio.Event()

    def add(self, kind: str, **body: Any) -> None:
        """Appends an event; readers see it once `announce` is called."""
        body.setdefault("at", round(time.time(), 3))
        query = "insert into event (kind, body) values (?, ?) returning seq"
        seq = self._db.execute(query, (kind, json.dumps(body))).fetchone()[0]
        if seq % 1000 == 0:
            self._db.execute("delete from event where seq <= ?", (seq - _KEPT,))

    def announce(self) -> None:
        """Wakes the readers, after the transaction with the events was committed."""
        self._changed.set()
        self._changed = asyncio.Event()

    def last(self) -> int:
        """The number of the newest event."""
        return self._db.execute("select coalesce(max(seq), 0) from event").fetchone()[0]

    def after(self, since: int, kinds: list[str]) -> list[dict[str, Any]]:
        """The events with a higher number, of these kinds (empty: of all)."""
        rows = self._db.execute("select seq, kind, body from event where seq > ? order by seq", (since,))
        return [
            {"seq": row["seq"], "kind": row["kind"], **json.loads(row["body"])}
            for row in rows
            if not kinds or row["kind"] in kinds
        ]

    async def wait(self, since: int, kinds: list[str], count: int, timeout_s: float) -> list[dict[str, Any]]:
        """At least `count` events after `since`, or what there is when the time is up."""
        deadline = time.monotonic() + timeout_s
        while True:
            changed = self._changed
            found = self.after(since, kinds)
            remaining = deadline - time.monotonic()
            if len(found) >= count or remaining <= 0:
                return found
            try:
                async with asyncio.timeout(remaining):
                    await changed.wait()
            except TimeoutError:
                pass
