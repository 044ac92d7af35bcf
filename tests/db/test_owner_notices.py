"""What writes a notice to the owner, how many leave, and what the owner's own phone is."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from balas.db import inbound, owner_notices
from balas.db.database import Database
from balas.db.inbound import Account, InboundMessage
from balas.db.owner_notices import Notice
from balas.whatsapp_session import SessionId
from tests import shops
from tests.shops import TestShop

OWNER_PHONE = "6281200000099"
HAND_OVER = (
    "select app.hand_to_human(id, %(reason)s, null, null) from conversations where tenant_id = %(tenant_id)s"
)
ORDER = """
insert into orders (tenant_id, conversation_id, lines, total)
select tenant_id, id, '[]', 0 from conversations where tenant_id = %(tenant_id)s
"""
CONFIRM = "update orders set status = 'confirmed' where tenant_id = %(tenant_id)s and status = 'draft'"
DEVICE = "update whatsapp_sessions set state = %(state)s where tenant_id = %(tenant_id)s"
ROWS = """
select kind, reason, state, outcome from owner_notices where tenant_id = %(tenant_id)s order by created_at, id
"""
PLANT = """
insert into owner_notices (tenant_id, kind, reason)
select %(tenant_id)s, 'handover', 'refund' from generate_series(1, %(count)s)
"""
AGE = "update owner_notices set created_at = now() - interval '2 hours' where tenant_id = %(tenant_id)s"
PASS_AN_HOUR = """
update owner_notices set claimed_at = claimed_at - interval '61 minutes' where tenant_id = %(tenant_id)s
"""
CHATS = "select count(*) from conversations where tenant_id = %(tenant_id)s"
AI_ENABLED = "select profile ->> 'ai_enabled' from ai_configs where tenant_id = %(tenant_id)s"


@dataclass(frozen=True)
class Row:
    kind: str
    reason: str | None
    state: str
    outcome: str | None


@dataclass(frozen=True)
class Scene:
    fleet: Database
    shop: TestShop

    def run(self, sql: str, **params: object) -> None:
        with self.fleet.tenant_tx(self.shop.tenant_id) as tx:
            tx.run(sql, **params)  # type: ignore[arg-type] - a test's own statement

    def hears(self, text: str = "halo", **fields: object) -> None:
        """What a shard stores; from the customer 77001 unless told otherwise."""
        message = {
            "lid": "77001", "phone": "6281200000001", "push_name": None, "wa_message_id": uuid4().hex,
            "author": "contact", "kind": "text", "text": text, "media": None, "sent_at": datetime.now(UTC),
            "is_live": True, **fields,
        }  # fmt: skip
        account = Account(SessionId(self.shop.session_id), "62811:1@s.whatsapp.net", self.shop.lid)
        with self.fleet.tenant_tx(self.shop.tenant_id) as tx:
            inbound.store(tx, account, [InboundMessage(**message)])  # pyright: ignore[reportArgumentType] - its fields

    def tell(self) -> str | None:
        """What a shard sends next, and marks as sent."""
        with self.fleet.tenant_tx(self.shop.tenant_id) as tx:
            notice = owner_notices.claim(tx, "https://app.example.com")
            if notice:
                owner_notices.mark_sent(tx, notice)
        assert notice is None or notice.to == OWNER_PHONE
        return notice and notice.text

    @property
    def rows(self) -> list[Row]:
        with self.fleet.tenant_tx(self.shop.tenant_id) as tx:
            return tx.all(Row, ROWS)

    def count(self, sql: str) -> object:
        with self.fleet.tenant_tx(self.shop.tenant_id) as tx:
            return tx.scalar(object, sql)  # type: ignore[arg-type] - a test's own statement


@pytest.fixture
def make(app_db: Database, fleet_db: Database) -> Callable[..., Scene]:
    def made(**profile: object) -> Scene:
        return Scene(fleet_db, shops.make(app_db, **{"owner_phone": OWNER_PHONE, **profile}))

    return made


@pytest.fixture
def scene(make: Callable[..., Scene], app_db: Database) -> Scene:
    made = make()
    made.hears()
    return made


@pytest.mark.parametrize(
    ("reason", "kind"), [("refund", "handover"), ("complaint", "complaint"), ("quota_used_up", "quota")]
)
def test_what_the_agent_hands_over_is_told(reason: str, kind: str, scene: Scene) -> None:
    scene.run(HAND_OVER, reason=reason)
    assert scene.rows == [Row(kind, reason, "pending", None)]


@pytest.mark.parametrize("reason", ["takeover", "human_reply", "owner_phone", "before_linking"])
def test_what_the_owner_took_himself_is_not_told(reason: str, scene: Scene) -> None:
    scene.run(HAND_OVER, reason=reason)
    assert scene.rows == []


def test_an_order_is_told_when_it_is_confirmed_and_once(scene: Scene, app_db: Database) -> None:
    with app_db.tenant_tx(scene.shop.tenant_id) as tx:
        tx.run(ORDER)
        assert scene.rows == []
        tx.run(CONFIRM)
        tx.run("update orders set status = 'done' where tenant_id = %(tenant_id)s")
    assert scene.rows == [Row("order", None, "pending", None)]


@pytest.mark.parametrize(
    ("state", "is_told"),
    [("logged_out", True), ("banned", True), ("replaced", True), ("failed", True), ("reconnecting", False)],
)
def test_a_dead_device_is_noted_for_the_mail(scene: Scene, state: str, *, is_told: bool) -> None:
    scene.run(DEVICE, state=state)
    assert scene.rows == ([Row("device_down", state, "pending", None)] if is_told else [])
    assert scene.tell() is None


def test_a_notice_says_why_and_quotes_no_customer(scene: Scene) -> None:
    scene.hears("nasi saya basi")
    scene.run(HAND_OVER, reason="complaint")
    assert scene.tell() == ("⚠️ Ada keluhan pelanggan.\n1 percakapan menunggu Anda.\nhttps://app.example.com")
    assert scene.tell() is None
    assert [row.state for row in scene.rows] == ["sent"]


def test_a_chat_is_told_of_once_in_ten_minutes_save_a_complaint(scene: Scene) -> None:
    scene.run(HAND_OVER, reason="refund")
    assert scene.tell()
    for reason in ("unknown_answer", "complaint"):
        scene.run("update conversations set handling = 'ai'")
        scene.run(HAND_OVER, reason=reason)
    assert (scene.tell() or "").startswith("⚠️")
    assert scene.tell() is None
    assert [(row.state, row.outcome) for row in scene.rows] == [
        ("sent", None), ("skipped", "repeated"), ("sent", None)
    ]  # fmt: skip


def test_after_twenty_in_an_hour_one_sums_up_and_then_there_is_silence(scene: Scene) -> None:
    scene.run(PLANT, count=25)
    for _ in range(20):
        assert scene.tell()
    assert (scene.tell() or "").startswith("🔔 Ada 5 pemberitahuan lagi")
    scene.run(PLANT, count=3)
    assert scene.tell() is None
    scene.run(PASS_AN_HOUR)
    assert scene.tell()


def test_what_waited_long_is_summed_up(scene: Scene) -> None:
    scene.run(PLANT, count=4)
    scene.run(AGE)
    assert (scene.tell() or "").startswith("🔔 Ada 4 pemberitahuan lagi")
    assert scene.tell() is None


@pytest.mark.parametrize(
    ("profile", "outcome"),
    [({"tells_owner": False}, "telling_is_off"), ({"owner_phone": ""}, "no_owner_phone")],
)
def test_an_owner_who_wants_no_notices_gets_none(
    profile: dict[str, object], outcome: str, make: Callable[..., Scene]
) -> None:
    scene = make(**profile)
    scene.hears()
    scene.run(HAND_OVER, reason="refund")
    assert scene.tell() is None
    assert scene.rows == [Row("handover", "refund", "skipped", outcome)]


def test_a_notice_that_did_not_leave_is_sent_again_and_one_that_may_have_is_not(scene: Scene) -> None:
    scene.run(PLANT, count=1)

    def claimed() -> Notice | None:
        with scene.fleet.tenant_tx(scene.shop.tenant_id) as tx:
            return owner_notices.claim(tx, "")

    notice = claimed()
    assert notice
    assert claimed() is None
    with scene.fleet.tenant_tx(scene.shop.tenant_id) as tx:
        owner_notices.give_back(tx, notice)
    assert claimed() == notice
    scene.run(PASS_AN_HOUR)
    assert claimed() is None
    assert [(row.state, row.outcome) for row in scene.rows] == [("failed", "no_proof")]


@pytest.mark.parametrize("author", ["contact", "owner_phone"])
def test_the_chat_with_the_owner_is_no_customers(author: str, make: Callable[..., Scene]) -> None:
    scene = make()
    scene.hears("siap", phone=OWNER_PHONE, lid="88001", author=author)
    scene.hears("lama", phone=OWNER_PHONE, lid="88001", author=author, is_live=False)
    assert scene.count(CHATS) == 0


@pytest.mark.parametrize(
    "where",
    [
        {"phone": OWNER_PHONE, "lid": "88001"},
        {"phone": OWNER_PHONE, "lid": None, "author": "owner_phone"},
        {"author": "owner_phone"},
    ],
)
def test_the_owner_turns_the_agent_off_and_on_by_a_message(where: dict[str, object], scene: Scene) -> None:
    scene.hears("AI mati sekarang", **where)
    assert scene.count(AI_ENABLED) == "false"
    assert (scene.tell() or "").startswith("AI dimatikan")
    scene.hears("AI nyala", **where)
    assert scene.count(AI_ENABLED) == "true"
    assert (scene.tell() or "").startswith("AI menyala")


def test_turning_off_voids_what_the_agent_thinks_of(scene: Scene) -> None:
    before = scene.count("select interruptions from conversations")
    scene.hears("AI mati sekarang", phone=OWNER_PHONE, lid="88001")
    assert scene.count("select interruptions from conversations") == int(str(before)) + 1


def test_a_customer_cannot_turn_the_agent_off(scene: Scene) -> None:
    scene.hears("AI mati sekarang")
    assert scene.count(AI_ENABLED) is None
    assert scene.rows == []


def test_history_turns_nothing_off(scene: Scene) -> None:
    scene.hears("AI mati sekarang", author="owner_phone", is_live=False)
    assert scene.count(AI_ENABLED) is None
