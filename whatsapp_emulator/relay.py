"""What companions send to each other and to phones: messages, receipts, typing, presence."""

import time
from functools import partial

from whatsapp_emulator import accounts, chats, delivery, handset
from whatsapp_emulator.accounts import Account, Companion
from whatsapp_emulator.jid import Jid, phone_jid
from whatsapp_emulator.link import Link
from whatsapp_emulator.node import Node
from whatsapp_emulator.world import World

_STATUS_OF_RECEIPT = {"": "delivered", "inactive": "delivered", "read": "read", "played": "read"}


def message(world: World, link: Link, sender: Companion, stanza: Node) -> None:
    """Acknowledges a companion's message and hands every <enc> to the device it is for."""
    to = stanza.jid("to")
    recipient = accounts.ensure_by_jid(world.db, to)
    refusal = world.switches.nack.get(recipient.phone) if recipient else None
    _acknowledge(world, link, stanza, refusal)
    if refusal is not None:
        world.events.add(
            "nack", **{"from": sender.phone, "to": recipient and recipient.phone, "code": refusal}
        )
        return
    for jid, enc in _envelopes(stanza):
        account = accounts.find_by_jid(world.db, jid)
        if account and jid.device == 0:
            handset.receive(world, account, sender, stanza, enc)
        elif account:
            delivery.deliver(
                world, account.phone, jid.device, _forwarded(world, sender, account, stanza, enc)
            )


def receipt(world: World, link: Link, sender: Companion, stanza: Node) -> None:
    """Takes a companion's receipt: it settles deliveries, ticks the chat, or asks for a resend."""
    attrs = {
        "class": "receipt",
        "id": stanza.text("id"),
        "from": stanza.jid("to"),
        "type": stanza.text("type"),
    }
    world.send(link, Node("ack", attrs))
    kind = stanza.text("type")
    to = stanza.jid("participant") or stanza.jid("to")
    account = accounts.find_by_jid(world.db, to)
    if account and to and to.device:
        _forward_receipt(world, sender, account, to, stanza)
    if kind == "retry":
        delivery.supersede(world, link, stanza.text("id"))
        if account and to and not to.device:
            handset.resend(world, account, sender, stanza)
        return
    ids = [stanza.text("id"), *(item.text("id") for item in _items(stanza))]
    delivery.received(world, link, ids)
    if account:
        _tick(world, sender, account, ids, kind)


def typing(world: World, sender: Companion, stanza: Node) -> None:
    """A companion types, or stops."""
    account = accounts.ensure_by_jid(world.db, stanza.jid("to"))
    if account and stanza.children:
        state = stanza.children[0]
        name = "recording" if state.text("media") == "audio" else state.tag
        world.events.add("typing", **{"from": sender.phone, "to": account.phone, "state": name})


def presence(world: World, link: Link, sender: Companion, stanza: Node) -> None:
    """A companion goes online or offline, or wants to know about somebody."""
    kind = stanza.text("type") or "available"
    if kind in ("available", "unavailable"):
        link.is_available = kind == "available"
        world.events.add("presence", phone=sender.phone, device=sender.device, state=kind)


def _acknowledge(world: World, link: Link, stanza: Node, refusal: int | None) -> None:
    if world.switches.drop_acks:
        return
    attrs = {
        "class": "message",
        "id": stanza.text("id"),
        "from": stanza.jid("to"),
        "t": str(int(time.time())),
    }
    ack = Node("ack", {**attrs, "error": str(refusal) if refusal is not None else None})
    if world.switches.ack_delay:
        world.later(world.switches.ack_delay, partial(world.send, link, ack))
    else:
        world.send(link, ack)


def _envelopes(stanza: Node) -> list[tuple[Jid, Node]]:
    participants = stanza.child("participants")
    found: list[tuple[Jid, Node]] = []
    for item in participants.children if participants else []:
        jid, enc = item.jid("jid"), item.child("enc")
        if jid and enc:
            found.append((jid, enc))
    to, enc = stanza.jid("to"), stanza.child("enc")
    return [*found, (to, enc)] if to and enc else found


def _forwarded(world: World, sender: Companion, account: Account, stanza: Node, enc: Node) -> Node:
    """A companion's message as another companion gets it, still encrypted."""
    attrs: dict[str, str | Jid | None] = {
        "from": sender.jid,
        "sender_pn": phone_jid(sender.phone),
        "addressing_mode": "lid",
        "id": stanza.text("id"),
        "type": stanza.text("type"),
        "t": str(int(time.time())),
        "notify": accounts.ensure(world.db, sender.phone).name,
    }
    if account.phone == sender.phone:
        attrs |= {"recipient": stanza.jid("recipient") or stanza.jid("to"), "sender_pn": None}
    identity = stanza.child("device-identity")
    parts = [enc, identity] if identity else [enc]
    return Node("message", attrs, parts)


def _forward_receipt(world: World, sender: Companion, account: Account, to: Jid, stanza: Node) -> None:
    recipient = stanza.jid("recipient") if account.phone == sender.phone else None
    attrs = {"id": stanza.text("id"), "type": stanza.text("type"), "t": str(int(time.time()))}
    node = Node("receipt", {**attrs, "from": sender.jid, "recipient": recipient}, stanza.content)
    delivery.deliver(world, account.phone, to.device, node)


def _items(stanza: Node) -> list[Node]:
    listed = stanza.child("list")
    return listed.children if listed else []


def _tick(world: World, sender: Companion, account: Account, ids: list[str], kind: str) -> None:
    status = _STATUS_OF_RECEIPT.get(kind)
    if status:
        chats.advance(world.db, account.phone, sender.phone, ids, status)
    body = {"from": sender.phone, "to": account.phone, "ids": ids, "type": kind or "delivered"}
    world.events.add("receipt", **body, device=sender.device)
    world.db.executemany(
        "delete from phone_sent where phone = ? and to_phone = ? and to_device = ? and id = ?",
        [(account.phone, sender.phone, sender.device, message_id) for message_id in ids],
    )
