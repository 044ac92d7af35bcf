"""Everything the emulator knows, and the one rule that keeps it honest: commit, then speak."""

import asyncio
import sqlite3
from collections.abc import Callable, Generator
from contextlib import contextmanager

from whatsapp_emulator.event_log import EventLog
from whatsapp_emulator.link import Link
from whatsapp_emulator.node import Node
from whatsapp_emulator.switches import Switches


class World:
    """The database, the connected clients, the event log and the switches."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db
        self.events = EventLog(db)
        self.switches = Switches()
        self.links: dict[tuple[str, int], Link] = {}
        self.pairing: dict[str, Link] = {}
        """Clients that wait to be scanned, by QR reference."""
        self.unanswered: list[str] = []
        """Requests that no handler knew: they show in the state dump."""
        self._after_commit: list[Callable[[], None]] = []

    @contextmanager
    def transaction(self) -> Generator[None]:
        """Runs one step of the world: its writes are committed together, then its stanzas leave in order."""
        self.db.execute("begin immediate")
        try:
            yield
        except BaseException:
            self.db.execute("rollback")
            self._after_commit.clear()
            raise
        self.db.execute("commit")
        actions, self._after_commit = self._after_commit, []
        for action in actions:
            action()
        self.events.announce()

    def send(self, link: Link, node: Node) -> None:
        """Sends a stanza to a client once this step is committed."""
        self.after_commit(lambda: link.write(node))

    def end(self, link: Link, node: Node, *, close_after_s: float = 0.2) -> None:
        """Sends a last stanza and closes; the pause lets the client read it first."""

        def finish() -> None:
            link.write(node)
            self.close_later(link, close_after_s)

        self.after_commit(finish)

    def close_later(self, link: Link, delay_s: float) -> None:
        """Closes a connection after a while, if the client has not done so by then."""
        asyncio.get_running_loop().call_later(delay_s, link.close)

    def after_commit(self, action: Callable[[], None]) -> None:
        """Does something once this step is committed."""
        self._after_commit.append(action)

    def later(self, delay_s: float, step: Callable[[], None]) -> None:
        """Runs a step of its own after a while."""

        def run() -> None:
            with self.transaction():
                step()

        self.after_commit(lambda: _start_timer(delay_s, run))


def _start_timer(delay_s: float, action: Callable[[], None]) -> None:
    asyncio.get_running_loop().call_later(delay_s, action)
