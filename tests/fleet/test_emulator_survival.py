"""Nothing is lost when a client goes away, the emulator is killed, or a message cannot be read."""

import pytest

from tests.fleet.emulator_fixtures import Shop, device_store, emulator, shop, stranger
from tests.fleet.emulator_process import Emulator

__all__ = ["device_store", "emulator", "shop", "stranger"]
pytestmark = pytest.mark.fleet


def test_messages_for_an_absent_device_wait_for_its_return(emulator: Emulator, shop: Shop) -> None:
    _exchange(emulator, shop)
    shop.peer.kill()
    emulator.wait("disconnected", phone=shop.phone)
    ids = emulator.call("send_text", from_=shop.customer, to=shop.phone, text="masih buka?", count=3)["ids"]
    assert emulator.companion(shop.phone)["waiting"] == 3
    shop.peer.start(shop.user)
    assert shop.peer.event("offline_done")["count"] == 3
    for message_id in ids:
        shop.peer.event("message", id=message_id)
    emulator.wait("receipt", from_=shop.phone, ids=[ids[-1]])
    assert emulator.companion(shop.phone)["waiting"] == 0


def test_a_killed_emulator_comes_back_with_its_world(emulator: Emulator, shop: Shop) -> None:
    _exchange(emulator, shop)
    shop.peer.kill()
    emulator.wait("disconnected", phone=shop.phone)
    before = emulator.now()
    waiting = emulator.call("send_text", from_=shop.customer, to=shop.phone, text="antre")["ids"][0]
    emulator.kill()
    emulator.start()
    shop.peer.start(shop.user)
    assert shop.peer.event("message", id=waiting)["text"] == "antre"
    assert emulator.wait("connected", since=before, phone=shop.phone)["device"] == 1
    _exchange(emulator, shop)
    assert shop.peer.seen("logged_out") == []
    assert shop.peer.seen("undecryptable") == []


def test_a_connected_device_returns_to_a_restarted_emulator(emulator: Emulator, shop: Shop) -> None:
    emulator.kill()
    since = len(shop.peer.seen("connected"))
    emulator.start()
    shop.peer.wait(lambda _: len(shop.peer.seen("connected")) > since)
    _exchange(emulator, shop)


@pytest.mark.parametrize("abort", [False, True])
def test_a_dropped_device_reconnects(emulator: Emulator, shop: Shop, *, abort: bool) -> None:
    since = emulator.now()
    assert emulator.call("drop", phone=shop.phone, abort=abort)["dropped"] == 1
    emulator.wait("active", since=since, phone=shop.phone)
    _exchange(emulator, shop)


def test_a_stream_error_503_ends_in_a_reconnect(emulator: Emulator, shop: Shop) -> None:
    since = emulator.now()
    emulator.call("stream_error", phone=shop.phone, code=503)
    emulator.wait("active", since=since, phone=shop.phone)
    _exchange(emulator, shop)


def test_a_spoiled_message_is_asked_for_again(emulator: Emulator, shop: Shop) -> None:
    _exchange(emulator, shop)
    arguments = {"to": shop.phone, "text": "kebaca?", "garble": True}
    message_id = emulator.call("send_text", from_=shop.customer, **arguments)["ids"][0]
    shop.peer.event("undecryptable", id=message_id)
    assert shop.peer.event("message", id=message_id)["text"] == "kebaca?"
    _exchange(emulator, shop)


@pytest.mark.parametrize("lost", ["forget_sessions", "forget_prekeys"])
def test_a_phone_that_lost_its_keys_asks_the_device_again(emulator: Emulator, shop: Shop, lost: str) -> None:
    if lost == "forget_sessions":
        _exchange(emulator, shop)
    else:
        emulator.call("typing", from_=shop.customer, to=shop.phone)
        shop.peer.do("is_on_whatsapp", numbers=[f"+{shop.customer}"])
    emulator.call("set", **{lost: shop.customer})
    sent = shop.peer.do("send_text", to=shop.customer, text="sudah siap")
    assert emulator.wait("message", id=sent["id"])["text"] == "sudah siap"
    if lost == "forget_sessions":
        emulator.wait("undecryptable", id=sent["id"])
    _exchange(emulator, shop)


def test_a_refused_message_fails_with_its_code(emulator: Emulator, shop: Shop) -> None:
    emulator.call("set", nack={shop.customer: 463})
    with pytest.raises(AssertionError, match="463"):
        shop.peer.do("send_text", to=shop.customer, text="tidak boleh")
    emulator.call("set", nack={})
    _exchange(emulator, shop)


def test_a_receipt_does_not_wait_for_a_late_ack(emulator: Emulator, shop: Shop) -> None:
    emulator.call("set", ack_delay=1.0)
    sent = shop.peer.do("send_text", to=shop.customer, text="pelan")
    order = [event["kind"] for event in shop.peer.seen("receipt") + shop.peer.seen("done")]
    assert order[0] == "receipt"
    assert emulator.wait("message", id=sent["id"])["text"] == "pelan"
    emulator.call("set", ack_delay=0)


def _exchange(emulator: Emulator, shop: Shop) -> None:
    """One message each way, both readable at once."""
    message_id = emulator.call("send_text", from_=shop.customer, to=shop.phone, text="halo")["ids"][0]
    assert shop.peer.event("message", id=message_id)["text"] == "halo"
    sent = shop.peer.do("send_text", to=shop.customer, text="ya, halo")
    assert emulator.wait("message", id=sent["id"])["text"] == "ya, halo"
