"""What a WhatsApp message says: its kind, its text or caption, and what is known of its file."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from neonize.proto.waE2E import (  # pyright: ignore[reportMissingTypeStubs] - it ships none
    WAWebProtobufsE2E_pb2 as e2e,
)

from balas.conversation import Kind

TEXT_LIMIT = 4096
"""What WhatsApp shows of a message without "read more" is far shorter; a prompt must stay affordable."""

ENVELOPE_FIELDS = frozenset({"messageContextInfo", "senderKeyDistributionMessage", "deviceSentMessage"})
SILENT_FIELDS = frozenset(
    {
        "protocolMessage", "pollUpdateMessage", "keepInChatMessage", "pinInChatMessage",
        "encEventResponseMessage", "stickerSyncRmrMessage", "callLogMesssage", "placeholderMessage",
        "messageHistoryBundle", "messageHistoryNotice", "limitSharingMessage",
    }
)  # fmt: skip
"""What WhatsApp's own app shows as no bubble, or as none of the customer's words."""


@dataclass(frozen=True)
class Content:
    """`media` describes a file: its type, name, size and length, where the phone told."""

    kind: Kind
    text: str
    media: Mapping[str, str | int] | None


def read(message: e2e.Message) -> Content | None:
    """None when there is nothing that a person wrote or sent."""
    fields = {field.name for field, _ in message.ListFields()} - ENVELOPE_FIELDS
    if not fields or fields <= SILENT_FIELDS:
        return None
    for name, reader in READERS.items():
        if name in fields:
            return reader(message)
    return Content("other", "", None)


def clean(text: str, limit: int = TEXT_LIMIT) -> str:
    """`text` as Postgres can hold it, cut at `limit` characters with a mark that says so."""
    text = text.replace("\x00", "")  # Source: Postgres refuses NUL in text
    if len(text) <= limit:
        return text
    mark = f"… [dipotong: pesan asli {len(text)} karakter]"
    return text[: max(0, limit - len(mark))] + mark if limit > 2 * len(mark) else text[:limit]


def _text(text: str) -> Content:
    """A text with nothing in it is shown, but there is nothing to answer."""
    cleaned = clean(text)
    return Content("text" if cleaned.strip() else "other", cleaned, None)


def _image(message: e2e.Message) -> Content:
    image = message.imageMessage
    return Content("image", clean(image.caption), _file(image.mimetype, image.fileLength))


def _video(message: e2e.Message) -> Content:
    video = message.videoMessage if message.HasField("videoMessage") else message.ptvMessage
    return Content(
        "video", clean(video.caption), _file(video.mimetype, video.fileLength, seconds=video.seconds)
    )


def _audio(message: e2e.Message) -> Content:
    audio = message.audioMessage
    return Content("audio", "", _file(audio.mimetype, audio.fileLength, seconds=audio.seconds))


def _document(message: e2e.Message) -> Content:
    document = message.documentMessage
    name = clean(document.fileName or document.title, limit=200)
    return Content(
        "document", clean(document.caption), _file(document.mimetype, document.fileLength, name=name)
    )


def _sticker(message: e2e.Message) -> Content:
    return Content("sticker", "", _file(message.stickerMessage.mimetype, message.stickerMessage.fileLength))


def _location(message: e2e.Message) -> Content:
    place = message.locationMessage
    position = f"{place.degreesLatitude:.6f},{place.degreesLongitude:.6f}"
    return Content("location", clean("\n".join(filter(None, (place.name, place.address, position)))), None)


def _live_location(message: e2e.Message) -> Content:
    place = message.liveLocationMessage
    position = f"{place.degreesLatitude:.6f},{place.degreesLongitude:.6f}"
    return Content("location", clean("\n".join(filter(None, (place.caption, position)))), None)


def _contact(message: e2e.Message) -> Content:
    cards = message.contactsArrayMessage.contacts or [message.contactMessage]
    return Content("contact", clean("\n".join(card.displayName for card in cards)), None)


def _poll(message: e2e.Message) -> Content:
    """WhatsApp has one field per version of the same poll."""
    polls = (message.pollCreationMessage, message.pollCreationMessageV2, message.pollCreationMessageV3)
    poll = next((p for p in polls if p.name), message.pollCreationMessage)
    lines = [poll.name, *(f"- {option.optionName}" for option in poll.options)]
    return Content("poll", clean("\n".join(lines)), None)


def _file(mimetype: str, size: int, *, name: str = "", seconds: int = 0) -> Mapping[str, str | int]:
    known: dict[str, str | int] = {
        "mimetype": clean(mimetype, 200),
        "size": size,
        "name": name,
        "seconds": seconds,
    }
    return {key: value for key, value in known.items() if value}


READERS: dict[str, Callable[[e2e.Message], Content]] = {
    "conversation": lambda m: _text(m.conversation),
    "extendedTextMessage": lambda m: _text(m.extendedTextMessage.text),
    "imageMessage": _image,
    "videoMessage": _video,
    "ptvMessage": _video,
    "audioMessage": _audio,
    "documentMessage": _document,
    "stickerMessage": _sticker,
    "locationMessage": _location,
    "liveLocationMessage": _live_location,
    "contactMessage": _contact,
    "contactsArrayMessage": _contact,
    "pollCreationMessage": _poll,
    "pollCreationMessageV2": _poll,
    "pollCreationMessageV3": _poll,
    "reactionMessage": lambda m: Content("reaction", clean(m.reactionMessage.text, 16), None),
    "buttonsResponseMessage": lambda m: _text(m.buttonsResponseMessage.selectedDisplayText),
    "templateButtonReplyMessage": lambda m: _text(m.templateButtonReplyMessage.selectedDisplayText),
    "listResponseMessage": lambda m: _text(m.listResponseMessage.title),
}
