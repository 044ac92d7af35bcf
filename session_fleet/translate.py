"""From neonize's protobufs to our own events: the only place that knows their shape."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from neonize import events as neonize  # pyright: ignore[reportMissingTypeStubs] - it ships none
from neonize.proto import Neonize_pb2 as wire  # pyright: ignore[reportMissingTypeStubs] - it ships none
from neonize.proto.waE2E import (  # pyright: ignore[reportMissingTypeStubs] - it ships none
    WAWebProtobufsE2E_pb2 as e2e,
)

from balas import owner_notice
from balas.db.inbound import InboundMessage
from session_fleet import events, message_content
from session_fleet.events import Event

PERSON_SERVERS = ("lid", "s.whatsapp.net")
ANNOUNCEMENTS = "0"
"""Source: WhatsApp's own account, 0@s.whatsapp.net, speaks to everybody."""
OURSELVES = events.Ignored("ourselves")
HISTORY_CHATS, HISTORY_MESSAGES = 100, 20
"""How much of the phone's history the inbox starts with: the newest of each."""
UNAVAILABLE_HIDE = wire.UndecryptableMessage.DECRYPT_FAIL_HIDE

RECEIPTS: dict[int, Callable[[tuple[str, ...]], Event]] = {
    wire.Receipt.DELIVERED: lambda ids: events.Acknowledged(ids, "delivered"),
    wire.Receipt.INACTIVE: lambda ids: events.Acknowledged(ids, "delivered"),
    wire.Receipt.READ: lambda ids: events.Acknowledged(ids, "read"),
    wire.Receipt.PLAYED: lambda ids: events.Acknowledged(ids, "read"),
    wire.Receipt.SENDER: lambda ids: events.Acknowledged(ids, "sent"),
    wire.Receipt.RETRY: events.Unreadable,
}


@dataclass(frozen=True)
class Us:
    """The account whose client reports, by its user parts; empty while it is being linked."""

    lid: str = ""
    phone: str = ""


def event(raw: Any, us: Us, now: datetime) -> Event:  # noqa: PLR0911 - a flat match
    """Our word for what neonize reported; `now` bounds the times that phones claim."""
    match raw:
        case neonize.MessageEv():
            return _message(raw, us, now)
        case neonize.ReceiptEv():
            return _receipt(raw)
        case neonize.UndecryptableMessageEv():
            return _undecryptable(raw, us, now)
        case neonize.HistorySyncEv():
            return _history(raw, us, now)
        case neonize.OfflineSyncCompletedEv():
            return events.OfflineSynced()
        case neonize.PairStatusEv():
            return _pair_status(raw)
        case _:
            return _connection(raw)


def _connection(raw: Any) -> Event:  # noqa: PLR0911 - a flat match
    match raw:
        case neonize.ConnectedEv():
            return events.Connected()
        case neonize.KeepAliveRestoredEv():
            return events.Restored()
        case neonize.DisconnectedEv():
            return events.Interrupted()
        case neonize.KeepAliveTimeoutEv():
            return events.Stalled()
        case neonize.LoggedOutEv():
            return events.Ended("logged_out", _reason_code(raw.Reason))
        case neonize.StreamReplacedEv():
            return events.Ended("replaced", None)
        case neonize.TemporaryBanEv():
            return events.Ended("banned", None)
        case neonize.ClientOutdatedEv():
            return events.Ended("failed", "client_outdated")
        case neonize.ConnectFailureEv():
            return events.Ended("failed", _reason_code(raw.Reason))
        case _:
            return events.Ignored("not_subscribed")


SUBSCRIBED: tuple[type[Any], ...] = (
    neonize.MessageEv,
    neonize.ReceiptEv,
    neonize.UndecryptableMessageEv,
    neonize.HistorySyncEv,
    neonize.OfflineSyncCompletedEv,
    neonize.PairStatusEv,
    neonize.ConnectedEv,
    neonize.KeepAliveRestoredEv,
    neonize.DisconnectedEv,
    neonize.KeepAliveTimeoutEv,
    neonize.LoggedOutEv,
    neonize.StreamReplacedEv,
    neonize.TemporaryBanEv,
    neonize.ClientOutdatedEv,
    neonize.ConnectFailureEv,
)
"""What a client must be asked for before it connects."""


def _message(raw: Any, us: Us, now: datetime) -> Event:
    if raw.Info.Category == "peer" or raw.Message.HasField("protocolMessage"):
        return events.Ignored("protocol")
    chat = _person(raw.Info.MessageSource, us)
    content = message_content.read(raw.Message)
    if chat == OURSELVES and content and owner_notice.command(content.text) is not None:
        chat = _Chat(us.lid, us.phone, from_us=True)  # the owner speaks to the agent in the chat with himself
    if isinstance(chat, events.Ignored):
        return chat
    if content is None:
        return events.Ignored("no_content")
    return events.Arrived((_inbound(raw.Info, chat, content, now),))


def _undecryptable(raw: Any, us: Us, now: datetime) -> Event:
    chat = _person(raw.Info.MessageSource, us)
    if isinstance(chat, events.Ignored):
        return chat
    if raw.DecryptFailMode == UNAVAILABLE_HIDE or chat.from_us:
        return events.Ignored("hidden")
    content = message_content.Content("unreadable", "", None)
    return events.Arrived((_inbound(raw.Info, chat, content, now),))


@dataclass(frozen=True)
class _Chat:
    """A chat with one person, named by what WhatsApp told of him."""

    lid: str | None
    phone: str | None
    from_us: bool


def _person(source: Any, us: Us) -> _Chat | events.Ignored:
    chat, other = source.Chat, source.RecipientAlt if source.IsFromMe else source.SenderAlt
    if source.IsGroup or chat.Server not in PERSON_SERVERS:
        return events.Ignored("not_a_person")
    names = {chat.Server: chat.User}
    if other.Server in PERSON_SERVERS:
        names.setdefault(other.Server, other.User)
    found = _Chat(names.get("lid"), names.get("s.whatsapp.net"), source.IsFromMe)
    if found.phone == ANNOUNCEMENTS:
        return events.Ignored("not_a_person")
    if (found.lid and found.lid == us.lid) or (found.phone and found.phone == us.phone):
        return OURSELVES
    return found


def _inbound(info: Any, chat: _Chat, content: message_content.Content, now: datetime) -> InboundMessage:
    return InboundMessage(
        lid=chat.lid,
        phone=chat.phone,
        push_name=None if chat.from_us else _name(info.Pushname),
        wa_message_id=info.ID,
        author="owner_phone" if chat.from_us else "contact",
        kind=content.kind,
        text=content.text,
        media=content.media,
        sent_at=_time(info.Timestamp, now),
        is_live=True,
    )


def _receipt(raw: Any) -> Event:
    if raw.MessageSource.IsGroup or (raw.MessageSource.IsFromMe and raw.Type == wire.Receipt.RETRY):
        return events.Ignored("own_device")
    make = RECEIPTS.get(raw.Type)
    return make(tuple(raw.MessageIDs)) if make else events.Ignored("receipt")


def _pair_status(raw: Any) -> Event:
    if raw.Status != wire.PairStatus.SUCCESS:
        return events.PairingFailed()
    return events.Paired(f"{raw.ID.User}:{raw.ID.Device}@{raw.ID.Server}")


def _history(raw: Any, us: Us, now: datetime) -> Event:
    """The newest messages of the newest chats with persons, as history that is never answered."""
    names: dict[str, str] = {name.ID: name.pushname for name in raw.Data.pushnames}
    lids = {m.pnJID: m.lidJID for m in raw.Data.phoneNumberToLidMappings}
    chats = sorted(raw.Data.conversations, key=lambda chat: chat.lastMsgTimestamp, reverse=True)
    messages: list[InboundMessage] = []
    for chat in chats[:HISTORY_CHATS]:
        person = _history_person(chat, lids)
        if person and person.lid != us.lid and person.phone != us.phone:
            messages += _history_messages(chat, person, names, now)
    return events.Arrived(tuple(messages)) if messages else events.Ignored("no_history")


def _history_person(chat: Any, lids: Mapping[str, str]) -> _Chat | None:
    jids = (chat.ID, chat.lidJID, chat.pnJID, lids.get(chat.ID, ""))
    users = {server: user for user, _, server in (jid.partition("@") for jid in jids) if user}
    lid, phone = users.get("lid"), users.get("s.whatsapp.net")
    if chat.ID.partition("@")[2] not in PERSON_SERVERS or phone == ANNOUNCEMENTS:
        return None
    return _Chat(lid, phone, from_us=False)


def _history_messages(
    chat: Any, person: _Chat, names: Mapping[str, str], now: datetime
) -> list[InboundMessage]:
    newest = sorted(chat.messages, key=lambda entry: entry.message.messageTimestamp)[-HISTORY_MESSAGES:]
    found: list[InboundMessage] = []
    for entry in newest:
        message = entry.message
        content = message_content.read(_unwrap(message.message))
        if content is None or not message.key.ID:
            continue
        found.append(
            InboundMessage(
                lid=person.lid,
                phone=person.phone,
                push_name=_name(names.get(f"{person.phone}@s.whatsapp.net") or names.get(chat.ID) or ""),
                wa_message_id=message.key.ID,
                author="owner_phone" if message.key.fromMe else "contact",
                kind=content.kind,
                text=content.text,
                media=content.media,
                sent_at=_time(message.messageTimestamp, now),
                is_live=False,
            )
        )
    return found


def _unwrap(message: Any) -> e2e.Message:
    """The message inside its envelopes; whatsmeow takes them off live messages, but not off history."""
    for envelope in ("deviceSentMessage", "ephemeralMessage", "viewOnceMessage", "viewOnceMessageV2",
                     "viewOnceMessageV2Extension", "documentWithCaptionMessage"):  # fmt: skip
        if message.HasField(envelope):
            message = getattr(message, envelope).message
    return message


def _name(text: str) -> str | None:
    return message_content.clean(text, limit=200) or None


def _time(seconds: int, now: datetime) -> datetime:
    """A phone's clock may be wrong: nothing is from the future, nor from before WhatsApp."""
    if seconds <= 0 or seconds > now.timestamp():
        return now
    return datetime.fromtimestamp(seconds, now.tzinfo)


def _reason_code(reason: Any) -> str:
    known = reason in wire.ConnectFailureReason.values()
    return wire.ConnectFailureReason.Name(reason).lower() if known else "unknown"
