"""Stanzas wait for their acks, and a late ack takes only the copy it is for."""

from tests.unit.whatsapp_emulator.conftest import SHOP, Client
from whatsapp_emulator import delivery
from whatsapp_emulator.node import Node
from whatsapp_emulator.world import World


def message(message_id: str, count: str | None = None) -> Node:
    return Node("message", {"id": message_id, "t": "1"}, [Node("enc", {"count": count}, b"x")])


def test_a_message_waits_until_its_receipt(world: World, client: Client) -> None:
    with world.transaction():
        delivery.deliver(world, SHOP, 1, message("A"))
    assert [stanza.text("id") for stanza in client.stanzas] == ["A"]
    assert delivery.waiting(world, SHOP, 1) == 1
    delivery.received(world, client.link, ["A"])
    assert delivery.waiting(world, SHOP, 1) == 0


def test_a_late_ack_of_the_first_copy_leaves_the_resent_one(world: World, client: Client) -> None:
    with world.transaction():
        delivery.deliver(world, SHOP, 1, message("A"))
        delivery.supersede(world, client.link, "A")
        delivery.deliver(world, SHOP, 1, message("A", "1"))
    delivery.acknowledged(world, client.link, "message", "A")
    assert delivery.waiting(world, SHOP, 1) == 1
    delivery.acknowledged(world, client.link, "message", "A")
    assert delivery.waiting(world, SHOP, 1) == 0


def test_a_receipt_settles_every_copy(world: World, client: Client) -> None:
    with world.transaction():
        delivery.deliver(world, SHOP, 1, message("A"))
        delivery.supersede(world, client.link, "A")
        delivery.deliver(world, SHOP, 1, message("A", "1"))
    delivery.received(world, client.link, ["A"])
    assert world.db.execute("select count(*) from stanza").fetchone()[0] == 0


def test_what_waited_is_repeated_in_order_between_preview_and_summary(world: World, client: Client) -> None:
    client.link.is_active = False
    with world.transaction():
        for message_id in ("A", "B", "A"):
            delivery.deliver(world, SHOP, 1, message(message_id))
            if message_id == "A":
                delivery.supersede(world, client.link, "A")
        delivery.deliver(world, SHOP, 1, message("A", "1"))
        delivery.deliver(world, SHOP, 1, Node("receipt", {"id": "R"}))
    assert client.stanzas == []
    with world.transaction():
        delivery.release(world, client.link)
    preview, *waited, summary = client.stanzas
    assert [(stanza.tag, stanza.text("id"), stanza.text("offline")) for stanza in waited] == [
        ("message", "B", "1"),
        ("message", "A", "1"),
        ("receipt", "R", "1"),
    ]
    assert preview.child("offline_preview").attrs["count"] == "3"  # pyright: ignore[reportOptionalMemberAccess]
    assert summary.child("offline").attrs == {"count": "3"}  # pyright: ignore[reportOptionalMemberAccess]


def test_an_ack_of_another_class_settles_nothing(world: World, client: Client) -> None:
    with world.transaction():
        delivery.deliver(world, SHOP, 1, message("A"))
    delivery.acknowledged(world, client.link, "receipt", "A")
    assert delivery.waiting(world, SHOP, 1) == 1
