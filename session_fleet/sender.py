"""Sends one session's outbox, one message at a time: types first, claims last."""

import os
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from balas import log
from balas.conversation import MessageId
from balas.db import sends
from balas.db.database import Database, Tx
from balas.db.inbound import Account
from balas.db.sends import NextSend
from balas.db.session_leases import Lease
from balas.errors import Unavailable
from session_fleet.line import Line
from session_fleet.neonize_calls import Client, NotSent, Rejected, Unproven

logger = log.get("fleet.sender")
T = TypeVar("T")

TYPING_MIN_S, TYPING_MAX_S, CHARACTERS_PER_S = 1.0, 3.0, 40
PROOF_LIMIT_S = 30
"""How long after everything that waited on the server has come a receipt may still prove a send."""
RETRY_S = 0.5
REACH_OUT_LIMIT = 463
"""Source: WhatsApp's ack error for an account that may not start new chats for now."""


class Sender:
    """A thread of its own per session, since an ack may take 75 s and others must not wait for it."""

    def __init__(self, db: Database, lease: Lease, account: Account, client: Client, line: Line) -> None:
        self._db, self._lease, self._account = db, lease, account
        self._client, self._line = client, line
        self.when_idle: Callable[[], bool] = _nothing_to_do
        """What is sent when no customer waits; tells whether there may be more of it."""
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._has_recovered = False
        self._doubts: dict[MessageId, float] = {}
        self._is_shown_online = False
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        """There may be work."""
        self._wake.set()

    def stop(self) -> None:
        """Claims nothing more; `join` waits for what was claimed."""
        self._stopping.set()
        self._wake.set()

    def join(self, timeout_s: float) -> None:
        if self._thread.is_alive():
            self._thread.join(max(0.0, timeout_s))

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wake.clear()
            if not self._work():
                self._wake.wait(1 if self._doubts else 30)

    def _work(self) -> bool:
        """Whether there may be more to do at once."""
        if not self._line.online.is_set():
            return False
        try:
            self._recover()
            self._settle_doubts()
            return self._send_next() or self.when_idle()
        except Unavailable:
            return False
        except Exception as error:  # noqa: BLE001 - one message must not end the session's sending
            logger.unexpected("sending failed", error, session_id=self._lease.session_id)
            return False

    def _send_next(self) -> bool:
        send = self._in_tx(lambda tx: sends.next_send(tx, self._lease.session_id))
        if send is None:
            self._go_quiet()
            return False
        self._type(send)
        secret = os.urandom(32)
        if self._stopping.is_set() or not self._in_tx(lambda tx: sends.claim(tx, self._lease, send, secret)):
            self._client.stop_typing_in(send.chat_lid)
            return False
        self._deliver(send, secret)
        return True

    def _type(self, send: NextSend) -> None:
        wanted_s = len(send.text) / CHARACTERS_PER_S if send.waiting == 1 else TYPING_MIN_S
        self._client.type_in(send.chat_lid)
        self._is_shown_online = True
        self._stopping.wait(min(TYPING_MAX_S, max(TYPING_MIN_S, wanted_s)))

    def _deliver(self, send: NextSend, secret: bytes) -> None:
        message_id = send.message_id
        try:
            wa_message_id = self._client.send_text(send.chat_lid, send.text, secret)
        except Rejected as error:
            reason = "reach_out_limit" if error.number == REACH_OUT_LIMIT else f"whatsapp_{error.number}"
            self._keep_trying(lambda: self._in_tx(lambda tx: sends.mark_failed(tx, message_id, reason)))
            logger.warning("whatsapp refused a message", message_id=message_id, number=error.number)
        except NotSent:
            self._keep_trying(lambda: self._in_tx(lambda tx: sends.unclaim(tx, message_id)))
            self._stopping.wait(RETRY_S)
        except Unproven:
            logger.warning("a send stayed without an answer", message_id=message_id)
            self._doubts[message_id] = time.monotonic()
            self._keep_trying(lambda: self._in_tx(lambda tx: sends.note_begun(tx, self._account)))
        else:
            account = self._account
            self._keep_trying(
                lambda: self._in_tx(lambda tx: sends.mark_sent(tx, account, message_id, wa_message_id))
            )
            self._mark_read(send)

    def _mark_read(self, send: NextSend) -> None:
        """The customer's bubbles stay unread on the owner's phone until they are answered."""
        if answered := self._in_tx(lambda tx: sends.answered_by(tx, send.message_id)):
            self._client.mark_read(send.chat_lid, answered)

    def _go_quiet(self) -> None:
        if self._is_shown_online:
            self._client.go_quiet()
            self._is_shown_online = False

    def _recover(self) -> None:
        """Once, before the first send: what a crash left behind waits for proof, or is sent anew."""
        if self._has_recovered:
            return
        begun = self._in_tx(lambda tx: sends.recover(tx, self._account))
        self._doubts.update(dict.fromkeys(begun, time.monotonic()))
        self._has_recovered = True

    def _settle_doubts(self) -> None:
        synced_at = self._line.synced_at
        if not self._doubts or synced_at is None:
            return
        limit = time.monotonic() - PROOF_LIMIT_S
        overdue = [i for i, since in self._doubts.items() if max(since, synced_at) <= limit]
        if overdue:
            count = self._in_tx(lambda tx: sends.mark_in_doubt(tx, overdue))
            self._doubts = {i: since for i, since in self._doubts.items() if i not in overdue}
            if count:
                logger.warning("sends stay in doubt", session_id=self._lease.session_id, count=count)

    def _in_tx(self, work: Callable[[Tx], T]) -> T:
        with self._db.tenant_tx(self._lease.tenant_id) as tx:
            return work(tx)

    def _keep_trying(self, work: Callable[[], object]) -> None:
        """What happened on WhatsApp must be noted: until Postgres answers, or this process ends."""
        while True:
            try:
                work()
                return
            except Unavailable:
                time.sleep(RETRY_S)


def _nothing_to_do() -> bool:
    return False
