"""Every neonize client call in use, each through the gate. No other file calls a neonize client.

Left out on purpose, since they end the process when their Go client is gone: get_me, get_lid_from_pn,
get_pn_from_lid; and get_all_devices, which opens a database pool per call and breaks on a comma in a name.
"""

import contextlib
import ctypes
import logging
import re
import threading
from collections.abc import Callable, Sequence
from typing import Any

from neonize import NewClient  # pyright: ignore[reportMissingTypeStubs] - it ships none
from neonize._binder import (  # pyright: ignore[reportMissingTypeStubs] - it ships none
    ProxySettings,
)
from neonize.exc import (  # pyright: ignore[reportMissingTypeStubs] - it ships none
    NeonizeError,
    SendMessageError,
)
from neonize.proto.Neonize_pb2 import JID  # pyright: ignore[reportMissingTypeStubs] - it ships none
from neonize.proto.waCompanionReg.WAWebProtobufsCompanionReg_pb2 import (  # pyright: ignore[reportMissingTypeStubs] - it ships none
    DeviceProps,
)
from neonize.proto.waE2E.WAWebProtobufsE2E_pb2 import (  # pyright: ignore[reportMissingTypeStubs] - it ships none
    Message,
    MessageContextInfo,
)
from neonize.utils.enum import (  # pyright: ignore[reportMissingTypeStubs] - it ships none
    ChatPresence,
    ChatPresenceMedia,
    Presence,
    ReceiptType,
)

from balas import log
from balas.errors import Conflict, Unavailable
from session_fleet import translate
from session_fleet.gate import Gate

logger = log.get("fleet.neonize")

START_LIMIT_S = 5.0
"""How long a start may hold the gate."""
DEVICE = DeviceProps(os="Balas", platformType=DeviceProps.CHROME)
NOWHERE = "http://127.0.0.1:1"
"""A proxy that nobody answers: what is dialled through it fails at once."""
NEVER_LEFT = re.compile(
    r"client is nil|doesn't contain a device JID|^failed to get device list|"
    r"^failed to .*websocket not connected"
)
"""Source: whatsmeow send.go; these errors come before the message's frame is written."""
REJECTED = re.compile(r"server returned error (\d+)")


class NotSent(Unavailable):
    """The message did not leave; it may be sent again."""

    code = "not_sent"


class Rejected(Conflict):
    """WhatsApp refused the message with the error number `number`."""

    code = "rejected"

    def __init__(self, number: int) -> None:
        super().__init__(f"WhatsApp refused the message with error {number}")
        self.number = number


class Unproven(Unavailable):
    """The message may have left: only a receipt can tell."""

    code = "unproven"


class _TellingClient(NewClient):
    """neonize prints the end of a pairing to stdout and tells nobody; this hands the word on.

    Source: neonize 0.5.2, NewClient.connect_with_proxy passes its private __onLoginStatus to Go.
    """

    on_link_status: Callable[[str], None] | None = None

    def forget_finalizer(self) -> None:
        finalizer: Any = vars(self)["_stop_finalizer"]
        finalizer.detach()

    def _NewClient__onLoginStatus(self, _uuid: int, status: int) -> None:  # noqa: N802 - neonize's name
        if self.on_link_status:
            self.on_link_status(ctypes.string_at(status).decode())


class Client:
    """One WhatsApp connection of this process. Its callbacks run on the connection's own thread.

    For a device that exists its `jid` is also its name in this process; a new one is named by `key`.
    """

    def __init__(self, gate: Gate, database_url: str, *, jid: str | None, key: str = "") -> None:
        self._gate = gate
        self._failed = threading.Event()
        # The device number stays in the user part: whatsmeow prints the same JID, and the key is unique.
        device = None if jid is None else _jid(*jid.split("@", 1))
        self._client = _TellingClient(database_url, device, DEVICE, key, new_device=jid is None)
        self._client.event.qr(_ignore_qr)
        # Or a client that Python forgets later would stop its successor of the same name, past the gate.
        self._client.forget_finalizer()

    def subscribe(self, on_event: Callable[[Any], None]) -> None:
        """To be called before `start`: neonize fixes its list of events there."""
        for kind in translate.SUBSCRIBED:
            self._client.event(kind)(lambda _, raw: on_event(raw))

    def subscribe_to_linking(self, on_qr: Callable[[str], None], on_status: Callable[[str], None]) -> None:
        """`on_status` hears how the linking ended: success, timeout or an error's name."""
        self._client.event.qr(lambda _, data: on_qr(data.decode()))
        self._client.on_link_status = on_status

    def start(self, ready: threading.Event) -> None:
        """Dials, and returns when `ready` is set by a callback, when it failed, or after 5 s."""
        with self._gate.held():
            threading.Thread(target=self._run, args=(ready,), daemon=True).start()
            ready.wait(START_LIMIT_S)

    def has_failed(self) -> bool:
        """The first dial failed, or the client was stopped: it will not connect any more."""
        return self._failed.is_set()

    def disconnect(self) -> None:
        """Closes the line; what was received is still handed to the callbacks."""
        with self._gate.held():
            self._client.disconnect()

    def stop(self) -> None:
        """Ends the client; what was not handed over yet is dropped."""
        with self._gate.held():
            self._client.stop()

    def is_alive(self) -> bool:
        self._gate.pass_through()
        return self._client.is_connected and self._client.is_logged_in

    def logout(self) -> bool:
        """Removes the device from the account and deletes its keys; False when WhatsApp did not answer."""
        self._gate.pass_through()
        try:
            self._client.logout()
        except NeonizeError:
            return False
        return True

    def pair_phone(self, phone: str) -> str:
        """The code that the owner enters on the phone with the number `phone` (digits)."""
        self._gate.pass_through()
        try:
            return self._client.PairPhone(phone, show_push_notification=True)
        except NeonizeError as error:
            raise Unavailable("WhatsApp gave no pairing code") from error

    def send_text(self, chat_lid: str, text: str, secret: bytes) -> str:
        """Sends and waits up to 75 s for the ack; returns WhatsApp's message id.

        Raises NotSent, Rejected or Unproven.
        """
        self._gate.pass_through()
        context = MessageContextInfo(messageSecret=secret)
        try:
            response = self._client.send_message(
                _chat(chat_lid), Message(conversation=text, messageContextInfo=context)
            )
        except SendMessageError as error:
            raise send_failure(str(error)) from error
        return response.ID

    def type_in(self, chat_lid: str) -> None:
        """Shows "typing…" to the customer; needs the account's name, which may come later."""
        self._gate.pass_through()
        with contextlib.suppress(NeonizeError):
            self._client.send_presence(Presence.AVAILABLE)
            self._client.send_chat_presence(
                _chat(chat_lid),
                ChatPresence.CHAT_PRESENCE_COMPOSING,
                ChatPresenceMedia.CHAT_PRESENCE_MEDIA_TEXT,
            )

    def stop_typing_in(self, chat_lid: str) -> None:
        self._gate.pass_through()
        with contextlib.suppress(NeonizeError):
            self._client.send_chat_presence(
                _chat(chat_lid),
                ChatPresence.CHAT_PRESENCE_PAUSED,
                ChatPresenceMedia.CHAT_PRESENCE_MEDIA_TEXT,
            )

    def go_quiet(self) -> None:
        """Says that nobody looks at this device, so that the owner's phone goes on ringing."""
        self._gate.pass_through()
        with contextlib.suppress(NeonizeError):
            self._client.send_presence(Presence.UNAVAILABLE)

    def mark_read(self, chat_lid: str, wa_message_ids: Sequence[str]) -> None:
        self._gate.pass_through()
        chat = _chat(chat_lid)
        with contextlib.suppress(NeonizeError):
            self._client.mark_read(*wa_message_ids, chat=chat, sender=chat, receipt=ReceiptType.READ)

    def _run(self, ready: threading.Event) -> None:
        try:
            self._client.connect()
        except NeonizeError:
            logger.warning("a client could not dial whatsapp")
        finally:
            self._failed.set()
            ready.set()


def create_tables(database_url: str) -> None:
    """Creates or upgrades whatsmeow's tables: opening a client does so, and this one dials nowhere."""
    client = NewClient(database_url, None, DEVICE, "store", new_device=True)
    client.event.qr(_ignore_qr)
    with contextlib.suppress(NeonizeError):
        client.connect(ProxySettings(proxy_address=NOWHERE))


def quieten() -> None:
    """neonize logs to the root logger what Go tells, with JIDs in it: errors only, and those masked."""
    logging.getLogger().handlers.clear()
    logging.getLogger().addHandler(_Masked())
    logging.getLogger("neonize.utils.log").setLevel(logging.ERROR)


class _Masked(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno >= logging.ERROR:
            text = re.sub(r"[\w.:]+@[\w.]+|\d{5,}|[A-F0-9]{12,}", "***", record.getMessage())
            logger.warning("whatsmeow reported a problem", part=record.name, text=text[:300])


def send_failure(text: str) -> NotSent | Rejected | Unproven:
    """What whatsmeow's words mean for the message; in doubt, that it may have left."""
    if refusal := REJECTED.search(text):
        return Rejected(int(refusal[1]))
    if NEVER_LEFT.search(text):
        return NotSent("WhatsApp is not connected")
    return Unproven("WhatsApp did not say whether it took the message")


def _chat(lid: str) -> JID:
    """A chat's address; `pn:<digits>` is a customer whose LID is not known yet."""
    kind, _, phone = lid.partition(":")
    return _jid(phone, "s.whatsapp.net") if kind == "pn" else _jid(lid, "lid")


def _jid(user: str, server: str) -> JID:
    return JID(User=user, Server=server, Device=0, RawAgent=0, Integrator=0, IsEmpty=False)


def _ignore_qr(_: NewClient, __: bytes) -> None:
    """neonize's own default prints the code, which is a credential."""
