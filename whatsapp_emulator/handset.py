"""The simulated phones: what an owner's or customer's phone sends, receives, confirms and asks again."""

import secrets
import time
from dataclasses import dataclass

from whatsapp_emulator import accounts, binary_xml, chats, content, delivery, prekeys, signal_endpoint
from whatsapp_emulator.accounts import Account, Companion
from whatsapp_emulator.chats import ChatMessage
from whatsapp_emulator.jid import Jid, phone_jid
from whatsapp_emulator.node import Node
from whatsapp_emulator.protobufs import e2e
from whatsapp_emulator.ratchet import SignalError
from whatsapp_emulator.world import World

_MAX_RETRIES = 5


class RepeatedIdError(ValueError):
    """A message id is used once per chat."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A message that a phone is about to send."""

    id: str
    message: e2e.Message
    group: Jid | None = None
    """Send it to this group or broadcast list, of which the recipient is a member."""
    is_garbled: bool = False
    """Spoil the first copy, so that the companion must ask for another."""


def new_id() -> str:
    """A message id as phones make them."""
    return "3A" + secrets.token_hex(9).upper()


def send(world: World, sender: Account, recipient: Account, draft: Draft) -> None:
    """A phone sends a message: to the recipient's phone and companions, and to the sender's companions."""
    now = int(time.time())
    kind, text = content.describe(draft.message)
    payload = draft.message.SerializeToString()
    if draft.group is None:
        bubble = ChatMessage(sender.phone, recipient.phone, draft.id, kind, text, now, "phone", payload)
        if kind != "protocol" and not chats.record(world.db, bubble):
            raise RepeatedIdError("this phone already sent a message with this id")
        _copy_to_own_companions(world, sender, recipient, draft, now)
    for companion in accounts.companions(world.db, recipient.phone):
        send_to_companion(world, sender, companion, _stanza(sender, draft, kind, now), draft)
    body = {
        "from": sender.phone,
        "to": recipient.phone,
        "id": draft.id,
        "text": text,
        "ts": now,
        "type": kind,
    }
    world.events.add("sent", **body)
    if draft.group is None and not accounts.companions(world.db, recipient.phone):
        _show(world, sender, recipient, [draft.id], body | {"author": "phone"})


def send_to_companion(world: World, sender: Account, to: Companion, stanza: Node, draft: Draft) -> None:
    """Encrypts a phone's message for one companion and puts it on its way; kept for a retry."""
    payload = draft.message.SerializeToString()
    world.db.execute(
        "insert or replace into phone_sent values (?, ?, ?, ?, ?, ?)",
        (sender.phone, to.phone, to.device, draft.id, binary_xml.encode(stanza), payload),
    )
    enc = _encrypt(world, sender, to, payload)
    if draft.is_garbled:
        enc = Node("enc", enc.attrs, enc.body[:-1] + bytes([enc.body[-1] ^ 1]))
    delivery.deliver(world, to.phone, to.device, Node("message", stanza.attrs, [enc]))


def resend(world: World, sender: Account, to: Companion, receipt: Node) -> None:
    """A companion could not read a message: a new session, and the same message again."""
    retry = receipt.child("retry")
    message_id = receipt.text("id")
    count = int(retry.text("count") or 1) if retry else 1
    query = (
        "select stanza, payload from phone_sent where phone = ? and to_phone = ? and to_device = ? and id = ?"
    )
    row = world.db.execute(query, (sender.phone, to.phone, to.device, message_id)).fetchone()
    world.events.add("retry", **{"from": to.phone, "to": sender.phone, "id": message_id, "count": count})
    if row is None or count > _MAX_RETRIES:
        return
    keys = receipt.child("keys")
    bundle = prekeys.parse_bundle(receipt) if keys else accounts.take_companion_bundle(world.db, to)
    signal_endpoint.renew(world.db, sender, to.jid, bundle)
    enc = _encrypt(world, sender, to, row["payload"])
    counted = Node("enc", {**enc.attrs, "count": str(count)}, enc.body)
    stanza = binary_xml.decode(row["stanza"])
    delivery.deliver(world, to.phone, to.device, Node("message", stanza.attrs, [counted]))


def receive(world: World, phone: Account, sender: Companion, stanza: Node, enc: Node) -> None:
    """A companion's <enc> reaches a phone: it is read and confirmed, or asked for again."""
    try:
        plaintext = signal_endpoint.decrypt(world.db, phone, sender.jid, enc.text("type"), enc.body)
        message = e2e.Message.FromString(plaintext)
    except SignalError:
        _ask_again(world, phone, sender, stanza, int(enc.text("count") or 0) + 1)
        return
    if message.HasField("deviceSentMessage"):
        if world.switches.auto_receipts.get(phone.phone, True):
            _confirm_copy(world, phone, sender, stanza)
    elif phone.phone == sender.phone:
        world.events.add("peer", **{"from": sender.phone, "device": sender.device, "id": stanza.text("id")})
    else:
        _accept(world, phone, sender, stanza, message)


def confirm(world: World, reader: Account, sender: Account, ids: list[str], kind: str) -> None:
    """A phone tells the sender's companions that it received (`kind` "") or read ("read") messages."""
    changed = chats.advance(world.db, sender.phone, reader.phone, ids, kind or "delivered")
    if not changed:
        return
    rest = [Node("item", {"id": message_id}) for message_id in changed[1:]]
    attrs = {"from": reader.jid, "id": changed[0], "type": kind, "t": str(int(time.time()))}
    receipt = Node("receipt", attrs, [Node("list", {}, rest)] if rest else None)
    for companion in accounts.companions(world.db, sender.phone):
        delivery.deliver(world, companion.phone, companion.device, receipt)
    body = {"from": reader.phone, "to": sender.phone, "ids": changed, "type": kind or "delivered"}
    world.events.add("receipt", **body)


def _accept(world: World, phone: Account, sender: Companion, stanza: Node, message: e2e.Message) -> None:
    kind, text = content.describe(message)
    shop = accounts.ensure(world.db, sender.phone)
    message_id, now = stanza.text("id"), int(time.time())
    bubble = ChatMessage(
        shop.phone, phone.phone, message_id, kind, text, now, "companion", message.SerializeToString()
    )
    if not chats.record(world.db, bubble):
        world.events.add("duplicate", **{"from": shop.phone, "to": phone.phone, "id": message_id})
        return
    body = {"from": shop.phone, "to": phone.phone, "id": message_id, "text": text, "ts": now, "type": kind}
    _show(world, shop, phone, [message_id], body | {"author": "companion", "device": sender.device})


def _show(world: World, sender: Account, phone: Account, ids: list[str], body: dict[str, str | int]) -> None:
    world.events.add("message", **body)
    answer = world.switches.auto_receipts.get(phone.phone, True)
    if answer:
        confirm(world, phone, sender, ids, "")
    if answer == "read":
        confirm(world, phone, sender, ids, "read")


def _copy_to_own_companions(
    world: World, sender: Account, recipient: Account, draft: Draft, now: int
) -> None:
    attrs = {
        "from": sender.jid,
        "recipient": recipient.jid,
        "peer_recipient_pn": phone_jid(recipient.phone),
        "addressing_mode": "lid",
        "id": draft.id,
        "type": "text",
        "t": str(now),
    }
    own = Draft(draft.id, content.device_sent(draft.message, str(recipient.jid)))
    for companion in accounts.companions(world.db, sender.phone):
        send_to_companion(world, sender, companion, Node("message", attrs), own)


def _stanza(sender: Account, draft: Draft, kind: str, now: int) -> Node:
    attrs: dict[str, str | Jid | None] = {
        "addressing_mode": "lid",
        "id": draft.id,
        "type": kind if kind in ("text", "reaction", "poll") else "text" if kind == "protocol" else "media",
        "t": str(now),
        "notify": sender.name,
    }
    number = phone_jid(sender.phone)
    if draft.group:
        return Node(
            "message", {"from": draft.group, "participant": sender.jid, "participant_pn": number, **attrs}
        )
    return Node("message", {"from": sender.jid, "sender_pn": number, **attrs})


def _encrypt(world: World, sender: Account, to: Companion, payload: bytes) -> Node:
    kind, data = signal_endpoint.encrypt(
        world.db, sender, to.jid, payload, lambda: accounts.take_companion_bundle(world.db, to)
    )
    prekeys.notify_if_low(world, to)
    return Node("enc", {"v": "2", "type": kind}, data)


def _ask_again(world: World, phone: Account, sender: Companion, stanza: Node, count: int) -> None:
    message_id, now = stanza.text("id"), str(int(time.time()))
    world.events.add(
        "undecryptable", **{"from": sender.phone, "to": phone.phone, "id": message_id, "count": count}
    )
    if count > _MAX_RETRIES:
        return
    bundle = accounts.take_phone_bundle(world.db, phone)
    recipient = stanza.jid("recipient") or stanza.jid("to") if phone.phone == sender.phone else None
    attrs = {"from": phone.jid, "recipient": recipient, "id": message_id, "type": "retry", "t": now}
    parts = [
        Node("retry", {"count": str(count), "id": message_id, "t": now, "v": "1"}),
        Node("registration", {}, bundle.registration_id.to_bytes(4)),
        Node("keys", {}, prekeys.bundle_nodes(bundle)),
    ]
    delivery.deliver(world, sender.phone, sender.device, Node("receipt", attrs, parts))


def _confirm_copy(world: World, phone: Account, sender: Companion, stanza: Node) -> None:
    """The owner's phone got its copy of what a companion sent: that is the proof it left."""
    message_id, recipient = stanza.text("id"), stanza.jid("recipient") or stanza.jid("to")
    attrs = {"from": phone.jid, "recipient": recipient, "id": message_id, "type": "sender"}
    receipt = Node("receipt", {**attrs, "t": str(int(time.time()))})
    delivery.deliver(world, sender.phone, sender.device, receipt)
    world.events.add(
        "receipt", **{"from": phone.phone, "to": sender.phone, "ids": [message_id], "type": "sender"}
    )
