"""Control calls that use the pretend phones: write, send pictures, type, read, look at chats."""

import base64
import binascii
from typing import Any

from whatsapp_emulator import accounts, chats, content, handset, login, media_store
from whatsapp_emulator import media as sealing
from whatsapp_emulator.accounts import Account
from whatsapp_emulator.arguments import ArgumentError, Arguments
from whatsapp_emulator.handset import Draft
from whatsapp_emulator.jid import STATUS, Jid
from whatsapp_emulator.node import Node
from whatsapp_emulator.protobufs import e2e
from whatsapp_emulator.world import World

_KINDS = ("text", "group", "status", "protocol", "reaction")
_DEFAULT_GROUP = "120363000000000001"
_MAGIC = {b"\xff\xd8": "image/jpeg", b"\x89P": "image/png", b"GI": "image/gif", b"RI": "image/webp"}


def send_text(world: World, arguments: Arguments) -> dict[str, Any]:
    """A phone writes. `kind` group and status send the text there; protocol and reaction send no text."""
    sender, recipient = _pair(world, arguments)
    kind = arguments.text("kind", "text")
    if kind not in _KINDS:
        raise ArgumentError(f'"kind" must be one of {", ".join(_KINDS)}')
    text = arguments.text("text", "" if kind == "protocol" else None)
    count = int(arguments.number("count", 1, lowest=1, highest=10_000))
    given = arguments.text("id", "")
    if given and count > 1:
        raise ArgumentError('"id" names one message: leave it out or send one')
    ids = [given or handset.new_id() for _ in range(count)]
    for message_id in ids:
        message = _message(arguments, recipient, kind, text)
        draft = Draft(message_id, message, _group(arguments, kind), arguments.flag("garble"))
        _send(world, sender, recipient, draft)
    return {"ids": ids}


def send_image(world: World, arguments: Arguments) -> dict[str, Any]:
    """A phone sends a picture."""
    sender, recipient = _pair(world, arguments)
    try:
        data = base64.b64decode(arguments.text("data"), validate=True)
    except binascii.Error as error:
        raise ArgumentError('"data" must be the picture in base64') from error
    if not data:
        raise ArgumentError('"data" is empty')
    sealed = sealing.seal("image", data)
    media_store.store(world, sealed.sealed_sha256, sealed.blob)
    message = content.image(sealed, arguments.text("caption", ""), _MAGIC.get(data[:2], "image/jpeg"))
    draft = Draft(arguments.text("id", "") or handset.new_id(), message)
    _send(world, sender, recipient, draft)
    return {"ids": [draft.id]}


def typing(world: World, arguments: Arguments) -> dict[str, Any]:
    """A phone shows "typing…" to the other side's companions; `state` is composing or paused."""
    sender, recipient = _pair(world, arguments)
    state = arguments.text("state", "composing")
    if state not in ("composing", "paused"):
        raise ArgumentError('"state" must be composing or paused')
    chatstate = Node("chatstate", {"from": sender.jid}, [Node(state, {})])
    for companion in accounts.companions(world.db, recipient.phone):
        link = world.links.get((companion.phone, companion.device))
        if link and link.is_active:
            world.send(link, chatstate)
    world.events.add("typing", **{"from": sender.phone, "to": recipient.phone, "state": state})
    return {"ok": True}


def read(world: World, arguments: Arguments) -> dict[str, Any]:
    """`from` opens the chat with `to`: everything `to` sent there is read (`ids`: only these)."""
    reader, sender = _pair(world, arguments)
    ids = [str(item) for item in arguments.items("ids")] or chats.unread(world.db, sender.phone, reader.phone)
    handset.confirm(world, reader, sender, ids, "read")
    return {"ids": ids}


def list_chats(world: World, arguments: Arguments) -> dict[str, Any]:
    """The chats of a phone, newest first."""
    phone = arguments.phone("phone")
    partners = (accounts.ensure(world.db, partner) for partner in chats.partners(world.db, phone))
    return {
        "chats": [
            {
                "phone": partner.phone,
                "name": partner.name,
                "last": _bubble(chats.between(world.db, phone, partner.phone, 1)[0]),
                "unread": len(chats.unread(world.db, partner.phone, phone)),
            }
            for partner in partners
        ]
    }


def list_messages(world: World, arguments: Arguments) -> dict[str, Any]:
    """The newest messages between two phones, oldest first."""
    one, other = arguments.phone("from"), arguments.phone("to")
    limit = int(arguments.number("limit", 200, lowest=1, highest=1000))
    return {"messages": [_bubble(message) for message in chats.between(world.db, one, other, limit)]}


def media(world: World, arguments: Arguments) -> dict[str, Any]:
    """The file in a message, opened."""
    message = chats.find(world.db, arguments.text("id"))
    found = content.media_of(e2e.Message.FromString(message.payload)) if message else None
    blob = media_store.load(world, found[1].directPath) if found else None
    if found is None or blob is None:
        raise LookupError("there is no file in a message with this id")
    data = sealing.unseal(found[0], found[1].mediaKey, blob)
    return {"mimetype": found[1].mimetype, "data": base64.b64encode(data).decode()}


def unlink(world: World, arguments: Arguments) -> dict[str, Any]:
    """The owner removes linked devices in the phone's menu: one `device`, or all."""
    phone, only = arguments.phone("phone"), int(arguments.number("device", 0))
    removed = [item.device for item in accounts.companions(world.db, phone) if only in (0, item.device)]
    for device in removed:
        accounts.remove_companion(world.db, phone, device)
        link = world.links.get((phone, device))
        if link:
            login.stream_error(world, link, {"code": "401"}, "device_removed")
        world.events.add("unlinked", phone=phone, device=device, by="phone")
    return {"devices": removed}


def _send(world: World, sender: Account, recipient: Account, draft: Draft) -> None:
    try:
        handset.send(world, sender, recipient, draft)
    except handset.RepeatedIdError as error:
        raise ArgumentError(str(error)) from error


def _pair(world: World, arguments: Arguments) -> tuple[Account, Account]:
    sender, recipient = arguments.phone("from"), arguments.phone("to")
    if sender == recipient:
        raise ArgumentError('"from" and "to" are the same number')
    return accounts.ensure(world.db, sender, arguments.text("name", "")), accounts.ensure(world.db, recipient)


def _message(arguments: Arguments, recipient: Account, kind: str, text: str) -> e2e.Message:
    if kind == "protocol":
        return content.protocol()
    if kind == "reaction":
        return content.reaction(text, str(recipient.jid), arguments.text("target"), from_me=False)
    return content.text(text)


def _group(arguments: Arguments, kind: str) -> Jid | None:
    if kind == "group":
        return Jid(arguments.text("group", _DEFAULT_GROUP).partition("@")[0], "g.us")
    return STATUS if kind == "status" else None


def _bubble(message: chats.ChatMessage) -> dict[str, Any]:
    return {
        "id": message.id,
        "from": message.sender,
        "to": message.recipient,
        "type": message.kind,
        "text": message.text,
        "ts": message.ts,
        "status": message.status,
        "author": message.author,
    }
