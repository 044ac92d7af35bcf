"""What a WhatsApp client reports, in our own words."""

from dataclasses import dataclass

from balas.db.inbound import InboundMessage
from balas.db.sends import ReceiptStatus
from balas.whatsapp_session import State


@dataclass(frozen=True)
class Connected:
    """Logged in; messages flow."""


@dataclass(frozen=True)
class Interrupted:
    """The line is down and the client dials again by itself."""


@dataclass(frozen=True)
class Stalled:
    """The line is open and does not answer."""


@dataclass(frozen=True)
class Restored:
    """The line answers again, without a new login."""


@dataclass(frozen=True)
class Ended:
    """The session is over: WhatsApp will not have this client again."""

    state: State
    reason: str | None


@dataclass(frozen=True)
class OfflineSynced:
    """Everything that waited on the server while we were away has been delivered."""


@dataclass(frozen=True)
class Paired:
    """The owner's phone accepted us as the device `jid`."""

    jid: str


@dataclass(frozen=True)
class PairingFailed:
    """The owner's phone or WhatsApp refused us."""


@dataclass(frozen=True)
class Arrived:
    """Messages to store; a single live one, or the history of a chat."""

    messages: tuple[InboundMessage, ...]


@dataclass(frozen=True)
class Acknowledged:
    """The customer's or the owner's phone tells how far our messages got."""

    wa_message_ids: tuple[str, ...]
    status: ReceiptStatus


@dataclass(frozen=True)
class Unreadable:
    """The customer's phone could not decrypt our messages."""

    wa_message_ids: tuple[str, ...]


@dataclass(frozen=True)
class Ignored:
    """Nothing for us, and why: a fixed word, fit for a log."""

    why: str


Event = (
    Connected
    | Interrupted
    | Stalled
    | Restored
    | Ended
    | OfflineSynced
    | Paired
    | PairingFailed
    | Arrived
    | Acknowledged
    | Unreadable
    | Ignored
)
