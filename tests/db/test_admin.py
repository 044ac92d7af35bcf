"""The operator's command line, run as the owner role over a real database."""

from uuid import UUID, uuid4

import pytest

from balas import admin
from balas.conversation import ConversationId, MessageId
from balas.db import outbox, turns
from balas.db.bootstrap import RoleUrls
from balas.db.database import Database
from balas.errors import Forbidden
from tests import shops
from tests.shops import TestShop


@pytest.fixture
def shop(app_db: Database) -> TestShop:
    return shops.make(app_db)


@pytest.fixture(autouse=True)
def operator(urls: RoleUrls, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", urls.owner)
    monkeypatch.setenv("INBOUND_QUEUE_URL", "http://127.0.0.1/queue")
    monkeypatch.setenv("DEAD_LETTER_QUEUE_URL", "http://127.0.0.1/dead")


def ask(fleet: Database, shop: TestShop) -> ConversationId:
    with fleet.tenant_tx(shop.tenant_id) as tx:
        shops.receive(tx, shop)
        chat = tx.scalar(UUID, "select id from conversations where tenant_id = %(tenant_id)s")
    assert chat is not None
    return ConversationId(chat)


def test_shops_are_listed_with_their_state(shop: TestShop, capsys: pytest.CaptureFixture[str]) -> None:
    assert admin.main(["tenants"]) == 0
    line = capsys.readouterr().out
    assert str(shop.tenant_id) in line
    assert "connected" in line
    assert admin.main(["tenants", "--suspended"]) == 0
    assert str(shop.tenant_id) not in capsys.readouterr().out


def test_a_suspended_shop_is_silent_until_it_is_resumed(
    shop: TestShop, app_db: Database, fleet_db: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    chat = ask(fleet_db, shop)
    unsent = MessageId(uuid4())
    with app_db.tenant_tx(shop.tenant_id) as tx:
        outbox.enqueue(tx, unsent, chat, "Halo kak", author="ai")
    assert admin.main(["suspend", str(shop.tenant_id)]) == 0
    with app_db.tenant_tx(shop.tenant_id) as tx:
        status = "select status from messages where tenant_id = %(tenant_id)s and id = %(id)s"
        assert tx.scalar(str, status, id=unsent) == "cancelled"
        assert turns.read(tx, chat) is None
    with pytest.raises(Forbidden), app_db.tenant_tx(shop.tenant_id) as tx:
        outbox.enqueue(tx, MessageId(uuid4()), chat, "Halo kak", author="human")
    assert admin.main(["resume", str(shop.tenant_id)]) == 0
    with app_db.tenant_tx(shop.tenant_id) as tx:
        assert turns.read(tx, chat) is not None
    capsys.readouterr()


def test_the_reason_why_a_device_is_down_is_told(
    shop: TestShop, app_db: Database, fleet_db: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    ask(fleet_db, shop)
    assert admin.main(["device", str(shop.tenant_id)]) == 0
    told = capsys.readouterr().out
    assert "no shard holds it" in told
    assert "1 to answer" in told
    with app_db.tenant_tx(shop.tenant_id) as tx:
        tx.run(
            "update whatsapp_sessions set wanted = 'off', state = 'banned' where tenant_id = %(tenant_id)s"
        )
    admin.main(["device", str(shop.tenant_id)])
    assert "must connect it again" in capsys.readouterr().out


def test_an_unknown_shop_is_told_in_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert admin.main(["suspend", str(uuid4())]) == 1
    assert "no such shop" in capsys.readouterr().err


def test_a_missing_setting_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("DATABASE_URL")
    monkeypatch.delenv("BALAS_STAGE", raising=False)
    assert admin.main(["tenants"]) == 1
    assert "DATABASE_URL" in capsys.readouterr().err


def test_migrate_says_when_there_is_nothing_to_apply(capsys: pytest.CaptureFixture[str]) -> None:
    assert admin.main(["migrate"]) == 0
    assert "nothing to apply" in capsys.readouterr().out
