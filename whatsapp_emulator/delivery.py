"""Stanzas on their way to companions: stored until acknowledged, sent again after a reconnect."""

from whatsapp_emulator import binary_xml
from whatsapp_emulator.jid import SERVER
from whatsapp_emulator.link import Link
from whatsapp_emulator.node import Node
from whatsapp_emulator.world import World

_PREVIEW = {"message": "message", "receipt": "receipt", "notification": "notification"}


def deliver(world: World, phone: str, device: int, node: Node) -> None:
    """Stores a stanza for a companion, and sends it if the companion is there."""
    world.db.execute(
        "insert into stanza (phone, device, class, id, body) values (?, ?, ?, ?, ?)",
        (phone, device, node.tag, node.text("id"), binary_xml.encode(node)),
    )
    link = world.links.get((phone, device))
    if link and link.is_active:
        world.send(link, node)


def release(world: World, link: Link) -> None:
    """The companion is ready: sends what waited, marked offline, between preview and summary."""
    phone, device = _owner(link)
    world.db.execute("delete from stanza where phone = ? and device = ? and is_superseded", (phone, device))
    rows = world.db.execute(
        "select class, body from stanza where phone = ? and device = ? order by seq", (phone, device)
    ).fetchall()
    counts = {name: sum(row["class"] == name for row in rows) for name in _PREVIEW}
    preview = {
        "count": str(len(rows)),
        **{name: str(count) for name, count in counts.items()},
        "appdata": "0",
    }
    world.send(link, Node("ib", {"from": SERVER}, [Node("offline_preview", preview)]))
    for row in rows:
        world.send(link, binary_xml.decode(row["body"]).with_attrs(offline="1"))
    world.send(link, Node("ib", {"from": SERVER}, [Node("offline", {"count": str(len(rows))})]))
    link.is_active = True


def received(world: World, link: Link, ids: list[str]) -> None:
    """A receipt arrived: every copy of these messages has done its work."""
    phone, device = _owner(link)
    world.db.executemany(
        "delete from stanza where phone = ? and device = ? and class = 'message' and id = ?",
        [(phone, device, message_id) for message_id in ids],
    )


def acknowledged(world: World, link: Link, stanza_class: str, stanza_id: str) -> None:
    """An ack arrived; it settles the oldest copy only, for it may be late and a resent copy on its way."""
    phone, device = _owner(link)
    world.db.execute(
        "delete from stanza where seq = (select min(seq) from stanza"
        " where phone = ? and device = ? and class = ? and id = ?)",
        (phone, device, stanza_class, stanza_id),
    )


def supersede(world: World, link: Link, message_id: str) -> None:
    """The client asked for this message again: earlier copies wait for acks, but are not repeated."""
    phone, device = _owner(link)
    world.db.execute(
        "update stanza set is_superseded = 1 where phone = ? and device = ? and class = 'message' and id = ?",
        (phone, device, message_id),
    )


def waiting(world: World, phone: str, device: int) -> int:
    """How many stanzas of a companion are unacknowledged."""
    query = "select count(*) from stanza where phone = ? and device = ? and not is_superseded"
    return world.db.execute(query, (phone, device)).fetchone()[0]


def _owner(link: Link) -> tuple[str, int]:
    if link.companion is None:
        raise ValueError("this client has not logged in")
    return link.companion
