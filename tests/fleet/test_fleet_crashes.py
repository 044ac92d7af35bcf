"""Processes that die, freeze or are told to stop: somebody else takes over, and nothing is sent twice."""

import signal
from collections import Counter

import psutil
import psycopg
import pytest

from balas.db.bootstrap import RoleUrls
from tests.fleet.emulator_fixtures import emulator, new_number
from tests.fleet.emulator_process import Emulator
from tests.fleet.fleet_fixtures import aws, fleet, queue
from tests.fleet.fleet_process import Fleet

__all__ = ["aws", "emulator", "fleet", "queue"]
pytestmark = pytest.mark.fleet


CUT_OFF_FLEET = """
select pg_terminate_backend(pid) from pg_stat_activity where usename = 'balas_fleet' and datname = %s
"""


def shown_to(emulator: Emulator, customer: str, shop_phone: str, since: int) -> Counter[str]:
    """How often each text reached the customer's phone."""
    found = emulator.call("events", since=since, kind="message")["events"]
    return Counter(e["text"] for e in found if e["from"] == shop_phone and e["to"] == customer)


def test_a_killed_shard_is_replaced_and_nothing_is_lost_or_sent_twice(
    emulator: Emulator, fleet: Fleet
) -> None:
    shop, customer = fleet.register(new_number("628120000")), new_number("628130000")
    first = fleet.link(shop)
    emulator.call("send_text", from_=customer, to=shop.phone, text="halo")
    chat = fleet.await_message(shop, text="halo")["conversation_id"]
    since = emulator.now()
    replies = [fleet.reply(shop, chat, f"jawab {n}") for n in range(4)]
    emulator.wait("message", since=since, from_=shop.phone, to=customer)
    fleet.signal_shards(signal.SIGKILL)
    emulator.call("send_text", from_=customer, to=shop.phone, text="masih di sana?")
    fleet.await_that(lambda: fleet.await_served(shop)["fence"], lambda f: f > first["fence"], "a new owner")
    fleet.await_message(shop, text="masih di sana?")
    shown = fleet.await_that(
        lambda: shown_to(emulator, customer, shop.phone, since), lambda texts: len(texts) == 4, "all replies"
    )
    assert shown == {f"jawab {n}": 1 for n in range(4)}
    # A receipt that whatsmeow took and had not handed on is gone for good; the next one settles the send.
    emulator.call("read", from_=customer, to=shop.phone)
    for reply in replies:
        fleet.await_message(shop, id=reply, status="read")
    assert shown_to(emulator, customer, shop.phone, since) == shown


def test_a_send_without_proof_ends_in_doubt_and_a_late_receipt_settles_it(
    emulator: Emulator, fleet: Fleet
) -> None:
    shop, customer = fleet.register(new_number("628120000")), new_number("628130000")
    fleet.link(shop)
    emulator.call("send_text", from_=customer, to=shop.phone, text="halo")
    chat = fleet.await_message(shop, text="halo")["conversation_id"]
    emulator.call("set", drop_acks=True, auto_receipts={customer: False, shop.phone: False})
    since = emulator.now()
    reply = fleet.reply(shop, chat, "Siap")
    emulator.wait("message", since=since, from_=shop.phone, to=customer)
    fleet.signal_shards(signal.SIGKILL)
    emulator.call("set", drop_acks=False)
    doubtful = fleet.await_message(shop, id=reply, status="in_doubt")
    assert doubtful["wa_message_id"] is not None
    assert shown_to(emulator, customer, shop.phone, since) == {"Siap": 1}
    emulator.call("read", from_=customer, to=shop.phone)
    fleet.await_message(shop, id=reply, status="read")


def test_a_frozen_shard_is_killed_and_replaced(emulator: Emulator, fleet: Fleet) -> None:
    shop, customer = fleet.register(new_number("628120000")), new_number("628130000")
    first = fleet.link(shop)
    frozen = fleet.signal_shards(signal.SIGSTOP)
    emulator.call("send_text", from_=customer, to=shop.phone, text="halo")
    fleet.await_message(shop, text="halo")
    assert not [pid for pid in frozen if psutil.pid_exists(pid)]
    row = fleet.await_served(shop)
    assert row["fence"] > first["fence"]
    assert row["reason"] is None


def test_a_stop_releases_everything_and_leaves_no_process(emulator: Emulator, fleet: Fleet) -> None:
    shop, customer = fleet.register(new_number("628120000")), new_number("628130000")
    fleet.link(shop)
    emulator.call("send_text", from_=customer, to=shop.phone, text="sebelum", count=20)
    children = fleet.children()
    assert fleet.stop() == 0
    assert not [pid for pid in children if psutil.pid_exists(pid)]
    assert fleet.rows("select owner from session_leases where owner is not null") == []
    emulator.call("send_text", from_=customer, to=shop.phone, text="sesudah")
    fleet.start()
    fleet.await_message(shop, text="sesudah")
    assert Counter(m["text"] for m in fleet.messages(shop)) == {"sebelum": 20, "sesudah": 1}


def test_children_end_with_a_killed_supervisor(fleet: Fleet) -> None:
    shop = fleet.register(new_number("628120000"))
    fleet.link(shop)
    children = fleet.children()
    assert children
    fleet.kill()
    fleet.await_that(
        lambda: [p for p in children if psutil.pid_exists(p)], lambda left: not left, "their end"
    )
    fleet.start()
    fleet.await_served(shop)


def test_replaced_by_another_client_the_session_stops_and_says_so(emulator: Emulator, fleet: Fleet) -> None:
    shop = fleet.register(new_number("628120000"))
    fleet.link(shop)
    emulator.call("stream_error", phone=shop.phone, conflict="replaced")
    row = fleet.await_state(shop, "replaced")
    assert (row["wanted"], row["jid"] is not None) == ("off", True)
    fleet.connect(shop)
    fleet.await_served(shop)


@pytest.mark.parametrize(
    ("failure", "state", "reason"),
    [
        ({"reason": 402, "code": "101", "expire": "3600"}, "banned", None),
        ({"reason": 405}, "failed", "client_outdated"),
        ({"reason": 409}, "failed", "bad_user_agent"),
        ({"reason": 401}, "logged_out", "logged_out"),
    ],
)
def test_a_refused_login_is_shown_with_its_reason(
    emulator: Emulator, fleet: Fleet, failure: dict[str, object], state: str, reason: str | None
) -> None:
    shop = fleet.register(new_number("628120000"))
    fleet.link(shop)
    emulator.call("set", failure={shop.phone: failure})
    emulator.call("drop", phone=shop.phone, abort=True)
    row = fleet.await_state(shop, state)
    assert (row["reason"], row["wanted"]) == (reason, "off")
    emulator.call("set", failure={})


def test_when_postgres_is_away_whatsapp_keeps_what_comes(
    emulator: Emulator, fleet: Fleet, admin_url: str, urls: RoleUrls
) -> None:
    shop, customer = fleet.register(new_number("628120000")), new_number("628130000")
    fleet.link(shop)
    since = emulator.now()
    with psycopg.connect(urls.owner) as owner:
        database = owner.info.dbname
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute("alter role balas_fleet nologin")
        try:
            admin.execute(CUT_OFF_FLEET, [database])
            emulator.wait("disconnected", since=since, phone=shop.phone)
            emulator.call("send_text", from_=customer, to=shop.phone, text="halo", count=3)
        finally:
            admin.execute("alter role balas_fleet login")
    fleet.await_that(lambda: len(fleet.messages(shop)), lambda n: n == 3, "three messages")
    assert {m["kind"] for m in fleet.messages(shop)} == {"text"}
