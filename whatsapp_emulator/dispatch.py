"""Where each stanza of a client goes."""

from whatsapp_emulator import accounts, delivery, queries, relay
from whatsapp_emulator.link import Link
from whatsapp_emulator.node import Node
from whatsapp_emulator.world import World


def handle(world: World, link: Link, stanza: Node) -> None:
    """Runs one step of the world for one stanza of a client."""
    if stanza.tag == "iq":
        queries.handle(world, link, stanza)
        return
    companion = accounts.find_companion(world.db, *link.companion) if link.companion else None
    if companion is None:
        return
    match stanza.tag:
        case "message":
            relay.message(world, link, companion, stanza)
        case "receipt":
            relay.receipt(world, link, companion, stanza)
        case "ack":
            delivery.acknowledged(world, link, stanza.text("class"), stanza.text("id"))
        case "chatstate":
            relay.typing(world, companion, stanza)
        case "presence":
            relay.presence(world, link, companion, stanza)
        case "ib" | "call" | "stream:error":
            pass
        case tag:
            world.unanswered.append(tag)
