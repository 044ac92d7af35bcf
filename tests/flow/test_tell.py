"""What the sweep tells owners: of a dead device by mail, once; of yesterday, on the shop's clock."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from balas.db.database import Database
from balas.errors import Unavailable
from balas.mail_texts import Letter
from functions.followup import tell
from tests import shops
from tests.shops import TestShop

ORIGIN = "https://app.example.com"
OWNER_PHONE = "6281200000099"
ADD_USER = """
insert into users (tenant_id, email, name, password_hash)
values (%(tenant_id)s, %(email)s, 'Pemilik', 'x')
"""
DIE = "update whatsapp_sessions set state = 'logged_out' where tenant_id = %(tenant_id)s"
ROWS = """
select kind, state, outcome, counts, digest_on from owner_notices where tenant_id = %(tenant_id)s
"""
MORNING = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # 8.00 in Jakarta
YESTERDAY = MORNING - timedelta(days=1)


@dataclass(frozen=True)
class Row:
    kind: str
    state: str
    outcome: str | None
    counts: dict[str, int] | None
    digest_on: date | None


def rows(db: Database, shop: TestShop) -> list[Row]:
    with db.tenant_tx(shop.tenant_id) as tx:
        return tx.all(Row, ROWS)


def open_shop(db: Database, **profile: Any) -> TestShop:
    shop = shops.make(db, **{"owner_phone": OWNER_PHONE, **profile})
    with db.tenant_tx(shop.tenant_id) as tx:
        tx.run(ADD_USER, email=f"{shop.lid}@toko.example")
    return shop


def die(db: Database, shop: TestShop) -> None:
    with db.tenant_tx(shop.tenant_id) as tx:
        tx.run(DIE)


class Box:
    """Takes letters, unless it is closed."""

    def __init__(self) -> None:
        self.letters: list[tuple[str, Letter]] = []
        self.is_closed = False

    def post(self, address: str, letter: Letter) -> None:
        if self.is_closed:
            raise Unavailable("closed")
        self.letters.append((address, letter))

    def sweep(self, db: Database, now: datetime) -> int:
        return tell.mail_of_dead_devices(db, self.post, ORIGIN, now)


def test_the_owner_of_a_dead_device_gets_one_mail(app_db: Database) -> None:
    shop, other, box = open_shop(app_db), open_shop(app_db), Box()
    die(app_db, shop)
    now = datetime.now(UTC)
    assert (box.sweep(app_db, now), box.sweep(app_db, now)) == (1, 0)
    ((address, letter),) = box.letters
    assert address == f"{shop.lid}@toko.example"
    assert "Perangkat ini dikeluarkan dari HP" in letter.text
    assert ORIGIN in letter.text
    assert [row.state for row in rows(app_db, shop)] == ["sent"]
    assert rows(app_db, other) == []


def test_a_mail_that_was_not_taken_is_tried_again(app_db: Database) -> None:
    shop, box, now = open_shop(app_db), Box(), datetime.now(UTC)
    die(app_db, shop)
    box.is_closed = True
    with pytest.raises(Unavailable):
        box.sweep(app_db, now)
    box.is_closed = False
    assert box.sweep(app_db, now + timedelta(minutes=5)) == 0
    assert box.sweep(app_db, now + timedelta(minutes=11)) == 1


def test_an_owner_who_wants_to_be_told_nothing_gets_no_mail(app_db: Database) -> None:
    shop, box = open_shop(app_db, tells_owner=False), Box()
    die(app_db, shop)
    assert box.sweep(app_db, datetime.now(UTC)) == 0
    assert [(row.state, row.outcome) for row in rows(app_db, shop)] == [("skipped", "telling_is_off")]


@pytest.mark.parametrize(
    ("timezone", "now", "is_time"),
    [
        ("Asia/Jakarta", MORNING, True),
        ("Asia/Jakarta", MORNING - timedelta(seconds=1), False),
        ("Asia/Jakarta", MORNING + timedelta(hours=3, minutes=59), True),
        ("Asia/Jakarta", MORNING + timedelta(hours=4), False),
        ("Asia/Jayapura", MORNING - timedelta(hours=2), True),
        ("Asia/Jayapura", MORNING + timedelta(hours=2), False),
    ],
)
def test_the_digest_comes_in_the_shops_own_morning(
    app_db: Database, timezone: str, now: datetime, *, is_time: bool
) -> None:
    shop = open_shop(app_db, timezone=timezone)
    tell.plan_digests(app_db, now)
    assert [row.kind for row in rows(app_db, shop)] == (["digest"] if is_time else [])


def test_a_digest_counts_yesterday_and_is_planned_once(app_db: Database, fleet_db: Database) -> None:
    shop = open_shop(app_db)
    with fleet_db.tenant_tx(shop.tenant_id) as tx:
        for n, sent_at in enumerate([YESTERDAY, YESTERDAY, MORNING, YESTERDAY - timedelta(hours=9)]):
            shops.receive(tx, shop, lid=f"7700{n}", wa_message_id=str(n), phone=None, sent_at=sent_at)
    assert tell.plan_digests(app_db, MORNING) == 1
    assert tell.plan_digests(app_db, MORNING + timedelta(minutes=5)) == 0
    counts = {"chats": 2, "answers": 0, "orders": 0, "handovers": 0}
    assert rows(app_db, shop) == [Row("digest", "pending", None, counts, date(2026, 11, 22))]


def test_a_day_without_a_customer_is_not_told_of(app_db: Database) -> None:
    shop = open_shop(app_db)
    tell.plan_digests(app_db, MORNING)
    assert [(row.state, row.outcome) for row in rows(app_db, shop)] == [("skipped", "nothing_happened")]


@pytest.mark.parametrize("profile", [{"tells_owner": False}, {"owner_phone": ""}])
def test_who_wants_no_notices_gets_no_digest(app_db: Database, profile: dict[str, object]) -> None:
    shop = open_shop(app_db, **profile)
    assert tell.plan_digests(app_db, MORNING) == 0
    assert rows(app_db, shop) == []
