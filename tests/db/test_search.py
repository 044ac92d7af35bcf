"""What an owner finds: every customer and chat of the shop that fits, and none of another's."""

from uuid import UUID

import psycopg
import pytest

from balas.db.database import Database
from tests import shops
from tests.shops import TestShop

CHATS = "select app.search_conversations(%(q)s, %(phone)s)"
CONTACTS = "select app.search_contacts(%(q)s, %(phone)s)"
CHAT_OF = """
select c.id from conversations as c join contacts as k on k.tenant_id = c.tenant_id and k.id = c.contact_id
where c.tenant_id = %(tenant_id)s and k.lid = %(lid)s
"""


@pytest.fixture
def shop(app_db: Database) -> TestShop:
    """Two customers; the second has a name that a pattern would misread."""
    shop = shops.make(app_db)
    with app_db.tenant_tx(shop.tenant_id) as tx:
        shops.receive(tx, shop, "Nasi gorengnya ada?", lid="1", wa_message_id="A", push_name="Pembeli Satu")
        shops.receive(
            tx, shop, "diskon 50%?", lid="2", wa_message_id="B", push_name="a_b\\", phone="6281200000002"
        )
    return shop


def found(db: Database, shop: TestShop, sql: str, q: str, phone: str | None = None) -> list[UUID]:
    with db.tenant_tx(shop.tenant_id) as tx:
        return tx.scalars(UUID, sql, q=q, phone=phone)  # pyright: ignore[reportArgumentType] - one of the two above


@pytest.mark.parametrize(
    ("q", "phone", "lids"),
    [
        ("NASI GORENG", None, ["1"]),
        ("gorengnya", None, ["1"]),
        ("pembeli", None, ["1"]),
        ("be", None, ["1"]),
        ("50%", None, ["2"]),
        ("%", None, []),
        ("a_b\\", None, ["2"]),
        ("a%b", None, []),
        ("_____", None, []),
        ("tidak ada", None, []),
        ("-", "81200000002", ["2"]),
        ("-", "0000", ["1", "2"]),
        ("ko", None, []),
    ],
)
def test_a_chat_is_found_by_name_number_or_word(
    app_db: Database, shop: TestShop, q: str, phone: str | None, lids: list[str]
) -> None:
    with app_db.tenant_tx(shop.tenant_id) as tx:
        wanted = [tx.scalar(UUID, CHAT_OF, lid=lid) for lid in lids]
    assert set(found(app_db, shop, CHATS, q, phone)) == set(wanted)


def test_another_shops_search_finds_nothing_of_ours(app_db: Database, shop: TestShop) -> None:
    stranger = shops.make(app_db)
    for sql in (CHATS, CONTACTS):
        assert found(app_db, shop, sql, "pembeli", "628")
        assert found(app_db, stranger, sql, "pembeli", "628") == []
        assert found(app_db, stranger, sql, "", "628") == []


def test_without_a_tenant_a_search_finds_nothing(app_db: Database, shop: TestShop) -> None:
    assert found(app_db, shop, CONTACTS, "")
    with app_db.routing_tx() as tx:
        assert (
            tx.scalars(UUID, CHATS, q="", phone="628") == tx.scalars(UUID, CONTACTS, q="", phone="628") == []
        )


@pytest.mark.parametrize("sql", [CHATS, CONTACTS])
def test_the_fleet_may_not_search(fleet_db: Database, shop: TestShop, sql: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        found(fleet_db, shop, sql, "pembeli")
