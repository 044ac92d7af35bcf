"""One shop's WhatsApp connection: what its client reports becomes rows and states."""

import dataclasses
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar, assert_never

from balas import log
from balas.db import inbound, sends, session_leases
from balas.db.database import Database, Tx
from balas.db.inbound import Account, InboundMessage
from balas.db.session_leases import Lease
from balas.errors import InvalidInput, Unavailable
from balas.whatsapp_session import State
from session_fleet import events, translate
from session_fleet.line import Line
from session_fleet.neonize_calls import Client

logger = log.get("fleet.session")
T = TypeVar("T")

RETRY_S = 0.5
BATCH = 100
FAILURES_THAT_ARE_A_FAULT = 2
"""One may be a lock or a busy pool; the second in a row is a database that does not answer."""


class Session:
    """Its handlers run one at a time on the client's thread; WhatsApp has let go of a message by then.

    So they never give up: they try until Postgres answers, and tell `on_database_fault`, which disconnects
    everybody, so that WhatsApp keeps what comes next. `account` is None until a new device is paired.
    """

    def __init__(
        self, db: Database, lease: Lease, client: Client, account: Account | None, us: translate.Us
    ) -> None:
        self.lease, self.client, self.account, self.us = lease, client, account, us
        self.line = Line()
        self.settled = threading.Event()
        """Logged in, or over: a start need not wait any more."""
        self.ended = threading.Event()
        self.tells_state = True
        """False while linking: the device is not the shop's yet, or about to be handed to a shard."""
        self.on_online: Callable[[], None] = _nothing
        self.on_pairing: Callable[[events.Paired | events.PairingFailed], None] = _nothing_with
        self.on_database_fault: Callable[[], None] = _nothing
        self._db = db
        self._started_at = datetime.now(UTC)
        client.subscribe(self._on_report)

    def start(self) -> None:
        """Returns when the client is logged in, has failed, or has taken 5 s."""
        self._started_at = self._save(sends.database_now)
        self.client.start(self.settled)

    def is_over(self) -> bool:
        return self.ended.is_set() or self.client.has_failed()

    def end(self, state: State, reason: str | None) -> None:
        """Notes that this session is over; without the lease only this process's part of it is."""
        self.line.online.clear()
        if self._save(lambda tx: session_leases.stop(tx, self.lease, state, reason)):
            logger.info("session ended", session_id=self.lease.session_id, state=state, reason=reason)
        self.ended.set()
        self.settled.set()

    def log_out(self) -> None:
        """Removes the device from the owner's account; to be tried again when WhatsApp does not answer."""
        if self.client.logout():
            self.end("disconnected", None)

    def handle(self, event: events.Event) -> None:  # noqa: C901 - a flat match
        """The one switch: what each report means for this session."""
        match event:
            case events.Connected() | events.Restored():
                self._go_online()
            case events.Interrupted():
                self.line.synced_at = None  # here, not when connected: OfflineSynced may come before that
                self._go_offline()
            case events.Stalled():
                self._go_offline()
            case events.Ended(state, reason):
                self.end(state, reason)
            case events.OfflineSynced():
                self.line.synced_at = time.monotonic()
                logger.info("session is up to date", session_id=self.lease.session_id)
            case events.Arrived(messages):
                self._store(messages)
            case events.Acknowledged(ids, status):
                self._with_account(lambda tx, account: sends.note_receipt(tx, account, ids, status))
            case events.Unreadable(ids):
                started_at = self._started_at
                self._with_account(lambda tx, account: sends.resend_unreadable(tx, account, ids, started_at))
            case events.Paired() | events.PairingFailed():
                self.on_pairing(event)
            case events.Ignored():
                pass
            case _:
                assert_never(event)

    def _on_report(self, raw: Any) -> None:
        self.line.handler_begins()
        try:
            self.handle(translate.event(raw, self.us, datetime.now(UTC)))
        except Exception as error:  # noqa: BLE001 - neonize would swallow it
            session_id, kind = self.lease.session_id, type(raw).__name__
            logger.unexpected("a report could not be handled", error, session_id=session_id, kind=kind)
        finally:
            self.line.handler_ends()

    def _go_online(self) -> None:
        if self.ended.is_set():  # whatsmeow reports from several threads: this may come late
            return
        self._note("connected")
        self.line.online.set()
        self.settled.set()
        self.on_online()

    def _go_offline(self) -> None:
        self.line.online.clear()
        logger.info("session is off line", session_id=self.lease.session_id)
        self._note("reconnecting")

    def _note(self, state: State) -> None:
        if self.tells_state:
            self._save(lambda tx: session_leases.set_state(tx, self.lease, state))

    def _store(self, messages: Sequence[InboundMessage]) -> None:
        for start in range(0, len(messages), BATCH):
            batch = messages[start : start + BATCH]
            try:
                self._with_account(lambda tx, account, batch=batch: inbound.store(tx, account, batch))
            except InvalidInput:
                self._store_what_can_be(batch)

    def _store_what_can_be(self, messages: Sequence[InboundMessage]) -> None:
        """A message that Postgres cannot hold becomes a visible gap, which the owner reads on the phone."""
        for message in messages:
            try:
                self._with_account(lambda tx, account, m=message: inbound.store(tx, account, [m]))
            except InvalidInput:
                gap = dataclasses.replace(message, kind="gap", text="", media=None, push_name=None)
                self._with_account(lambda tx, account, gap=gap: inbound.store(tx, account, [gap]))
                logger.error("a message could not be stored", session_id=self.lease.session_id)

    def _with_account(self, work: Callable[[Tx, Account], object]) -> None:
        if account := self.account:
            self._save(lambda tx: work(tx, account))

    def _save(self, work: Callable[[Tx], T]) -> T:
        failures = 0
        while True:
            try:
                with self._db.tenant_tx(self.lease.tenant_id) as tx:
                    return work(tx)
            except Unavailable:
                failures += 1
                if failures == FAILURES_THAT_ARE_A_FAULT:
                    self.on_database_fault()
                if failures > 1:
                    time.sleep(RETRY_S)


def _nothing() -> None:
    """Nobody wants to know."""


def _nothing_with(_: object) -> None:
    """Nobody wants to know."""
