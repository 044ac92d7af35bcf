"""The emulator carries messages between a real neonize and the phones, both ways."""

import base64

import pytest

from tests.fleet.emulator_fixtures import Shop, device_store, emulator, new_number, shop, stranger
from tests.fleet.emulator_process import Emulator, Peer, link

__all__ = ["device_store", "emulator", "shop", "stranger"]
pytestmark = pytest.mark.fleet

DELIVERED, SENDER, READ = 1, 2, 4
PIXEL = base64.b64encode(
    base64.b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    )
).decode()


def test_a_customers_text_arrives_with_number_name_and_secret(emulator: Emulator, shop: Shop) -> None:
    ids = emulator.call(
        "send_text", from_=shop.customer, to=shop.phone, text="Halo, ada nasi?", name="Bu Uji"
    )["ids"]
    message = shop.peer.event("message", id=ids[0])
    assert message["text"] == "Halo, ada nasi?"
    assert (message["phone"], message["name"], message["has_secret"]) == (shop.customer, "Bu Uji", True)


def test_a_reply_reaches_the_customer_and_its_receipts_come_back(emulator: Emulator, shop: Shop) -> None:
    sent = shop.peer.do("send_text", to=shop.customer, text="Ada, Bu.")
    message = emulator.wait("message", id=sent["id"])
    assert (message["from"], message["to"], message["text"]) == (shop.phone, shop.customer, "Ada, Bu.")
    shop.peer.wait(lambda e: e["kind"] == "receipt" and sent["id"] in e["ids"] and e["type"] == DELIVERED)
    shop.peer.wait(lambda e: e["kind"] == "receipt" and sent["id"] in e["ids"] and e["type"] == SENDER)
    emulator.call("read", from_=shop.customer, to=shop.phone)
    shop.peer.wait(lambda e: e["kind"] == "receipt" and sent["id"] in e["ids"] and e["type"] == READ)


def test_a_conversation_of_many_turns_stays_in_order(emulator: Emulator, shop: Shop) -> None:
    for turn in range(5):
        ids = emulator.call("send_text", from_=shop.customer, to=shop.phone, text=f"tanya {turn}", count=3)[
            "ids"
        ]
        for message_id in ids:
            shop.peer.event("message", id=message_id)
        shop.peer.do("send_text", to=shop.customer, text=f"jawab {turn}")
    said = [event["text"] for event in shop.peer.seen("message")]
    assert said == [f"tanya {turn}" for turn in range(5) for _ in range(3)]
    shown = emulator.call("messages", from_=shop.customer, to=shop.phone)["messages"]
    assert [bubble["text"] for bubble in shown if bubble["author"] == "companion"] == [
        f"jawab {i}" for i in range(5)
    ]


@pytest.mark.parametrize(
    "text", ["", "🙏", "kepanjangan " * 5000], ids=["empty", "emoji", "60,000 characters"]
)
def test_odd_texts_arrive_unchanged(emulator: Emulator, shop: Shop, text: str) -> None:
    ids = emulator.call("send_text", from_=shop.customer, to=shop.phone, text=text)["ids"]
    message = shop.peer.event("message", id=ids[0])
    assert (message["field"], message["text"]) == ("conversation", text)


def test_group_status_and_protocol_messages_can_be_injected(emulator: Emulator, shop: Shop) -> None:
    for kind, chat in (("group", "120363000000000001@g.us"), ("status", "status@broadcast")):
        ids = emulator.call("send_text", from_=shop.customer, to=shop.phone, text=kind, kind=kind)["ids"]
        message = shop.peer.event("message", id=ids[0])
        assert (message["text"], message["chat"], message["is_group"]) == (kind, chat, True)
        assert message["phone"] == shop.customer
    ids = emulator.call("send_text", from_=shop.customer, to=shop.phone, kind="protocol")["ids"]
    message = shop.peer.event("message", id=ids[0])
    assert (message["field"], message["has_secret"]) == ("protocolMessage", False)


def test_what_the_owners_phone_writes_reaches_device_and_customer(emulator: Emulator, shop: Shop) -> None:
    since = emulator.now()
    ids = emulator.call("send_text", from_=shop.phone, to=shop.customer, text="Saya sendiri yang balas")[
        "ids"
    ]
    message = shop.peer.event("message", id=ids[0])
    assert (message["from_me"], message["text"]) == (True, "Saya sendiri yang balas")
    assert message["chat"] != f"{message['lid']}@lid", "the chat is the customer's, not the owner's own"
    assert emulator.wait("message", since=since, id=ids[0])["author"] == "phone"


def test_typing_shows_on_both_sides(emulator: Emulator, shop: Shop) -> None:
    shop.peer.do("available")
    shop.peer.do("typing", to=shop.customer)
    assert emulator.wait("typing", from_=shop.phone)["to"] == shop.customer
    emulator.call("typing", from_=shop.customer, to=shop.phone)
    shop.peer.event("typing")


def test_ticks_follow_the_devices_receipts(emulator: Emulator, shop: Shop) -> None:
    ids = emulator.call("send_text", from_=shop.customer, to=shop.phone, text="sudah dibaca?")["ids"]
    shop.peer.event("message", id=ids[0])
    emulator.wait("receipt", from_=shop.phone, ids=ids)
    assert _status(emulator, shop, ids[0]) == "delivered"
    shop.peer.do("mark_read", to=shop.customer, ids=ids)
    emulator.wait("receipt", from_=shop.phone, ids=ids, type="read")
    assert _status(emulator, shop, ids[0]) == "read"


def test_pictures_travel_both_ways(emulator: Emulator, shop: Shop) -> None:
    arguments = {"to": shop.phone, "data": PIXEL, "caption": "bukti transfer"}
    ids = emulator.call("send_image", from_=shop.customer, **arguments)["ids"]
    message = shop.peer.event("message", id=ids[0])
    assert (message["field"], message["text"], message["image"]) == ("imageMessage", "bukti transfer", PIXEL)
    sent = shop.peer.do("send_image", to=shop.customer, data=PIXEL, caption="menu")
    assert emulator.wait("message", id=sent["id"])["text"] == "menu"
    assert emulator.call("media", id=sent["id"])["data"] == PIXEL


def test_the_directory_knows_who_is_on_whatsapp(emulator: Emulator, shop: Shop) -> None:
    emulator.call("set", not_on_wa=["6281399999999"])
    found = shop.peer.do("is_on_whatsapp", numbers=[f"+{shop.customer}", "+6281399999999"])["found"]
    assert [(query, is_in) for query, is_in, _ in found] == [
        (f"+{shop.customer}", True),
        ("+6281399999999", False),
    ]
    emulator.call("set", not_on_wa=[])


def test_two_shops_can_write_to_each_other(emulator: Emulator, shop: Shop, device_store: str) -> None:
    other = Peer(emulator, device_store)
    number = new_number("628120000")
    link(emulator, other, number, "Toko Sebelah")
    sent = shop.peer.do("send_text", to=number, text="pinjam gula")
    assert other.event("message", id=sent["id"])["text"] == "pinjam gula"
    answer = other.do("send_text", to=shop.phone, text="ambil saja")
    assert shop.peer.event("message", id=answer["id"])["text"] == "ambil saja"
    other.kill()


def _status(emulator: Emulator, shop: Shop, message_id: str) -> str:
    bubbles = emulator.call("messages", from_=shop.customer, to=shop.phone)["messages"]
    return next(bubble["status"] for bubble in bubbles if bubble["id"] == message_id)
