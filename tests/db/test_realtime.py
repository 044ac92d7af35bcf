"""What Postgres tells the pusher: ids of what changed, once, and nothing that a history sync brings."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import LiteralString
from uuid import UUID, uuid4

import pytest

from balas.db import users, ws_connections, ws_tickets
from balas.db.bootstrap import RoleUrls
from balas.db.database import Database
from balas.db.notifications import Listener
from balas.tenant import UserId
from tests import shops
from tests.shops import TestShop

Event = dict[str, str]

DEVICE: LiteralString = "update whatsapp_sessions set {} where tenant_id = %(tenant_id)s"
CONVERSATION = "select id from conversations where tenant_id = %(tenant_id)s"
REPLY = """
insert into messages (tenant_id, session_id, conversation_id, direction, author, status, text)
select tenant_id, session_id, id, 'out', 'ai', 'pending', 'rahasia' from conversations
where tenant_id = %(tenant_id)s
returning id
"""
INSIGHT = """
insert into customer_insights (
    tenant_id, conversation_id, read_message_ids, model,
    prompt_tokens, cached_tokens, completion_tokens, latency_ms
) select tenant_id, id, '{}', 'm', 1, 1, 1, 1 from conversations where tenant_id = %(tenant_id)s
"""
ORDER = """
insert into orders (tenant_id, conversation_id, lines, total)
select tenant_id, id, '[]', 0 from conversations where tenant_id = %(tenant_id)s
returning id
"""
FOLLOW_UP = """
insert into follow_ups (tenant_id, conversation_id, due_at, reason)
select tenant_id, id, now(), 'rahasia' from conversations where tenant_id = %(tenant_id)s
returning id
"""
SIGN_IN = """
insert into logins (tenant_id, user_id, family_id, token_hash, expires_at)
values (%(tenant_id)s, %(user_id)s, gen_random_uuid(), uuid_send(gen_random_uuid()), now() + interval '1 day')
"""
SIGN_OUT = """
update logins set revoked_at = now()
where tenant_id = %(tenant_id)s and user_id = %(user_id)s and revoked_at is null
"""


class Ear:
    """Hears what is notified from its making on."""

    def __init__(self, url: str) -> None:
        self.listener = Listener(url, ["realtime", "end"])
        self.listener.wait(0)

    def heard(self, db: Database) -> list[str]:
        """All payloads until now, in their order: the last is a mark of our own."""
        mark = uuid4().hex
        with db.routing_tx() as tx:
            tx.run("select pg_notify('end', %(mark)s)", mark=mark)
        payloads: list[str] = []
        while mark not in payloads:
            payloads += self.listener.wait(10)
        return payloads[:-1]


@pytest.fixture
def ear(urls: RoleUrls) -> Iterator[Ear]:
    ear = Ear(urls.fleet)
    yield ear
    ear.listener.close()


@pytest.fixture
def shop(app_db: Database) -> TestShop:
    return shops.make(app_db)


def events(ear: Ear, db: Database, shop: TestShop) -> list[Event]:
    """What was heard of this shop, and of no other."""
    heard = [json.loads(payload) for payload in ear.heard(db)]
    assert {event.pop("tenant_id") for event in heard} <= {str(shop.tenant_id)}
    return heard


def run(db: Database, shop: TestShop, statement: LiteralString, **params: object) -> None:
    with db.tenant_tx(shop.tenant_id) as tx:
        tx.run(statement, **params)


def made(db: Database, shop: TestShop, statement: LiteralString) -> str:
    """The id that a statement returns."""
    with db.tenant_tx(shop.tenant_id) as tx:
        return str(tx.scalar(UUID, statement))


def receive(db: Database, shop: TestShop, **message: object) -> str:
    with db.tenant_tx(shop.tenant_id) as tx:
        return str(shops.receive(tx, shop, "rahasia", **message))  # pyright: ignore[reportArgumentType] - its keywords


@pytest.mark.parametrize(
    "change",
    [
        "qr = 'rahasia'", "pair_code = 'rahasia'", "state = 'reconnecting'", "reason = 'banned'",
        "wanted = 'off'", "phone = null",
    ],
)  # fmt: skip
def test_a_change_of_the_device_is_told(
    app_db: Database, ear: Ear, shop: TestShop, change: LiteralString
) -> None:
    run(app_db, shop, DEVICE.format(change))
    assert events(ear, app_db, shop) == [{"type": "device.changed", "id": str(shop.session_id)}]


def test_a_sign_of_life_of_the_device_is_not_told(app_db: Database, ear: Ear, shop: TestShop) -> None:
    run(app_db, shop, DEVICE.format("last_seen_at = now(), updated_at = now(), state = state"))
    assert events(ear, app_db, shop) == []


def test_a_live_message_is_told_without_its_text(fleet_db: Database, ear: Ear, shop: TestShop) -> None:
    message_id = receive(fleet_db, shop)
    conversation_id = made(fleet_db, shop, CONVERSATION)
    payloads = ear.heard(fleet_db)
    assert [json.loads(p) for p in payloads] == [
        {"type": "message.created", "id": message_id, "conversation_id": conversation_id,
         "tenant_id": str(shop.tenant_id)},
        {"type": "conversation.changed", "id": conversation_id, "tenant_id": str(shop.tenant_id)},
    ]  # fmt: skip
    assert not [p for p in payloads if "rahasia" in p or "62812" in p]


def test_a_follow_up_is_told_when_it_is_planned_moved_and_cancelled(
    app_db: Database, fleet_db: Database, ear: Ear, shop: TestShop
) -> None:
    receive(fleet_db, shop)
    conversation_id = made(app_db, shop, CONVERSATION)
    ear.heard(app_db)
    follow_up_id = made(app_db, shop, FOLLOW_UP)
    run(app_db, shop, "update follow_ups set due_at = due_at + interval '1 day'")
    run(app_db, shop, "update follow_ups set created_at = now()")
    receive(fleet_db, shop, wa_message_id="WA2")
    told = [event for event in events(ear, app_db, shop) if event["type"] == "follow_up.changed"]
    event = {"type": "follow_up.changed", "id": follow_up_id, "conversation_id": conversation_id}
    assert told == [event] * 3


def test_a_history_sync_is_not_told(fleet_db: Database, ear: Ear, shop: TestShop) -> None:
    for number in range(20):
        receive(fleet_db, shop, wa_message_id=f"H{number}", is_live=False)
    assert events(ear, fleet_db, shop) == []


def test_a_message_that_is_stored_again_is_not_told_again(
    fleet_db: Database, ear: Ear, shop: TestShop
) -> None:
    receive(fleet_db, shop)
    assert events(ear, fleet_db, shop)
    receive(fleet_db, shop)
    assert events(ear, fleet_db, shop) == []


def test_what_could_not_be_read_at_first_is_told_when_it_can(
    fleet_db: Database, ear: Ear, shop: TestShop
) -> None:
    message_id = receive(fleet_db, shop, kind="unreadable")
    ear.heard(fleet_db)
    receive(fleet_db, shop)
    assert {"message.created", message_id} <= set(events(ear, fleet_db, shop)[0].values())


def test_every_tick_of_a_reply_is_told(
    app_db: Database, fleet_db: Database, ear: Ear, shop: TestShop
) -> None:
    receive(fleet_db, shop)
    conversation_id = made(app_db, shop, CONVERSATION)
    ear.heard(fleet_db)
    reply = made(app_db, shop, REPLY)
    for status in ("sent", "delivered", "read", "read"):
        update = "update messages set status = %(status)s where tenant_id = %(tenant_id)s and id = %(id)s"
        run(fleet_db, shop, update, status=status, id=reply)
    ids = {"id": reply, "conversation_id": conversation_id}
    kinds = ["message.created", "message.status", "message.status", "message.status"]
    assert events(ear, fleet_db, shop) == [{"type": kind} | ids for kind in kinds]


def test_the_work_of_publisher_and_worker_on_a_message_is_not_told(
    fleet_db: Database, ear: Ear, shop: TestShop
) -> None:
    receive(fleet_db, shop)
    ear.heard(fleet_db)
    run(
        fleet_db,
        shop,
        "update messages set queued_at = now(), answered_by = id where tenant_id = %(tenant_id)s",
    )
    assert events(ear, fleet_db, shop) == []


@pytest.mark.parametrize(
    "change", ["handling = 'human'", "status = 'done'", "tags = '{vip}'", "unread = 0", "mode = 'complaint'"]
)
def test_a_change_of_a_conversation_is_told_once(
    app_db: Database, ear: Ear, shop: TestShop, change: LiteralString
) -> None:
    receive(app_db, shop)
    conversation_id = made(app_db, shop, CONVERSATION)
    ear.heard(app_db)
    statement: LiteralString = "update conversations set {} where tenant_id = %(tenant_id)s"
    for _ in range(2):
        run(app_db, shop, statement.format(change))
    assert events(ear, app_db, shop) == [{"type": "conversation.changed", "id": conversation_id}]


def test_insights_and_orders_are_told(app_db: Database, ear: Ear, shop: TestShop) -> None:
    receive(app_db, shop)
    conversation_id = made(app_db, shop, CONVERSATION)
    ear.heard(app_db)
    run(app_db, shop, INSIGHT)
    order = made(app_db, shop, ORDER)
    run(app_db, shop, "update orders set status = 'confirmed' where tenant_id = %(tenant_id)s")
    run(app_db, shop, "update orders set updated_at = now() where tenant_id = %(tenant_id)s")
    changed = {"type": "order.changed", "id": order, "conversation_id": conversation_id}
    assert events(ear, app_db, shop) == [
        {"type": "conversation.changed", "id": conversation_id},
        changed,
        changed,
    ]


def test_what_was_rolled_back_is_not_told(app_db: Database, ear: Ear, shop: TestShop) -> None:
    with pytest.raises(ZeroDivisionError), app_db.tenant_tx(shop.tenant_id) as tx:
        tx.run(DEVICE.format("qr = 'x'"))
        raise ZeroDivisionError
    assert events(ear, app_db, shop) == []


class Watcher:
    """A user of a shop with one sign-in, one open socket and one unused ticket."""

    def __init__(self, db: Database, shop: TestShop) -> None:
        self.db, self.shop = db, shop
        self.ticket, self.connection = uuid4().bytes, uuid4().hex
        with db.tenant_tx(shop.tenant_id) as tx:
            self.user_id = users.create(tx, email=f"{uuid4().hex}@toko.example", name="P", password_hash="x")
            tx.run(SIGN_IN, user_id=self.user_id)
            assert ws_tickets.issue(tx, self.user_id, self.ticket)
            ws_connections.store(tx, self.connection, self.user_id)

    def redeem(self) -> UserId | None:
        with self.db.tenant_tx(self.shop.tenant_id) as tx:
            return ws_tickets.redeem(tx, self.ticket)


def open_sockets(fleet_db: Database, shop: TestShop) -> set[str]:
    with fleet_db.routing_tx() as tx:
        return {socket.connection_id for socket in ws_connections.list_open(tx, [shop.tenant_id])}


def test_the_end_of_a_sign_in_ends_its_users_sockets_and_tickets_and_nobody_elses(
    app_db: Database, fleet_db: Database, ear: Ear, shop: TestShop
) -> None:
    leaving, staying = Watcher(app_db, shop), Watcher(app_db, shop)
    run(app_db, shop, SIGN_OUT, user_id=leaving.user_id)
    assert open_sockets(fleet_db, shop) == {staying.connection}
    assert leaving.redeem() is None
    assert staying.redeem() == staying.user_id
    assert events(ear, app_db, shop) == [{"type": "socket.ended", "id": leaving.connection}]
    with fleet_db.routing_tx() as tx:
        assert ws_connections.list_ended(tx, 10) == [leaving.connection]
        ws_connections.forget_ended(tx, [leaving.connection, staying.connection])
        assert ws_connections.list_ended(tx, 10) == []
    assert open_sockets(fleet_db, shop) == {staying.connection}


def test_the_fleet_sees_the_sockets_of_the_shops_that_it_asks_for(
    app_db: Database, fleet_db: Database, shop: TestShop
) -> None:
    another = shops.make(app_db)
    mine, theirs = Watcher(app_db, shop), Watcher(app_db, another)
    assert open_sockets(fleet_db, shop) == {mine.connection}
    assert open_sockets(fleet_db, another) == {theirs.connection}


def test_a_ticket_that_was_used_or_is_late_or_another_shops_is_nobodys(
    app_db: Database, shop: TestShop
) -> None:
    watcher = Watcher(app_db, shop)
    with app_db.tenant_tx(shops.make(app_db).tenant_id) as tx:
        assert ws_tickets.redeem(tx, watcher.ticket) is None
    assert watcher.redeem() == watcher.user_id
    assert watcher.redeem() is None
    late = Watcher(app_db, shop)
    run(app_db, shop, "update ws_tickets set expires_at = now() where tenant_id = %(tenant_id)s")
    assert late.redeem() is None


def test_a_socket_ends_by_itself_after_two_hours(
    app_db: Database, fleet_db: Database, shop: TestShop
) -> None:
    watcher = Watcher(app_db, shop)
    age = """
        update ws_connections set connected_at = connected_at - %(age)s, expires_at = expires_at - %(age)s
        where tenant_id = %(tenant_id)s
    """
    run(app_db, shop, age, age=timedelta(minutes=119))
    assert open_sockets(fleet_db, shop) == {watcher.connection}
    run(app_db, shop, age, age=timedelta(minutes=1))
    assert open_sockets(fleet_db, shop) == set()
