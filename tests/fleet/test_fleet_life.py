"""The life of a shop's connection: linked, served, answered, disconnected."""

import pytest

from tests.fleet.emulator_fixtures import emulator, new_number
from tests.fleet.emulator_process import Emulator
from tests.fleet.fleet_fixtures import aws, fleet, queue
from tests.fleet.fleet_process import Fleet

__all__ = ["aws", "emulator", "fleet", "queue"]
pytestmark = pytest.mark.fleet


def test_a_scanned_qr_connects_and_a_message_goes_in_and_out(emulator: Emulator, fleet: Fleet) -> None:
    shop, customer = fleet.register(new_number("628120000")), new_number("628130000")
    row = fleet.link(shop)
    assert (row["phone"], row["qr"], row["qr_expires_at"], row["wanted"]) == (shop.phone, None, None, "on")
    emulator.call("send_text", from_=customer, to=shop.phone, text="Halo, ada nasi?", name="Pelanggan Uji")
    question = fleet.await_message(shop, text="Halo, ada nasi?")
    assert (question["author"], question["kind"], question["is_live"]) == ("contact", "text", True)
    queued = fleet.await_that(fleet.queue.jobs, bool, "a job")
    assert [job["message_id"] for job in queued] == [str(question["id"])]
    since = emulator.now()
    reply = fleet.reply(shop, question["conversation_id"], "Ada, Kak.")
    shown = emulator.wait("message", since=since, from_=shop.phone, to=customer)
    assert shown["text"] == "Ada, Kak."
    fleet.await_message(shop, id=reply, status="delivered")
    emulator.call("read", from_=customer, to=shop.phone)
    sent = fleet.await_message(shop, id=reply, status="read")
    assert sent["wa_message_id"] == shown["id"]


def test_disconnect_logs_the_device_out_and_the_shop_can_link_again(emulator: Emulator, fleet: Fleet) -> None:
    shop = fleet.register(new_number("628120000"))
    fleet.link(shop)
    fleet.disconnect(shop)
    row = fleet.await_state(shop, "disconnected")
    assert (row["jid"], row["lid"], row["phone"], row["wanted"]) == (None, None, None, "off")
    emulator.wait("unlinked", phone=shop.phone)
    assert fleet.devices() == []
    assert fleet.link(shop)["phone"] == shop.phone


def test_an_account_that_another_shop_has_is_refused_and_the_new_device_removed(
    emulator: Emulator, fleet: Fleet
) -> None:
    first = fleet.register(new_number("628120000"))
    fleet.link(first)
    second = fleet.register(first.phone)
    fleet.connect(second)
    emulator.call("scan", qr=fleet.await_qr(second), phone=first.phone, name="Warung Uji")
    row = fleet.await_state(second, "failed")
    assert (row["reason"], row["wanted"], row["jid"], row["qr"]) == ("account_taken", "off", None, None)
    emulator.wait("unlinked", phone=first.phone)
    assert fleet.await_served(first)["phone"] == first.phone
    assert len(fleet.devices()) == 1


def test_a_qr_that_nobody_scans_expires(emulator: Emulator, fleet: Fleet) -> None:
    emulator.call("set", qr_refs=1)
    try:
        shop = fleet.register(new_number("628120000"))
        fleet.connect(shop)
        fleet.await_qr(shop)
        row = fleet.await_state(shop, "link_expired")
        assert (row["qr"], row["wanted"], row["reason"]) == (None, "off", None)
        fleet.await_that(lambda: fleet.children("linking"), lambda pids: not pids, "end of the process")
    finally:
        emulator.call("set", qr_refs=6)


def test_leaving_before_the_scan_ends_the_linking_process(fleet: Fleet) -> None:
    shop = fleet.register(new_number("628120000"))
    fleet.connect(shop)
    fleet.await_qr(shop)
    fleet.disconnect(shop)
    fleet.await_that(lambda: fleet.children("linking"), lambda pids: not pids, "end of the process")
    assert fleet.session(shop)["state"] == "disconnected"


def test_the_owner_removing_the_device_on_the_phone_is_shown(emulator: Emulator, fleet: Fleet) -> None:
    shop = fleet.register(new_number("628120000"))
    fleet.link(shop)
    emulator.call("unlink", phone=shop.phone)
    row = fleet.await_state(shop, "logged_out")
    assert (row["wanted"], row["jid"], row["lid"]) == ("off", None, None)


def test_a_pairing_code_links_as_well(emulator: Emulator, fleet: Fleet) -> None:
    shop = fleet.register(new_number("628120000"))
    fleet.connect(shop, code_for=shop.phone)
    code = fleet.await_that(lambda: fleet.session(shop)["pair_code"], bool, "a pairing code")
    assert fleet.session(shop)["qr"] is None
    emulator.call("enter_code", phone=shop.phone, code=code, name="Warung Uji")
    assert fleet.await_served(shop)["pair_code"] is None
