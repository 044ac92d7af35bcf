"""The way of one follow-up: a pending row in, a real model wire in between, an outbox row or a reason out."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from balas import llm
from balas.agent.answer import FollowUpWish
from balas.agent.chat import ChatMessage, Completion
from balas.agent.follow_up import HOW_TO_STOP
from balas.aws.schedules import Wake
from balas.conversation import ConversationId
from balas.db import contacts, conversations, follow_ups
from balas.db.database import Database
from balas.followup import FollowUpId
from functions.followup.decide import Again, Decided, decide
from tests import model_server, shops
from tests.model_server import ModelServer
from tests.shops import TestShop

ADD_PRODUCT = """
insert into products (tenant_id, sku, name, price) values (%(tenant_id)s, 'NASGOR', 'Nasi Goreng', 18000)
"""
CHAT = "select id from conversations where tenant_id = %(tenant_id)s"
ANSWERED = """
with reply as (
    insert into messages (tenant_id, session_id, conversation_id, direction, author, text, status)
    select tenant_id, session_id, id, 'out', 'ai', 'Nasi Goreng Rp18.000 kak', 'sent' from conversations
    where tenant_id = %(tenant_id)s
    returning id
)
update messages set answered_by = reply.id from reply where tenant_id = %(tenant_id)s and awaits_reply
"""
SENT = """
select m.text, m.status, m.reason, o.message_id is not null and o.done_at is null as is_open
from follow_ups as f
join messages as m on m.tenant_id = f.tenant_id and m.id = f.message_id
left join outbox as o on o.tenant_id = m.tenant_id and o.message_id = m.id
where f.tenant_id = %(tenant_id)s
"""
ROW = "select state, outcome, due_at from follow_ups where tenant_id = %(tenant_id)s and id = %(id)s"
DAY = timedelta(days=1)
WISH = FollowUpWish(24, "tanya harga nasgor")
NIGHT = datetime.now(UTC).replace(hour=16, minute=0, second=0, microsecond=0) + 2 * DAY  # 23.00 in Jakarta
MORNING = NIGHT.replace(hour=1) + DAY  # 8.00
PLAIN = "Halo kak 😊 Dari Warung Uji"


@dataclass(frozen=True)
class Sent:
    text: str
    status: str
    reason: str | None
    is_open: bool


@dataclass(frozen=True)
class Row:
    state: str
    outcome: str | None
    due_at: datetime


@dataclass
class Scene:
    """A shop, a customer who asked and was answered, and a follow-up that is planned for tomorrow noon."""

    app: Database
    fleet: Database
    shop: TestShop
    model: ModelServer
    chat: ConversationId
    wake: Wake
    noon: datetime

    def decide(self, now: datetime | None = None, meanwhile: Callable[[], object] | None = None) -> Decided:
        """Runs the flow at `now` (noon); `meanwhile` happens while the model thinks."""

        def ask(messages: Sequence[ChatMessage]) -> Completion:
            completion = llm.complete(messages, llm.ModelSettings(self.model.url, "test", "key"), 10)
            if meanwhile is not None:
                meanwhile()
            return completion

        return decide(self.wake, self.app, ask, now or self.noon)

    def run(self, sql: str) -> None:
        with self.app.tenant_tx(self.shop.tenant_id) as tx:
            tx.run(sql)  # type: ignore[arg-type] - a test's own statement

    def customer_says(self, text: str) -> None:
        with self.fleet.tenant_tx(self.shop.tenant_id) as tx:
            assert shops.receive(tx, self.shop, text, wa_message_id=text)

    @property
    def sent(self) -> list[Sent]:
        with self.app.tenant_tx(self.shop.tenant_id) as tx:
            return tx.all(Sent, SENT)

    @property
    def row(self) -> Row:
        with self.app.tenant_tx(self.shop.tenant_id) as tx:
            row = tx.first(Row, ROW, id=self.wake.follow_up_id)
        assert row
        return row


@pytest.fixture
def model() -> Iterator[ModelServer]:
    with model_server.start() as server:
        server.says(reply="Halo kak, jadi mau coba Nasi Goreng kami?")
        yield server


@pytest.fixture
def scene(app_db: Database, fleet_db: Database, model: ModelServer) -> Scene:
    shop = shops.make(app_db)
    with fleet_db.tenant_tx(shop.tenant_id) as tx:
        shops.receive(tx, shop, "nasgor brp?")
        chat = tx.scalar(UUID, CHAT)
    assert chat
    now = datetime.now(UTC)
    noon = (now + DAY).replace(hour=5, minute=0, second=0, microsecond=0)
    with app_db.tenant_tx(shop.tenant_id) as tx:
        tx.run(ADD_PRODUCT)
        tx.run(ANSWERED)
        follow_ups.note_wish(tx, ConversationId(chat), WISH, noon - DAY)
        planned = follow_ups.pending(tx, ConversationId(chat))
    assert planned
    wake = Wake(shop.tenant_id, planned.id)
    return Scene(app_db, fleet_db, shop, model, ConversationId(chat), wake, noon)


def test_a_quiet_customer_gets_one_message_that_says_how_to_stop(scene: Scene) -> None:
    assert scene.decide() == Decided("sent")
    text = f"Halo kak, jadi mau coba Nasi Goreng kami?\n\n{HOW_TO_STOP}"
    assert scene.sent == [Sent(text, "pending", None, is_open=True)]
    assert (scene.row.state, scene.row.outcome) == ("sent", None)


def test_fired_twice_it_is_sent_once(scene: Scene) -> None:
    assert scene.decide() == Decided("sent")
    assert scene.decide() == Decided("nothing_to_decide")
    assert len(scene.sent) == len(scene.model.requests) == 1


def test_fired_twice_at_once_it_is_sent_once(scene: Scene) -> None:
    others = [Decided("sent")]

    def fires_again() -> None:
        if scene.row.state == "pending" and others:
            assert scene.decide() == others.pop()

    assert scene.decide(meanwhile=fires_again) == Decided("nothing_to_decide")
    assert len(scene.sent) == 1


def test_the_model_is_told_the_chat_and_the_agents_own_note(scene: Scene) -> None:
    scene.decide()
    (request,) = scene.model.requests
    assert "tanya harga nasgor" in str(request["messages"])
    assert "nasgor brp?" in str(request["messages"])


def test_its_cost_is_stored(scene: Scene) -> None:
    scene.decide()
    with scene.app.tenant_tx(scene.shop.tenant_id) as tx:
        costs = "select prompt_tokens from customer_insights where tenant_id = %(tenant_id)s"
        assert tx.scalars(int, costs) == [100]


def test_at_night_it_waits_for_the_morning(scene: Scene) -> None:
    decided = scene.decide(NIGHT)
    assert decided.code == "quiet_hours"
    assert decided.again
    assert MORNING <= decided.again.at < MORNING + timedelta(hours=1)
    assert (scene.row.state, scene.row.outcome, scene.row.due_at) == (
        "pending",
        "quiet_hours",
        decided.again.at,
    )
    assert scene.model.requests == []
    assert scene.decide(decided.again.at) == Decided("sent")


def test_too_early_it_is_woken_again_at_its_time(scene: Scene) -> None:
    early = scene.noon - timedelta(hours=2)
    assert scene.decide(early) == Decided("not_due", Again(scene.chat, scene.noon))
    assert (scene.row.state, scene.row.outcome) == ("pending", None)


def test_a_customer_who_writes_cancels_it(scene: Scene) -> None:
    scene.customer_says("oke pesan 1")
    assert (scene.row.state, scene.row.outcome) == ("cancelled", "customer_wrote")
    assert scene.decide() == Decided("nothing_to_decide")


def test_a_customer_who_writes_while_the_model_thinks_is_not_reminded(scene: Scene) -> None:
    assert scene.decide(meanwhile=lambda: scene.customer_says("oke")) == Decided("nothing_to_decide")
    assert scene.sent == []


def test_a_customer_who_writes_before_it_leaves_is_not_reminded(scene: Scene) -> None:
    scene.decide()
    scene.customer_says("oke")
    assert [(row.status, row.reason, row.is_open) for row in scene.sent] == [
        ("cancelled", "customer_wrote", False)
    ]


def test_a_human_who_takes_the_chat_cancels_it(scene: Scene) -> None:
    with scene.app.tenant_tx(scene.shop.tenant_id) as tx:
        conversations.take_over(tx, scene.chat)
    assert (scene.row.state, scene.row.outcome) == ("cancelled", "human_handling")


@pytest.mark.parametrize(
    ("change", "outcome"),
    [(contacts.Change(opted_out=True), "opted_out"), (contacts.Change(ai_off=True), "contact_ai_off")],
)
def test_a_customer_who_wants_to_be_left_alone_cancels_it(
    change: contacts.Change, outcome: str, scene: Scene
) -> None:
    with scene.app.tenant_tx(scene.shop.tenant_id) as tx:
        (contact,) = contacts.newest(tx, None, None)
        contacts.change(tx, contact.id, change)
    assert (scene.row.state, scene.row.outcome) == ("cancelled", outcome)
    assert scene.decide() == Decided("nothing_to_decide")


PROFILE = "update ai_configs set profile = profile || '{}'"
ORDER = (
    "insert into orders (tenant_id, conversation_id, lines, total, status) select tenant_id, id, '[]', 0, "
)
SKIPPED = {
    "follow_ups_off": PROFILE.format('{"follow_ups": false}'),
    "ai_off": PROFILE.format('{"ai_enabled": false}'),
    "not_in_audience": PROFILE.format('{"audience": "test_list"}'),
    "quota_used_up": PROFILE.format('{"monthly_answers": 0}'),
    "order_settled": ORDER + "'confirmed' from conversations",
    "too_old": "update messages set sent_at = sent_at - interval '7 days'",
    "account_limited": """
        update messages set status = 'failed', reason = 'reach_out_limit' where direction = 'out'
    """,
    "device_offline": "update whatsapp_sessions set state = 'logged_out'",
    "already_followed_up": """
        insert into follow_ups (tenant_id, conversation_id, due_at, reason, state, decided_at)
        select tenant_id, id, now(), 'x', 'sent', now() from conversations
    """,
}


@pytest.mark.parametrize(("reason", "cause"), SKIPPED.items())
def test_what_speaks_against_it_is_stated_and_the_model_is_not_asked(
    reason: str, cause: str, scene: Scene
) -> None:
    scene.run(cause)
    assert scene.decide() == Decided(reason)
    assert (scene.row.state, scene.row.outcome) == ("skipped", reason)
    assert scene.model.requests == []
    assert scene.sent == []


def test_an_order_that_is_only_a_draft_does_not_speak_against_it(scene: Scene) -> None:
    scene.run(ORDER + "'draft' from conversations")
    assert scene.decide() == Decided("sent")


def test_a_device_that_dials_is_waited_for(scene: Scene) -> None:
    scene.run("update whatsapp_sessions set state = 'reconnecting'")
    decided = scene.decide()
    assert decided.code == "device_reconnecting"
    scene.run("update whatsapp_sessions set state = 'connected'")
    assert decided.again
    assert scene.decide(decided.again.at) == Decided("sent")


def test_a_shop_that_sends_itself_gets_a_draft(scene: Scene) -> None:
    scene.run(PROFILE.format('{"draft_only": true}'))
    assert scene.decide() == Decided("sent")
    assert [(row.status, row.is_open) for row in scene.sent] == [("draft", False)]
    assert scene.row.outcome == "drafted"


@pytest.mark.parametrize(
    "answer",
    [
        {"reply": "Nasi Goreng cuma Rp8.000 kak"},
        {"reply": "Diskon 50% hari ini!"},
        {"reply": ""},
        {"reply": "x" * 600},
        {"reply": "Nasi Goreng Rp18.000 kak"},
        {"reply": "Kami teruskan ke admin ya", "handover": True, "handover_reason": "unknown_answer"},
    ],
)
def test_words_that_may_not_leave_become_a_plain_sentence(answer: dict[str, object], scene: Scene) -> None:
    scene.model.says(**answer)
    assert scene.decide() == Decided("sent")
    (sent,) = scene.sent
    assert sent.text.startswith(PLAIN)
    assert sent.text.endswith(HOW_TO_STOP)


def test_a_model_in_trouble_is_replaced_by_a_plain_sentence(scene: Scene) -> None:
    scene.model.fails(500)
    assert scene.decide() == Decided("sent")
    assert scene.sent[0].text.startswith(PLAIN)


def test_a_follow_up_of_another_shop_is_nobodys(scene: Scene) -> None:
    stranger = shops.make(scene.app)
    wake = Wake(stranger.tenant_id, FollowUpId(scene.wake.follow_up_id))
    assert decide(wake, scene.app, lambda _: pytest.fail("asked"), scene.noon) == Decided("nothing_to_decide")
    assert scene.row.state == "pending"
