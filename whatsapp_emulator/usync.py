"""usync, the directory: which devices, LIDs and WhatsApp users belong to some numbers."""

import time

from whatsapp_emulator import accounts
from whatsapp_emulator.accounts import Account
from whatsapp_emulator.jid import phone_jid
from whatsapp_emulator.node import Node
from whatsapp_emulator.world import World


def answer(world: World, iq: Node) -> list[Node]:
    """The <usync> element that answers a directory query, with the protocols it asked for."""
    asked = iq.child("usync")
    query = asked.child("query") if asked else None
    listed = asked.child("list") if asked else None
    if asked is None or query is None or listed is None:
        return []
    protocols = [node.tag for node in query.children]
    users = [_user(world, user, protocols) for user in listed.children]
    attrs = {name: asked.text(name) for name in ("sid", "mode", "last", "index", "context")}
    return [Node("usync", attrs, [Node("result", {}), Node("list", {}, users)])]


def _user(world: World, user: Node, protocols: list[str]) -> Node:
    contact = user.child("contact")
    if contact is not None:
        return _contact(world, contact.body)
    jid = user.jid("jid")
    is_known = jid is not None and jid.user not in world.switches.not_on_wa
    account = accounts.ensure_by_jid(world.db, jid) if is_known else None
    if account is None:
        return Node("user", {"jid": jid})
    parts: list[Node] = []
    if "devices" in protocols:
        parts.append(_devices(world, account))
    if "lid" in protocols or "devices" in protocols:
        parts.append(Node("lid", {"val": account.jid}))
    return Node("user", {"jid": jid}, parts)


def _contact(world: World, asked: bytes) -> Node:
    phone = "".join(char for char in asked.decode().partition("@")[0] if char.isdigit())
    if not phone or phone in world.switches.not_on_wa:
        return Node("user", {"jid": phone_jid(phone)}, [Node("contact", {"type": "out"}, asked)])
    account = accounts.ensure(world.db, phone)
    attrs = {"jid": account.jid, "pn_jid": phone_jid(phone)}
    return Node("user", attrs, [Node("contact", {"type": "in"}, asked), Node("lid", {"val": account.jid})])


def _devices(world: World, account: Account) -> Node:
    devices = [Node("device", {"id": "0"})]
    for companion in accounts.companions(world.db, account.phone):
        number = str(companion.device)
        devices.append(Node("device", {"id": number, "key-index": number}))
    stamp = Node("key-index-list", {"ts": str(int(time.time()))})
    return Node("devices", {}, [Node("device-list", {"hash": "2:emulator"}, devices), stamp])
