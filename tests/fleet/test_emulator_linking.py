"""Devices are linked, refused, logged out and told what the phone knows."""

import pytest

from tests.fleet.emulator_fixtures import Shop, device_store, emulator, new_number, shop, stranger
from tests.fleet.emulator_process import Emulator, Peer, link

__all__ = ["device_store", "emulator", "shop", "stranger"]
pytestmark = pytest.mark.fleet


def test_a_linked_device_knows_its_name_and_may_show_presence(emulator: Emulator, shop: Shop) -> None:
    shop.peer.do("available")
    emulator.wait("presence", phone=shop.phone, state="available")
    me = shop.peer.do("me")
    assert (f"{me['user']}:{me['device']}", me["name"]) == (shop.user, "Warung Uji")
    companion = emulator.companion(shop.phone)
    assert companion["is_active"] is True
    assert companion["prekeys"] > 800


def test_a_renamed_shop_is_renamed_on_the_phone(emulator: Emulator, shop: Shop) -> None:
    shop.peer.do("available")
    shop.peer.do("rename", name="Warung Baru")
    accounts = emulator.call("state")["accounts"]
    assert [account["name"] for account in accounts if account["phone"] == shop.phone] == ["Warung Baru"]


def test_a_code_that_nobody_shows_is_refused(emulator: Emulator, stranger: Peer) -> None:
    qr = stranger.event("qr")["qr"]
    phone = new_number("628120000")
    for text, hint in ((qr.replace("#2@", "#2@x"), "expired"), ("halo", "no WhatsApp QR text")):
        status, answer = emulator.try_call("scan", qr=text, phone=phone)
        assert status == 400
        assert hint in answer["error"]
    link(emulator, stranger, phone, "Warung Uji")
    status, answer = emulator.try_call("scan", qr=qr, phone=phone)
    assert status == 400
    assert "expired" in answer["error"]


def test_a_device_can_be_linked_with_a_code(emulator: Emulator, stranger: Peer) -> None:
    stranger.event("qr")
    phone = new_number("628120000")
    code = stranger.do("pair_code", to=phone)["code"]
    status, answer = emulator.try_call("enter_code", phone=phone, code="ABCD-EFGH")
    assert (status, "wrong" in answer["error"]) == (400, True)
    code = stranger.do("pair_code", to=phone)["code"]
    assert emulator.call("enter_code", phone=phone, code=code)["ok"] is True
    stranger.event("connected")
    status, answer = emulator.try_call("enter_code", phone=phone, code=code)
    assert (status, "no device asks" in answer["error"]) == (400, True)


def test_chats_from_before_arrive_as_history(emulator: Emulator, stranger: Peer) -> None:
    phone, customer = new_number("628120000"), new_number("628130000")
    emulator.call("set", history={phone: [[customer, "pesanan bulan lalu"]]})
    link(emulator, stranger, phone, "Warung Uji")
    assert stranger.event("history")["texts"] == ["pesanan bulan lalu"]
    assert stranger.seen("message") == []


def test_a_device_that_logs_out_is_forgotten(emulator: Emulator, shop: Shop) -> None:
    shop.peer.do("logout")
    emulator.wait("unlinked", phone=shop.phone)
    accounts = emulator.call("state")["accounts"]
    assert [account["companions"] for account in accounts if account["phone"] == shop.phone] == [[]]


def test_the_owner_can_remove_the_device_on_the_phone(emulator: Emulator, shop: Shop) -> None:
    assert emulator.call("unlink", phone=shop.phone)["devices"] == [1]
    shop.peer.event("logged_out")


def test_a_second_login_of_the_same_device_replaces_the_first(
    emulator: Emulator, shop: Shop, device_store: str
) -> None:
    second = Peer(emulator, device_store, shop.user)
    second.event("connected")
    shop.peer.event("replaced")
    second.kill()


@pytest.mark.parametrize(
    ("failure", "event"),
    [({"reason": 402, "code": 101, "expire": 3600}, "banned"), ({"reason": 401}, "logged_out")],
    ids=["temporary ban", "logged out"],
)
def test_a_refused_login_tells_why(
    emulator: Emulator, shop: Shop, failure: dict[str, int], event: str
) -> None:
    emulator.call("set", failure={shop.phone: failure})
    emulator.call("drop", phone=shop.phone, abort=True)
    shop.peer.event(event)
    emulator.call("set", failure={})
