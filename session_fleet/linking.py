"""A linking process: a shard of one session, from its first QR code to a device that a shard can take over.

Disposable, since neonize leaks a pairing that nobody finishes; the supervisor ends it at a deadline.
"""

import os
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from balas import log
from balas.db import linking, session_leases
from balas.db.database import Database
from balas.db.inbound import Account
from balas.db.linking import AccountTaken, Attempt, Request
from balas.db.session_leases import Lease
from balas.errors import BalasError, Unavailable
from balas.whatsapp_session import State
from session_fleet import events, neonize_calls
from session_fleet.gate import Gate
from session_fleet.lease_clock import RENEW_AFTER_S, LeaseClock
from session_fleet.neonize_calls import Client
from session_fleet.session import Session
from session_fleet.settings import Settings
from session_fleet.translate import Us

logger = log.get("fleet.linking")

LEASE_LIMIT_S = 40.0
"""A lease that nobody released runs out in 30 s."""
FIRST_QR_LASTS, LATER_QR_LASTS = timedelta(seconds=60), timedelta(seconds=20)
"""Source: whatsmeow qrchan.go; the server sends six codes."""
PAIRING_LIMIT_S = 175.0
SETTLING_LIMIT_S = 20.0
QUIET_S = 1.0
POLL_S = 1.0


@dataclass(frozen=True)
class _Code:
    qr: str


@dataclass(frozen=True)
class _Status:
    """How neonize says that the pairing ended."""

    word: str


_Paired = Literal["paired", "taken", "over", "failed"]
_News = _Code | _Status | _Paired


class Linking:
    """One attempt of one owner."""

    def __init__(self, settings: Settings, owner: str, attempt: Attempt) -> None:
        self._attempt = attempt
        self._lease = Lease(attempt.tenant_id, attempt.session_id, owner, fence=0)
        self._db = Database(settings.fleet_url, max_connections=4)
        self._news: queue.Queue[_News] = queue.Queue()
        self._clock = LeaseClock()
        self._client = Client(Gate(), settings.whatsmeow_url, jid=None, key=str(attempt.attempt_id))
        self._codes = 0
        self._jid: str | None = None

    def run(self) -> None:
        """Returns when the attempt has ended in one way or the other, which its row then says."""
        if not self._take_lease():
            return
        with self._db.tenant_tx(self._attempt.tenant_id) as tx:
            request = linking.read(tx, self._attempt)
        if request is None:
            return
        threading.Thread(target=self._keep_lease, daemon=True).start()
        session = Session(self._db, self._lease, self._client, None, Us())
        session.tells_state = False
        self._client.subscribe_to_linking(
            lambda qr: self._hear_code(session, qr), lambda word: self._news.put(_Status(word))
        )
        session.on_pairing = lambda event: self._news.put(self._note_pairing(session, event))
        session.start()
        self._settle(session, self._await_pairing(request))

    def _take_lease(self) -> bool:
        deadline = time.monotonic() + LEASE_LIMIT_S
        attempt = self._attempt
        while time.monotonic() < deadline:
            sent_at = self._clock.sending()
            with self._db.tenant_tx(attempt.tenant_id) as tx:
                fence = session_leases.claim_for_linking(
                    tx, self._lease.owner, attempt.session_id, attempt.attempt_id
                )
                if fence is not None:
                    self._clock.renewed(sent_at)
                    self._lease = Lease(attempt.tenant_id, attempt.session_id, self._lease.owner, fence)
                    return True
                if linking.read(tx, attempt) is None:
                    return False
            time.sleep(POLL_S / 4)
        return False

    def _keep_lease(self) -> None:
        while not self._clock.is_expired():
            time.sleep(RENEW_AFTER_S / 2)
            sent_at = self._clock.sending()
            try:
                with self._db.tenant_tx(self._attempt.tenant_id) as tx:
                    if session_leases.renew(tx, self._lease.owner, [self._attempt.session_id]):
                        self._clock.renewed(sent_at)
            except Unavailable:
                continue
        logger.warning("lost the lease while linking", session_id=self._attempt.session_id)
        os._exit(1)

    def _hear_code(self, session: Session, qr: str) -> None:
        session.settled.set()  # the start is done: WhatsApp answers
        self._news.put(_Code(qr))

    def _note_pairing(self, session: Session, event: events.Paired | events.PairingFailed) -> _Paired:
        """On the client's thread, so that what comes after the pairing finds its account."""
        if isinstance(event, events.PairingFailed):
            return "failed"
        self._jid = event.jid
        try:
            lid = self._note_paired(event.jid)
        except AccountTaken:
            return "taken"
        if lid is None:
            return "over"
        session.us = Us(lid, event.jid.partition(":")[0])
        session.account = Account(self._attempt.session_id, event.jid, lid)
        return "paired"

    def _note_paired(self, jid: str) -> str | None:
        while True:
            try:
                return linking.note_paired(self._db, self._attempt, self._lease, jid)
            except Unavailable:
                time.sleep(POLL_S)

    def _await_pairing(  # noqa: PLR0911 - a flat match
        self, request: Request
    ) -> _Paired | tuple[State, str | None]:
        """Shows codes until one is used, the last has run out, or the owner has gone."""
        deadline = time.monotonic() + PAIRING_LIMIT_S
        while time.monotonic() < deadline:
            try:
                news = self._news.get(timeout=POLL_S)
            except queue.Empty:
                if self._client.has_failed():
                    return "failed", "whatsapp_unreachable"
                if self._is_over():
                    return "over"
                continue
            match news:
                case _Code(qr):
                    self._show(request, qr)
                case _Status("success"):
                    continue
                case _Status("timeout"):
                    return "link_expired", None
                case _Status("err-client-outdated"):
                    return "failed", "client_outdated"
                case _Status() | "failed":
                    return "failed", "pairing_failed"
                case _:
                    return news
        return "link_expired", None

    def _show(self, request: Request, qr: str) -> None:
        self._codes += 1
        if request.method == "qr":
            lasts = FIRST_QR_LASTS if self._codes == 1 else LATER_QR_LASTS
            with self._db.tenant_tx(self._attempt.tenant_id) as tx:
                linking.show_qr(tx, self._attempt, self._lease, qr, lasts)
        elif self._codes == 1:  # WhatsApp is ready for a number; its code stays good for all of them
            code = self._client.pair_phone(request.phone_to_link or "")
            with self._db.tenant_tx(self._attempt.tenant_id) as tx:
                linking.show_pair_code(tx, self._attempt, self._lease, code)

    def _is_over(self) -> bool:
        with self._db.tenant_tx(self._attempt.tenant_id) as tx:
            return linking.read(tx, self._attempt) is None and self._jid is None

    def _settle(self, session: Session, outcome: _Paired | tuple[State, str | None]) -> None:
        """Lets a paired device settle in, or removes one that nobody may keep, and notes how it ended."""
        logger.info("linking ended", session_id=self._attempt.session_id, outcome=outcome)
        if outcome == "paired":
            self._await(lambda: session.line.online.is_set() and self._push_name_is_known())
        elif self._jid:
            self._await(session.line.online.is_set)
            self._client.logout()
        if outcome == "taken":
            outcome = ("failed", "account_taken")
        if isinstance(outcome, tuple):
            with self._db.tenant_tx(self._attempt.tenant_id) as tx:
                linking.end(tx, self._attempt, self._lease, outcome)
        session.line.online.clear()
        self._client.disconnect()
        self._await(lambda: session.line.is_quiet(QUIET_S))
        with self._db.tenant_tx(self._attempt.tenant_id) as tx:
            session_leases.release(tx, self._lease.owner, [self._attempt.session_id])

    def _await(self, is_so: Callable[[], bool]) -> None:
        deadline = time.monotonic() + SETTLING_LIMIT_S
        while not is_so() and time.monotonic() < deadline:
            time.sleep(0.05)

    def _push_name_is_known(self) -> bool:
        with self._db.tenant_tx(self._attempt.tenant_id) as tx:
            return linking.push_name_is_known(tx, self._jid or "")


def run(settings: Settings, owner: str, attempt: Attempt) -> None:
    """Never returns: neonize's threads would keep the process from ending normally."""
    neonize_calls.quieten()
    try:
        Linking(settings, owner, attempt).run()
    except BalasError as error:
        logger.unexpected("linking failed", error, session_id=attempt.session_id)
        os._exit(1)
    os._exit(0)
