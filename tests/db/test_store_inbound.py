"""The one call of a shard, and what it moves besides the message."""

from uuid import UUID

import pytest

from balas.conversation import ConversationId, MessageId
from balas.db import outbox
from balas.db.database import Database, Tx
from tests import shops
from tests.shops import TestShop

CHAT = "select id from conversations where tenant_id = %(tenant_id)s"


@pytest.fixture
def shop(app_db: Database) -> TestShop:
    return shops.make(app_db)


def handling(tx: Tx) -> tuple[str | None, str | None, int | None]:
    return (
        tx.scalar(str, "select handling from conversations where tenant_id = %(tenant_id)s"),
        tx.scalar(str, "select handover_reason from conversations where tenant_id = %(tenant_id)s"),
        tx.scalar(int, "select interruptions from conversations where tenant_id = %(tenant_id)s"),
    )


def test_a_message_is_stored_once_and_counted_once(fleet_db: Database, shop: TestShop) -> None:
    with fleet_db.tenant_tx(shop.tenant_id) as tx:
        first = shops.receive(tx, shop, text="halo")
        again = shops.receive(tx, shop, text="halo", wa_message_id="WA1")
        assert first is not None
        assert again is None
        assert tx.scalar(int, "select unread from conversations where tenant_id = %(tenant_id)s") == 1
    with fleet_db.routing_tx() as tx:
        assert tx.scalars(UUID, "select message_id from app.unqueued_messages(10)") == [first]


@pytest.mark.parametrize("kind", ["reaction", "gap", "unreadable", "other"])
def test_what_cannot_be_answered_is_stored_but_never_queued(
    kind: str, fleet_db: Database, shop: TestShop
) -> None:
    with fleet_db.tenant_tx(shop.tenant_id) as tx:
        assert shops.receive(tx, shop, kind=kind) is not None
    with fleet_db.routing_tx() as tx:
        assert tx.scalars(UUID, "select message_id from app.unqueued_messages(10)") == []


def test_history_is_neither_queued_nor_unread(fleet_db: Database, shop: TestShop) -> None:
    with fleet_db.tenant_tx(shop.tenant_id) as tx:
        shops.receive(tx, shop, is_live=False)
        assert tx.scalar(int, "select unread from conversations where tenant_id = %(tenant_id)s") == 0
    with fleet_db.routing_tx() as tx:
        assert tx.scalars(UUID, "select message_id from app.unqueued_messages(10)") == []


def test_the_owner_typing_on_the_phone_takes_the_chat_and_voids_what_the_agent_had_to_say(
    app_db: Database, fleet_db: Database, shop: TestShop
) -> None:
    with fleet_db.tenant_tx(shop.tenant_id) as tx:
        question = shops.receive(tx, shop)
        chat = tx.scalar(UUID, CHAT)
    assert chat is not None
    reply = MessageId(UUID(int=1))
    with app_db.tenant_tx(shop.tenant_id) as tx:
        assert outbox.enqueue(tx, reply, ConversationId(chat), "Halo kak", author="ai")
    with fleet_db.tenant_tx(shop.tenant_id) as tx:
        typed = shops.receive(tx, shop, author="owner_phone", wa_message_id="WA2")
        assert handling(tx) == ("human", "owner_phone", 1)
        assert (
            tx.scalar(
                str, "select status from messages where tenant_id = %(tenant_id)s and id = %(id)s", id=reply
            )
            == "cancelled"
        )
        assert (
            tx.scalar(
                UUID,
                "select answered_by from messages where tenant_id = %(tenant_id)s and id = %(id)s",
                id=question,
            )
            == typed
        )
        assert (
            tx.scalars(
                UUID, "select message_id from outbox where tenant_id = %(tenant_id)s and done_at is null"
            )
            == []
        )


@pytest.mark.parametrize("author", ["contact", "owner_phone"])
def test_a_chat_with_a_history_starts_in_human_hands(author: str, fleet_db: Database, shop: TestShop) -> None:
    with fleet_db.tenant_tx(shop.tenant_id) as tx:
        shops.receive(tx, shop, author=author, is_live=False)
        assert handling(tx) == ("human", "before_linking", 1)
        shops.receive(tx, shop, author=author, is_live=False, wa_message_id="WA2")
        assert handling(tx) == ("human", "before_linking", 1), "once"


def test_a_history_leaves_a_chat_alone_in_which_the_shop_spoke_live(
    fleet_db: Database, shop: TestShop
) -> None:
    with fleet_db.tenant_tx(shop.tenant_id) as tx:
        shops.receive(tx, shop, author="owner_phone")
        tx.run("update conversations set handling = 'ai', handover_reason = null, interruptions = 0")
        shops.receive(tx, shop, is_live=False, wa_message_id="WA2")
        assert handling(tx) == ("ai", None, 0)


def test_a_later_event_without_a_number_does_not_forget_it(fleet_db: Database, shop: TestShop) -> None:
    with fleet_db.tenant_tx(shop.tenant_id) as tx:
        shops.receive(tx, shop, phone="6281200000001")
        shops.receive(tx, shop, phone=None, wa_message_id="WA2")
        assert tx.scalar(str, "select phone from contacts where tenant_id = %(tenant_id)s") == "6281200000001"


def test_a_repeated_human_reply_is_stored_once(app_db: Database, fleet_db: Database, shop: TestShop) -> None:
    with fleet_db.tenant_tx(shop.tenant_id) as tx:
        shops.receive(tx, shop)
        chat = tx.scalar(UUID, CHAT)
    assert chat is not None
    with app_db.tenant_tx(shop.tenant_id) as tx:
        reply = MessageId(UUID(int=2))
        assert outbox.enqueue(tx, reply, ConversationId(chat), "Siap kak", author="human") is True
        assert outbox.enqueue(tx, reply, ConversationId(chat), "Siap kak", author="human") is False
