"""What arrives is stored once, and only what a customer wrote live is put up for an answer."""

import pytest

from tests.fleet.emulator_fixtures import emulator, new_number
from tests.fleet.emulator_process import Emulator
from tests.fleet.fleet_fixtures import aws, fleet, queue
from tests.fleet.fleet_process import Fleet

__all__ = ["aws", "emulator", "fleet", "queue"]
pytestmark = pytest.mark.fleet


def test_odd_messages_are_stored_and_only_answerable_ones_queued(emulator: Emulator, fleet: Fleet) -> None:
    shop, customer = fleet.register(new_number("628120000")), new_number("628130000")
    fleet.link(shop)
    emulator.call("send_text", from_=customer, to=shop.phone, text="grup", kind="group")
    emulator.call("send_text", from_=customer, to=shop.phone, text="status", kind="status")
    emulator.call("send_text", from_=customer, to=shop.phone, kind="protocol")
    emulator.call("send_text", from_=customer, to=shop.phone, text="")
    emulator.call("send_text", from_=customer, to=shop.phone, text="🙏")
    emulator.call("send_text", from_=customer, to=shop.phone, text="x" * 60_000)
    target = emulator.call("send_text", from_=customer, to=shop.phone, text="halo")["ids"][0]
    emulator.call("send_text", from_=customer, to=shop.phone, text="👍", kind="reaction", target=target)
    emulator.call("send_text", from_=customer, to=shop.phone, text="terakhir")
    fleet.await_message(shop, text="terakhir")
    stored = [(m["kind"], m["text"][:10], m["awaits_reply"]) for m in fleet.messages(shop)]
    assert stored == [
        ("other", "", False),
        ("text", "🙏", True),
        ("text", "x" * 10, True),
        ("text", "halo", True),
        ("reaction", "👍", False),
        ("text", "terakhir", True),
    ]
    long = fleet.messages(shop)[2]["text"]
    assert len(long) == 4096
    assert long.endswith("… [dipotong: pesan asli 60000 karakter]")
    waiting = {str(m["id"]) for m in fleet.messages(shop) if m["awaits_reply"]}
    queued: set[str] = set()
    while queued != waiting:
        queued |= {job["message_id"] for job in fleet.await_that(fleet.queue.jobs, bool, "jobs")}
        assert queued <= waiting


def test_a_redelivered_message_is_stored_once(emulator: Emulator, fleet: Fleet) -> None:
    shop, customer = fleet.register(new_number("628120000")), new_number("628130000")
    fleet.link(shop)
    emulator.call("send_text", from_=customer, to=shop.phone, text="satu", count=5)
    fleet.await_that(lambda: len(fleet.messages(shop)), lambda n: n == 5, "five messages")
    emulator.call("drop", phone=shop.phone, abort=True)
    emulator.call("send_text", from_=customer, to=shop.phone, text="dua", count=5)
    fleet.await_that(lambda: len(fleet.messages(shop)), lambda n: n == 10, "ten messages")
    assert len({m["wa_message_id"] for m in fleet.messages(shop)}) == 10


def test_history_is_stored_and_never_queued(emulator: Emulator, fleet: Fleet) -> None:
    shop, customer = fleet.register(new_number("628120000")), new_number("628130000")
    emulator.call("set", history={shop.phone: [[customer, "kemarin pesan 2"], [customer, "masih ada?"]]})
    fleet.link(shop)
    old = fleet.await_message(shop, text="masih ada?")
    assert (old["is_live"], old["awaits_reply"], old["author"]) == (False, False, "contact")
    emulator.call("send_text", from_=customer, to=shop.phone, text="halo")
    live = fleet.await_message(shop, text="halo")
    assert live["conversation_id"] == old["conversation_id"]
    jobs = fleet.await_that(fleet.queue.jobs, bool, "a job")
    assert [job["message_id"] for job in jobs] == [str(live["id"])]


def test_an_undecryptable_message_is_shown_until_it_can_be_read(emulator: Emulator, fleet: Fleet) -> None:
    shop, customer = fleet.register(new_number("628120000")), new_number("628130000")
    fleet.link(shop)
    emulator.call("send_text", from_=customer, to=shop.phone, text="rusak", garble=True)
    repaired = fleet.await_message(shop, text="rusak")
    assert (repaired["kind"], repaired["awaits_reply"]) == ("text", True)
    assert len(fleet.messages(shop)) == 1
    unread = fleet.rows("select unread from conversations where tenant_id = %(id)s", id=shop.tenant_id)
    assert unread == [{"unread": 1}]


def test_the_customers_number_and_name_are_kept(emulator: Emulator, fleet: Fleet) -> None:
    shop, customer = fleet.register(new_number("628120000")), new_number("628130000")
    fleet.link(shop)
    emulator.call("send_text", from_=customer, to=shop.phone, text="halo", name="Pelanggan Uji")
    fleet.await_message(shop, text="halo")
    contact = fleet.rows("select * from contacts where tenant_id = %(id)s", id=shop.tenant_id)[0]
    assert (contact["phone"], contact["push_name"], contact["is_saved"]) == (customer, "Pelanggan Uji", False)
    assert contact["lid"] != customer


def test_the_owner_writing_on_the_phone_takes_the_chat(emulator: Emulator, fleet: Fleet) -> None:
    shop, customer = fleet.register(new_number("628120000")), new_number("628130000")
    fleet.link(shop)
    emulator.call("send_text", from_=customer, to=shop.phone, text="halo")
    question = fleet.await_message(shop, text="halo")
    emulator.call("send_text", from_=shop.phone, to=customer, text="Sebentar ya")
    typed = fleet.await_message(shop, text="Sebentar ya")
    assert (typed["author"], typed["direction"]) == ("owner_phone", "out")
    assert typed["status"] in ("sent", "delivered")
    assert typed["conversation_id"] == question["conversation_id"]
    chat = fleet.rows("select handling from conversations where tenant_id = %(id)s", id=shop.tenant_id)
    assert chat == [{"handling": "human"}]
