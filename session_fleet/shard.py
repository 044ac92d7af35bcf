"""A shard: a process that holds the WhatsApp connections of up to 25 shops.

It claims, renews and releases its own leases, and trusts them for 20 s from the last renewal it sent.
"""

import os
import signal
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass

from balas import log
from balas.db import owner_notices, sends, session_leases
from balas.db.database import Database
from balas.db.inbound import Account
from balas.db.notifications import Listener
from balas.db.session_leases import ClaimedSession
from balas.errors import Unavailable
from balas.whatsapp_session import SessionId
from session_fleet import events, neonize_calls
from session_fleet.gate import Gate
from session_fleet.lease_clock import LeaseClock
from session_fleet.neonize_calls import Client
from session_fleet.owner_notices import OwnerNotices
from session_fleet.sender import Sender
from session_fleet.session import Session
from session_fleet.settings import Settings
from session_fleet.translate import Us
from session_fleet.watchdog import Watchdog

logger = log.get("fleet.shard")

POLL_S = 1.0
CONNECTIONS = 5
DATABASE_WAIT_S = 1.0
QUIET_S = 0.5
"""Source: measured; 0.5 s without a callback after disconnecting loses nothing."""
SENDING_LIMIT_S = 3.0
STOP_LIMIT_S = 100.0
ALIVE_CHECK_S = 30.0
DIAL_AGAIN_S = 15.0
STARTS_PER_PROCESS = 200
"""Source: measured; neonize leaks two file descriptors per start, for good."""


@dataclass
class _Held:
    session: Session
    sender: Sender
    wants_logout: bool
    logout: threading.Thread | None = None


class Shard:
    """`run` returns when it was told to stop and everything is released."""

    def __init__(self, settings: Settings, owner: str, heartbeat_fd: int) -> None:
        self._settings, self._owner = settings, owner
        self._db = Database(settings.fleet_url, CONNECTIONS, DATABASE_WAIT_S)
        self._listener = Listener(settings.fleet_url, ["whatsapp_sessions", "outbox"])
        self._gate = Gate()
        self._clock = LeaseClock()
        self._watchdog = Watchdog(self._clock, heartbeat_fd, self._cut_off)
        self._held: dict[SessionId, _Held] = {}
        self._not_before: dict[SessionId, float] = {}
        self._starts = 0
        self._checked_at = time.monotonic()
        self._is_cut_off = threading.Event()
        self._stopping = threading.Event()
        self._wake = threading.Event()

    def run(self) -> None:
        signal.signal(signal.SIGTERM, lambda _, __: self._stop())
        signal.signal(
            signal.SIGINT, signal.SIG_IGN
        )  # Ctrl-C reaches the whole group; the supervisor tells us
        self._watchdog.start()
        threading.Thread(target=self._listen, daemon=True).start()
        logger.info("shard started", owner=self._owner)
        while not self._stopping.is_set():
            self._watchdog.tick()
            self._wake.clear()
            self._work()
            self._wake.wait(POLL_S)
        self._shut_down()

    def _work(self) -> None:
        try:
            if self._is_cut_off.is_set():
                self._let_go(list(self._held))
                self._is_cut_off.clear()
            self._renew()
            self._end_finished()
            self._claim()
            self._look_after_held()
        except Unavailable:
            logger.warning("postgres did not answer")
        except Exception as error:  # noqa: BLE001 - one session must not end the others
            logger.unexpected("a shard's round failed", error)

    def _renew(self) -> None:
        if not self._clock.is_due():
            return
        sent_at = self._clock.sending()
        with self._db.routing_tx() as tx:
            kept = session_leases.renew(tx, self._owner, list(self._held))
        self._clock.renewed(sent_at)
        lost = [i for i in self._held if i not in kept]
        if lost:
            logger.warning("leases lost", count=len(lost))
            self._let_go(lost)

    def _end_finished(self) -> None:
        over = [i for i, held in self._held.items() if held.session.is_over()]
        for session_id in over:
            if not self._held[session_id].session.ended.is_set():
                self._not_before[session_id] = time.monotonic() + DIAL_AGAIN_S
        self._let_go(over)

    def _claim(self) -> None:
        now = time.monotonic()
        self._not_before = {i: at for i, at in self._not_before.items() if at > now}
        room = self._settings.sessions_per_shard - len(self._held)
        if room <= 0 or self._stopping.is_set():
            return
        with self._db.routing_tx() as tx:
            except_ids = [*self._held, *self._not_before]
            claimed = session_leases.claim(tx, self._owner, room, except_ids)
        for session in claimed:
            self._start(session)

    def _start(self, claimed: ClaimedSession) -> None:
        session_id = claimed.lease.session_id
        client = Client(self._gate, self._settings.whatsmeow_url, jid=claimed.jid)
        account = Account(session_id, claimed.jid, claimed.lid)
        session = Session(self._db, claimed.lease, client, account, Us(claimed.lid, claimed.phone))
        session.on_database_fault = self._cut_off
        with self._db.routing_tx() as tx:
            exists = session_leases.device_exists(tx, claimed.jid)
        if not exists:
            session.end("logged_out", None)
            with self._db.routing_tx() as tx:
                session_leases.release(tx, self._owner, [session_id])
            return
        sender = Sender(self._db, claimed.lease, account, client, session.line)
        notices = OwnerNotices(self._db, claimed.lease, client, self._settings.public_origin)
        sender.when_idle = notices.send_next
        session.on_online = sender.wake
        self._held[session_id] = _Held(session, sender, wants_logout=claimed.wanted == "off")
        self._starts += 1
        session.handle(events.Interrupted())  # until it is connected, whatever its last holder wrote
        session.start()
        sender.start()
        logger.info("session started", session_id=session_id, fence=claimed.lease.fence)

    def _look_after_held(self) -> None:
        ids = list(self._held)
        if not ids:
            return
        with self._db.routing_tx() as tx:
            wanted_off = session_leases.wanted_off(tx, ids)
            with_work = sends.sessions_with_work(tx, ids) | owner_notices.sessions_with_notices(tx, ids)
        for session_id in wanted_off:
            self._log_out(self._held[session_id])
        for session_id in with_work:
            self._held[session_id].sender.wake()
        self._check_alive()
        if self._starts >= STARTS_PER_PROCESS:
            logger.info("shard is worn out and makes room for a new one", starts=self._starts)
            self._stop()

    def _log_out(self, held: _Held) -> None:
        """In a thread of its own: WhatsApp may take a minute to answer."""
        is_busy = held.logout is not None and held.logout.is_alive()
        if held.session.line.online.is_set() and not held.session.is_over() and not is_busy:
            held.logout = threading.Thread(target=held.session.log_out, daemon=True)
            held.logout.start()

    def _check_alive(self) -> None:
        if time.monotonic() - self._checked_at < ALIVE_CHECK_S:
            return
        self._checked_at = time.monotonic()
        alive = [i for i, held in self._held.items() if held.session.client.is_alive()]
        with self._db.routing_tx() as tx:
            session_leases.note_seen(tx, self._owner, alive)
        if dead := len(self._held) - len(alive):
            logger.warning("sessions are not connected", count=dead)

    def _cut_off(self) -> None:
        """Postgres or our leases cannot be relied on: WhatsApp shall keep what comes. For any thread."""
        if self._is_cut_off.is_set() or not self._held:
            return
        self._is_cut_off.set()
        logger.warning("disconnecting every session", count=len(self._held))
        _disconnect(self._held.copy().values())
        self._wake.set()

    def _let_go(self, session_ids: list[SessionId]) -> None:
        """Ends these sessions in this process, keeping what they received, and releases their leases."""
        if not session_ids:
            return
        held = [self._held[i] for i in session_ids]
        for one in held:
            one.sender.stop()
        _disconnect(held)
        self._drain(held)
        for one in held:
            one.session.client.stop()
        for session_id in session_ids:
            del self._held[session_id]
        with self._db.routing_tx() as tx:
            session_leases.release(tx, self._owner, session_ids)

    def _drain(self, held: list[_Held]) -> None:
        """Waits until their handlers have stored all; while Postgres is away that is until it is back."""
        while not all(one.session.line.is_quiet(QUIET_S) for one in held):
            self._watchdog.tick()
            time.sleep(0.05)

    def _shut_down(self) -> None:
        """Nothing more is claimed; sends in flight get a moment; then disconnect, drain, release."""
        threading.Thread(target=_exit_later, daemon=True).start()
        deadline = time.monotonic() + SENDING_LIMIT_S
        held = list(self._held.values())
        for one in held:
            one.sender.stop()
        for one in held:
            one.sender.join(deadline - time.monotonic())
        try:
            self._let_go(list(self._held))
        except Unavailable:
            logger.warning("leases could not be released; they run out by themselves")
        logger.info("shard stopped", owner=self._owner)

    def _stop(self) -> None:
        self._stopping.set()
        self._wake.set()

    def _listen(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            try:
                for payload in self._listener.wait(POLL_S):
                    self._hear(payload)
                failures = 0
            except Unavailable:
                failures += 1
                if failures > 1:
                    self._cut_off()
                    time.sleep(POLL_S)

    def _hear(self, session_id: str) -> None:
        for held_id, held in self._held.copy().items():
            if str(held_id) == session_id:
                held.sender.wake()
        self._wake.set()


def run(settings: Settings, owner: str, heartbeat_fd: int) -> None:
    """Never returns: neonize's threads would keep the process from ending normally."""
    neonize_calls.quieten()
    os.set_blocking(heartbeat_fd, False)
    Shard(settings, owner, heartbeat_fd).run()
    os._exit(0)


def _disconnect(held: Iterable[_Held]) -> None:
    for one in held:
        one.session.line.online.clear()
        one.session.client.disconnect()


def _exit_later() -> None:
    time.sleep(STOP_LIMIT_S)
    logger.error("a shard could not stop in time")
    os._exit(1)
