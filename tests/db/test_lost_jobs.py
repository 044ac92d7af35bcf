"""A job that got lost is queued again, for as long as its message may still be answered."""

from uuid import UUID

import pytest

from balas.db import jobs
from balas.db.database import Database
from tests import shops
from tests.shops import TestShop

LOST = """
update messages set queued_at = now() - interval '3 minutes', stored_at = now() - interval '4 minutes'
where tenant_id = %(tenant_id)s
"""


@pytest.fixture
def shop(app_db: Database) -> TestShop:
    return shops.make(app_db)


def unqueued(db: Database) -> list[UUID]:
    with db.routing_tx() as tx:
        return [m.message_id for m in jobs.list_unqueued(tx, 10)]


def test_a_queued_message_is_listed_once(fleet_db: Database, shop: TestShop) -> None:
    with fleet_db.tenant_tx(shop.tenant_id) as tx:
        stored = shops.receive(tx, shop)
    assert unqueued(fleet_db) == [stored]
    with fleet_db.routing_tx() as tx:
        jobs.mark_queued(fleet_db, jobs.list_unqueued(tx, 10))
    assert unqueued(fleet_db) == []


@pytest.mark.parametrize(
    ("since", "is_lost"),
    [
        ("update conversations set unread = 1 where tenant_id = %(tenant_id)s", True),
        ("update messages set answered_by = id where tenant_id = %(tenant_id)s", False),
        ("update conversations set handling = 'human' where tenant_id = %(tenant_id)s", False),
        (
            "update messages set stored_at = now() - interval '11 minutes' where tenant_id = %(tenant_id)s",
            False,
        ),
        (
            "update messages set queued_at = now() - interval '1 minute' where tenant_id = %(tenant_id)s",
            False,
        ),
    ],
)
def test_only_a_message_that_still_waits_for_the_agent_is_lost(
    app_db: Database,
    fleet_db: Database,
    shop: TestShop,
    since: str,
    is_lost: bool,  # noqa: FBT001
) -> None:
    with fleet_db.tenant_tx(shop.tenant_id) as tx:
        shops.receive(tx, shop)
    with app_db.tenant_tx(shop.tenant_id) as tx:
        tx.run(LOST)
        tx.run(since)  # pyright: ignore[reportArgumentType] - a constant from the table above
    assert bool(unqueued(fleet_db)) is is_lost


def test_what_could_not_be_read_becomes_the_message_when_it_comes_again(
    fleet_db: Database, shop: TestShop
) -> None:
    with fleet_db.tenant_tx(shop.tenant_id) as tx:
        placeholder = shops.receive(tx, shop, kind="unreadable", text="")
        real = shops.receive(tx, shop, text="halo")
        again = shops.receive(tx, shop, kind="unreadable", text="")
        unread = tx.scalar(int, "select unread from conversations where tenant_id = %(tenant_id)s")
    assert (real, again, unread) == (placeholder, None, 1)
    assert unqueued(fleet_db) == [real]
