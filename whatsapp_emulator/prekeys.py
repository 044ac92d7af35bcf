"""Prekeys in stanzas: upload by companions, look-up by anyone."""

from whatsapp_emulator import accounts, delivery
from whatsapp_emulator.accounts import Companion
from whatsapp_emulator.jid import SERVER, Jid
from whatsapp_emulator.node import Node
from whatsapp_emulator.ratchet import Bundle
from whatsapp_emulator.world import World

_DJB = b"\x05"
_LOW = 5


def upload(world: World, phone: str, device: int, iq: Node) -> None:
    """Stores a companion's identity, signed prekey and one-time prekeys."""
    accounts.store_signed_prekey(world.db, phone, device, parse_bundle(iq))
    uploaded = iq.child("list")
    keys = [_parse_key(node) for node in uploaded.children] if uploaded else []
    accounts.store_prekeys(world.db, phone, device, keys)


def answer(world: World, jid: Jid) -> Node:
    """The <user> element with the bundle of one device."""
    bundle = _take(world, jid)
    if bundle is None:
        return Node("user", {"jid": jid}, [Node("error", {"code": "404", "text": "item-not-found"})])
    registration = Node("registration", {}, bundle.registration_id.to_bytes(4))
    return Node("user", {"jid": jid}, [registration, *bundle_nodes(bundle)])


def bundle_nodes(bundle: Bundle) -> list[Node]:
    """A bundle without its registration id."""
    nodes = [Node("type", {}, _DJB), Node("identity", {}, bundle.identity)]
    if bundle.prekey_id is not None and bundle.prekey is not None:
        nodes.append(Node("key", {}, _key_nodes(bundle.prekey_id, bundle.prekey)))
    signature = Node("signature", {}, bundle.signature)
    nodes.append(Node("skey", {}, [*_key_nodes(bundle.signed_prekey_id, bundle.signed_prekey), signature]))
    return nodes


def parse_bundle(node: Node) -> Bundle:
    """The bundle in an upload or a retry receipt; ValueError if a part is missing."""
    keys = node.child("keys") or node
    signed = keys.child("skey")
    if signed is None:
        raise ValueError("the bundle has no signed prekey")
    signed_prekey_id, signed_prekey = _parse_key(signed)
    one_time = keys.child("key")
    prekey_id, prekey = _parse_key(one_time) if one_time else (None, None)
    return Bundle(
        int.from_bytes(node.bytes_at("registration")),
        keys.bytes_at("identity"),
        signed_prekey_id,
        signed_prekey,
        signed.bytes_at("signature"),
        prekey_id,
        prekey,
    )


def notify_if_low(world: World, companion: Companion) -> None:
    """Asks a companion for more one-time prekeys when the last few are left."""
    left = accounts.prekey_count(world.db, companion.phone, companion.device)
    link = world.links.get((companion.phone, companion.device))
    if left == _LOW - 1 and link and link.is_active:
        attrs = {"from": SERVER, "type": "encrypt", "id": f"prekeys-{world.events.last()}", "t": "0"}
        count = Node("count", {"value": str(left)})
        delivery.deliver(world, companion.phone, companion.device, Node("notification", attrs, [count]))


def _take(world: World, jid: Jid) -> Bundle | None:
    account = accounts.find_by_jid(world.db, jid)
    if account is None:
        return None
    if jid.device == 0:
        return accounts.take_phone_bundle(world.db, account)
    companion = accounts.find_companion(world.db, account.phone, jid.device)
    return accounts.take_companion_bundle(world.db, companion) if companion else None


def _key_nodes(key_id: int, public: bytes) -> list[Node]:
    return [Node("id", {}, key_id.to_bytes(3)), Node("value", {}, public)]


def _parse_key(node: Node) -> tuple[int, bytes]:
    return int.from_bytes(node.bytes_at("id")), node.bytes_at("value")
