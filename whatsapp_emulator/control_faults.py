"""Control calls that disturb or inspect the emulator: drops, errors, switches, raw stanzas, state."""

import time
from typing import Any, cast

from whatsapp_emulator import accounts, chats, content, delivery, handset, login, signal_endpoint
from whatsapp_emulator import jid as jids
from whatsapp_emulator.accounts import Account
from whatsapp_emulator.arguments import ArgumentError, Arguments
from whatsapp_emulator.chats import ChatMessage
from whatsapp_emulator.jid import Jid
from whatsapp_emulator.link import Link
from whatsapp_emulator.node import Node
from whatsapp_emulator.world import World


def drop(world: World, arguments: Arguments) -> dict[str, Any]:
    """Cuts the connections of a phone's companions, or every connection; `abort` cuts without a goodbye."""
    phone, abort = arguments.optional_phone("phone"), arguments.flag("abort")
    links = _links(world, phone) + ([] if phone else list(dict.fromkeys(world.pairing.values())))
    for link in links:
        world.after_commit(lambda link=link: link.close(abort=abort))
    return {"dropped": len(links)}


def stream_error(world: World, arguments: Arguments) -> dict[str, Any]:
    """Sends a stream error to a phone's companions, e.g. code 503, or conflict "replaced"."""
    code, conflict = arguments.members.get("code"), arguments.text("conflict", "") or None
    links = _links(world, arguments.phone("phone"))
    for link in links:
        login.stream_error(world, link, {"code": str(code)} if code else {}, conflict)
    if conflict == "device_removed":
        for owner in [link.companion for link in links if link.companion]:
            accounts.remove_companion(world.db, *owner)
    return {"sent": len(links)}


def set_switches(world: World, arguments: Arguments) -> dict[str, Any]:
    """Sets switches, each replacing its old value, or does one of the forget_… and history deeds."""
    for name, value in arguments.members.items():
        match name:
            case "forget_sessions":
                signal_endpoint.forget(world.db, str(value))
            case "forget_prekeys":
                world.db.execute("delete from phone_prekey where phone = ?", (str(value),))
            case "history":
                _add_history(world, value)
            case _:
                try:
                    world.switches.set(name, value)
                except ValueError as error:
                    raise ArgumentError(str(error)) from error
    return {"switches": world.switches.as_json()}


def raw(world: World, arguments: Arguments) -> dict[str, Any]:
    """Delivers any stanza to a phone's companions: {tag, attrs, content (list, or text for bytes)}."""
    node = _node(arguments.members.get("node"))
    targets = accounts.companions(world.db, arguments.phone("phone"))
    for companion in targets:
        delivery.deliver(world, companion.phone, companion.device, node)
    return {"sent": len(targets)}


def state(world: World, arguments: Arguments) -> dict[str, Any]:  # noqa: ARG001 - a control call
    """Everything at a glance."""
    return {
        "accounts": [_account(world, account) for account in accounts.everyone(world.db)],
        "waiting_to_be_scanned": len({id(link) for link in world.pairing.values()}),
        "switches": world.switches.as_json(),
        "unanswered": world.unanswered[-100:],
        "next": world.events.last(),
    }


def _links(world: World, phone: str | None) -> list[Link]:
    return [link for owner, link in world.links.items() if phone in (None, owner[0])]


def _account(world: World, account: Account) -> dict[str, Any]:
    return {
        "phone": account.phone,
        "lid": account.lid,
        "name": account.name,
        "companions": [
            {
                "device": companion.device,
                "platform": companion.platform,
                "is_connected": (link := world.links.get((companion.phone, companion.device))) is not None,
                "is_active": bool(link and link.is_active),
                "is_available": bool(link and link.is_available),
                "waiting": delivery.waiting(world, companion.phone, companion.device),
                "prekeys": accounts.prekey_count(world.db, companion.phone, companion.device),
            }
            for companion in accounts.companions(world.db, account.phone)
        ],
    }


def _add_history(world: World, history: Any) -> None:
    """Chats from before the linking, {shop: [[customer, text], …]}: the next linked device gets them."""
    if not isinstance(history, dict):
        raise ArgumentError('"history" must be {phone: [[customer, text], …]}')
    chats_of = cast("dict[str, list[tuple[str, str]]]", history)
    for shop, entries in chats_of.items():
        accounts.ensure(world.db, shop)
        for customer, text in entries:
            accounts.ensure(world.db, customer)
            payload, an_hour_ago = content.text(text).SerializeToString(), int(time.time()) - 3600
            entry = ChatMessage(customer, shop, handset.new_id(), "text", text, an_hour_ago, "phone", payload)
            chats.record(world.db, entry)


def _node(value: Any) -> Node:
    match value:
        case {"tag": str(tag), **rest}:
            attrs = {str(k): _attr(v) for k, v in dict(rest.get("attrs") or {}).items()}
            inside = rest.get("content")
            if isinstance(inside, list):
                children = cast("list[Any]", inside)
                return Node(tag, attrs, [_node(child) for child in children])
            return Node(tag, attrs, str(inside).encode() if inside is not None else None)
        case _:
            raise ArgumentError('"node" must be {"tag": …, "attrs": {…}, "content": …}')


def _attr(value: Any) -> str | Jid:
    text = str(value)
    return jids.parse(text) if "@" in text or text == jids.PHONE_SERVER else text
