"""What leaves: in order, once, and only while it may."""

import pytest

from tests.fleet.emulator_fixtures import emulator, new_number
from tests.fleet.emulator_process import Emulator
from tests.fleet.fleet_fixtures import aws, fleet, queue
from tests.fleet.fleet_process import Fleet

__all__ = ["aws", "emulator", "fleet", "queue"]
pytestmark = pytest.mark.fleet


def test_replies_leave_in_order(emulator: Emulator, fleet: Fleet) -> None:
    shop, customer = fleet.register(new_number("628120000")), new_number("628130000")
    fleet.link(shop)
    emulator.call("send_text", from_=customer, to=shop.phone, text="halo")
    chat = fleet.await_message(shop, text="halo")["conversation_id"]
    replies = [fleet.reply(shop, chat, f"jawab {n}") for n in range(3)]
    for reply in replies:
        fleet.await_message(shop, id=reply, status="delivered")
    bubbles = emulator.call("messages", from_=customer, to=shop.phone)["messages"]
    assert [b["text"] for b in bubbles if b["author"] == "companion"] == [f"jawab {n}" for n in range(3)]


def test_an_answer_of_the_agent_is_dropped_when_a_human_takes_the_chat_while_it_types(
    emulator: Emulator, fleet: Fleet
) -> None:
    shop, customer = fleet.register(new_number("628120000")), new_number("628130000")
    fleet.link(shop)
    emulator.call("send_text", from_=customer, to=shop.phone, text="halo")
    chat = fleet.await_message(shop, text="halo")["conversation_id"]
    since = emulator.now()
    reply = fleet.reply(shop, chat, "jawaban panjang " * 20, author="ai")
    emulator.wait("typing", since=since, from_=shop.phone)
    emulator.call("send_text", from_=shop.phone, to=customer, text="Saya sendiri yang jawab")
    fleet.await_message(shop, id=reply, status="cancelled")
    own = fleet.reply(shop, chat, "Siap")
    fleet.await_message(shop, id=own, status="delivered")
    bubbles = emulator.call("messages", from_=customer, to=shop.phone)["messages"]
    assert [b["text"] for b in bubbles if b["author"] == "companion"] == ["Siap"]


def test_a_refused_chat_start_fails_with_its_reason_and_others_go_on(
    emulator: Emulator, fleet: Fleet
) -> None:
    shop, customer, other = (new_number(p) for p in ("628120000", "628130000", "628130000"))
    linked = fleet.register(shop)
    fleet.link(linked)
    emulator.call("send_text", from_=customer, to=shop, text="halo satu")
    emulator.call("send_text", from_=other, to=shop, text="halo dua")
    chats = [fleet.await_message(linked, text=t)["conversation_id"] for t in ("halo satu", "halo dua")]
    emulator.call("set", nack={customer: 463})
    refused, fine = (fleet.reply(linked, chat, "Halo") for chat in chats)
    assert fleet.await_message(linked, id=refused, status="failed")["reason"] == "reach_out_limit"
    fleet.await_message(linked, id=fine, status="delivered")
    emulator.call("set", nack={})


def test_one_withheld_ack_does_not_hold_up_another_shop(emulator: Emulator, fleet: Fleet) -> None:
    slow, quick = (fleet.register(new_number("628120000")) for _ in range(2))
    customer = new_number("628130000")
    for shop in (slow, quick):
        fleet.link(shop)
        emulator.call("send_text", from_=customer, to=shop.phone, text="halo")
    chats = [fleet.await_message(shop, text="halo")["conversation_id"] for shop in (slow, quick)]
    emulator.call("set", drop_acks=True, auto_receipts={slow.phone: False, quick.phone: False})
    since = emulator.now()
    fleet.reply(slow, chats[0], "lambat")
    emulator.wait("message", since=since, from_=slow.phone, to=customer)
    second = fleet.reply(quick, chats[1], "cepat")
    emulator.wait("message", since=since, from_=quick.phone, to=customer)
    fleet.await_message(quick, id=second, status="delivered")
    emulator.call("set", drop_acks=False, auto_receipts={})


def test_the_answered_bubbles_are_read_once_the_answer_is_out(emulator: Emulator, fleet: Fleet) -> None:
    shop, customer = fleet.register(new_number("628120000")), new_number("628130000")
    fleet.link(shop)
    emulator.call("send_text", from_=customer, to=shop.phone, text="halo")
    question = fleet.await_message(shop, text="halo")
    reply = fleet.reply(shop, question["conversation_id"], "Siap")
    fleet.rows(
        "update messages set answered_by = %(by)s where id = %(id)s returning id", by=reply, id=question["id"]
    )
    fleet.await_message(shop, id=reply, status="delivered")
    emulator.wait("receipt", from_=shop.phone, to=customer, type="read", ids=[question["wa_message_id"]])


def test_what_the_customers_phone_cannot_read_after_a_restart_is_sent_once_more(
    emulator: Emulator, fleet: Fleet
) -> None:
    shop, customer = fleet.register(new_number("628120000")), new_number("628130000")
    fleet.link(shop)
    emulator.call("send_text", from_=customer, to=shop.phone, text="halo")
    chat = fleet.await_message(shop, text="halo")["conversation_id"]
    emulator.call("set", auto_receipts={customer: False})
    reply = fleet.reply(shop, chat, "Siap")
    sent = fleet.await_message(shop, id=reply, status="sent")
    assert fleet.stop() == 0
    fleet.start()
    fleet.await_served(shop)
    lid = fleet.rows("select lid from contacts where tenant_id = %(id)s", id=shop.tenant_id)[0]["lid"]
    retry = {"count": "1", "id": sent["wa_message_id"], "t": "1", "v": "1"}
    node = {
        "tag": "receipt",
        "attrs": {"from": f"{lid}@lid", "id": sent["wa_message_id"], "type": "retry", "t": "1"},
        "content": [{"tag": "retry", "attrs": retry}],
    }
    emulator.call("set", auto_receipts={})
    for _ in range(2):
        emulator.call("raw", phone=shop.phone, node=node)
    fleet.await_message(shop, text="Siap", status="delivered")
    said = [(m["text"], m["status"], m["reason"]) for m in fleet.messages(shop) if m["author"] == "human"]
    assert sorted(said) == [("Siap", "delivered", None), ("Siap", "failed", "unreadable")]
