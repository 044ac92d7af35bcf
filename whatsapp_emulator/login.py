"""What happens after the Noise handshake: a device logs in, or a new one asks to be linked."""

import time

from whatsapp_emulator import accounts, bootstrap, delivery, pairing
from whatsapp_emulator.link import Link
from whatsapp_emulator.node import Node
from whatsapp_emulator.protobufs import wa6
from whatsapp_emulator.world import World

_UNKNOWN_DEVICE = "401"


def enter(world: World, link: Link, noise_public: bytes, payload: bytes) -> None:
    """Starts a pairing or logs a companion in, as its payload asks."""
    client = wa6.ClientPayload.FromString(payload)
    if client.HasField("devicePairingData"):
        pairing.begin(world, link, noise_public, client)
    else:
        _log_in(world, link, noise_public, str(client.username), client.device)


def activate(world: World, link: Link) -> None:
    """The companion is ready for stanzas; on its first time it also gets its keys and history."""
    if link.companion is None or link.is_active:
        return
    delivery.release(world, link)
    companion = accounts.find_companion(world.db, *link.companion)
    if companion and not companion.is_bootstrapped:
        bootstrap.welcome(world, companion)
    world.events.add("active", phone=link.companion[0], device=link.companion[1])


def leave(world: World, link: Link) -> None:
    """The connection is gone."""
    pairing.forget(world, link)
    if link.companion and world.links.get(link.companion) is link:
        del world.links[link.companion]
        world.events.add("disconnected", phone=link.companion[0], device=link.companion[1])


def _log_in(world: World, link: Link, noise_public: bytes, phone: str, device: int) -> None:
    failure = world.switches.failure.get(phone)
    companion = accounts.find_companion(world.db, phone, device)
    if failure:
        _refuse(world, link, phone, {name: str(value) for name, value in failure.items()})
    elif companion is None or companion.noise_public != noise_public:
        _refuse(world, link, phone, {"reason": _UNKNOWN_DEVICE})
    else:
        _replace(world, (phone, device))
        link.companion = (phone, device)
        world.links[link.companion] = link
        attrs = {"t": str(int(time.time())), "lid": companion.jid, "props": "5", "location": "frc"}
        world.send(link, Node("success", attrs))
        world.events.add("connected", phone=phone, device=device)


def _refuse(world: World, link: Link, phone: str, reason: dict[str, str]) -> None:
    world.events.add("refused", phone=phone, **reason)
    world.end(link, Node("failure", dict(reason)))


def _replace(world: World, owner: tuple[str, int]) -> None:
    older = world.links.pop(owner, None)
    if older:
        world.events.add("replaced", phone=owner[0], device=owner[1])
        conflict = Node("conflict", {"type": "replaced"})
        world.end(older, Node("stream:error", {}, [conflict]), close_after_s=1)


def stream_error(world: World, link: Link, attrs: dict[str, str], conflict: str | None) -> None:
    """Ends a client's stream with an error, e.g. code 503 or the conflict "device_removed"."""
    parts = [Node("conflict", {"type": conflict})] if conflict else None
    world.end(link, Node("stream:error", dict(attrs), parts))
