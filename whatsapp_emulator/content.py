"""What a message says: making the messages of phones, and reading those of companions."""

import os
from typing import Any, cast

from whatsapp_emulator import media
from whatsapp_emulator.media import SealedMedia
from whatsapp_emulator.protobufs import e2e

_MEDIA_FIELDS = {
    "imageMessage": "image",
    "videoMessage": "video",
    "audioMessage": "audio",
    "documentMessage": "document",
    "stickerMessage": "sticker",
}
_OTHER_FIELDS = {
    "reactionMessage": "reaction",
    "protocolMessage": "protocol",
    "locationMessage": "location",
    "contactMessage": "contact",
    "pollCreationMessage": "poll",
    "pollUpdateMessage": "poll_vote",
}
WITHOUT_SECRET = ("reaction", "poll_vote", "protocol")


def text(body: str) -> e2e.Message:
    """A plain text message, with the random message secret that phones add."""
    return with_secret(e2e.Message(conversation=body))


def image(sealed: SealedMedia, caption: str, mimetype: str) -> e2e.Message:
    """A picture that lies sealed on the media server."""
    picture = e2e.ImageMessage(
        URL=f"https://mmg.whatsapp.net{media.path(sealed.sealed_sha256)}?ccb=1",
        directPath=f"{media.path(sealed.sealed_sha256)}?ccb=1",
        mimetype=mimetype,
        mediaKey=sealed.key,
        fileSHA256=sealed.sha256,
        fileEncSHA256=sealed.sealed_sha256,
        fileLength=sealed.size,
    )
    if caption:
        picture.caption = caption
    return with_secret(e2e.Message(imageMessage=picture))


def reaction(emoji: str, remote: str, message_id: str, *, from_me: bool) -> e2e.Message:
    """A reaction to a message; it carries no secret."""
    message = e2e.Message()
    message.reactionMessage.text = emoji
    key = cast("Any", message).reactionMessage.key  # its definition lies elsewhere than its stub says
    key.remoteJID, key.fromMe, key.ID = remote, from_me, message_id
    return message


def protocol() -> e2e.Message:
    """A message with no words for people: the chat's disappearing timer was turned off."""
    message = e2e.Message()
    message.protocolMessage.type = e2e.ProtocolMessage.EPHEMERAL_SETTING
    message.protocolMessage.ephemeralExpiration = 0
    return message


def device_sent(message: e2e.Message, destination: str) -> e2e.Message:
    """The copy of an own message for the other devices of the same account."""
    copy = e2e.Message(deviceSentMessage=e2e.DeviceSentMessage(destinationJID=destination, message=message))
    if message.HasField("messageContextInfo"):
        copy.messageContextInfo.CopyFrom(message.messageContextInfo)
    return copy


def with_secret(message: e2e.Message) -> e2e.Message:
    """The message with a random message secret."""
    message.messageContextInfo.messageSecret = os.urandom(32)
    return message


def describe(message: e2e.Message) -> tuple[str, str]:
    """The kind of a message and its words: text, caption, file name or emoji."""
    if message.HasField("conversation"):
        return "text", message.conversation
    if message.HasField("extendedTextMessage"):
        return "text", message.extendedTextMessage.text
    for name, kind in _MEDIA_FIELDS.items():
        if message.HasField(name):  # pyright: ignore[reportArgumentType] - the names are the message's own
            return kind, str(getattr(getattr(message, name), "caption", ""))
    for name, kind in _OTHER_FIELDS.items():
        if message.HasField(name):  # pyright: ignore[reportArgumentType] - as above
            return kind, message.reactionMessage.text if kind == "reaction" else ""
    return "other", ""


def media_of(message: e2e.Message) -> tuple[str, Any] | None:
    """The kind of file in a message and its description, if there is one."""
    for name, kind in _MEDIA_FIELDS.items():
        if message.HasField(name):  # pyright: ignore[reportArgumentType] - as above
            return kind, getattr(message, name)
    return None
