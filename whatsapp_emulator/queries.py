"""The requests (<iq>) of clients and their answers."""

from whatsapp_emulator import accounts, app_state_sync, login, pairing, pairing_code, prekeys, usync
from whatsapp_emulator.jid import SERVER
from whatsapp_emulator.link import Link
from whatsapp_emulator.node import Node
from whatsapp_emulator.world import World

_PRIVACY = {
    "last": "all", "online": "all", "profile": "all", "status": "all", "readreceipts": "all",
    "groupadd": "all", "calladd": "all",
}  # fmt: skip


def handle(world: World, link: Link, iq: Node) -> None:
    """Answers one request; what nobody knows gets an empty result and is noted for the state dump."""
    if iq.text("type") in ("result", "error"):
        pairing.accept(world, link, iq)
        return
    if link.companion is None:
        answer = pairing_code.answer(world, link, iq)
    elif iq.text("xmlns") == "w:p" and link.companion[0] in world.switches.mute_pings:
        return
    else:
        answer = _answer(world, link, link.companion, iq)
    is_error = bool(answer) and answer[0].tag == "error"
    attrs = {"type": "error" if is_error else "result", "id": iq.text("id"), "from": iq.jid("to") or SERVER}
    world.send(link, Node("iq", attrs, answer or None))


def _answer(world: World, link: Link, owner: tuple[str, int], iq: Node) -> list[Node]:  # noqa: C901 - flat
    answer: list[Node] = []
    match iq.text("xmlns"):
        case "w:p" | "urn:xmpp:whatsapp:push":
            pass
        case "blocklist":
            answer = [Node("list", {"dhash": "1"})]
        case "encrypt":
            answer = _encrypt(world, owner, iq)
        case "passive":
            _set_passive(world, link, iq)
        case "usync":
            answer = usync.answer(world, iq)
        case "w:sync:app:state":
            answer = app_state_sync.answer(world, owner, iq)
        case "w:m":
            answer = [_media_connection()]
        case "privacy":
            answer = _privacy(iq)
        case "md":
            _remove_device(world, link, owner, iq)
        case "w:profile:picture":
            answer = [Node("error", {"code": "404", "text": "item-not-found"})]
        case name:
            world.unanswered.append(f"{iq.text('type')} {name} {[node.tag for node in iq.children]}")
    return answer


def _set_passive(world: World, link: Link, iq: Node) -> None:
    if iq.child("active"):
        login.activate(world, link)


def _encrypt(world: World, owner: tuple[str, int], iq: Node) -> list[Node]:
    phone, device = owner
    wanted = iq.child("key")
    if iq.text("type") == "set":
        prekeys.upload(world, phone, device, iq)
        return []
    if wanted:
        users = [prekeys.answer(world, jid) for node in wanted.children if (jid := node.jid("jid"))]
        return [Node("list", {}, users)]
    return [Node("count", {"value": str(accounts.prekey_count(world.db, phone, device))})]


def _media_connection() -> Node:
    attrs = {"auth": "emulator", "ttl": "3600", "auth_ttl": "3600", "max_buckets": "12"}
    return Node("media_conn", attrs, [Node("host", {"hostname": "mmg.whatsapp.net"})])


def _privacy(iq: Node) -> list[Node]:
    if iq.text("type") == "set":
        return []
    return [Node("privacy", {}, [Node("category", {"name": k, "value": v}) for k, v in _PRIVACY.items()])]


def _remove_device(world: World, link: Link, owner: tuple[str, int], iq: Node) -> None:
    if iq.child("remove-companion-device") is None:
        return
    phone, device = owner
    accounts.remove_companion(world.db, phone, device)
    world.events.add("unlinked", phone=phone, device=device, by="companion")
    world.links.pop(owner, None)
    link.companion = None
    world.after_commit(lambda: world.close_later(link, 1.0))
