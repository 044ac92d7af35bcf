"""Whom the agent answers, when, and how often."""

from datetime import UTC, datetime, timedelta

import pytest

from balas.agent.answer import HOLD_ON
from tests import shops
from tests.flow.scene import ReplyRow, Scene

NOW = datetime.now(UTC)
TODAY = (NOW + timedelta(hours=7)).date().isoformat()
NEVER_OPEN: dict[str, object] = {"hours": {"mon": [["08:00", "21:00"]]}, "holidays": [TODAY]}
RESUMES_IN = """
select coalesce((extract(epoch from resumes_at - now()) / 60)::int, 0)
from conversations where tenant_id = %(tenant_id)s
"""
OPTED_OUT = "select opted_out_at is not null from contacts where tenant_id = %(tenant_id)s"
COSTS = "select cost_millirupiah from customer_insights where tenant_id = %(tenant_id)s order by created_at"
AGE = "update customer_insights set created_at = created_at - interval '61 minutes'"


def history(scene: Scene, text: str = "kemarin", **options: object) -> None:
    """A piece of the history that WhatsApp sends to a new device."""
    with scene.fleet.tenant_tx(scene.shop.tenant_id) as tx:
        shops.receive(tx, scene.shop, text, wa_message_id=f"OLD-{text}", is_live=False, **options)  # type: ignore[arg-type]


def test_a_chat_from_before_linking_is_the_owners_until_he_lets_go(scene: Scene) -> None:
    history(scene)
    assert (scene.chat.handling, scene.chat.handover_reason) == ("human", "before_linking")
    assert scene.work(scene.customer_says("halo")) == "human_handling"
    scene.run("update conversations set handling = 'ai', handover_reason = null, resumes_at = null")
    history(scene, "lebih lama", author="owner_phone")
    assert scene.work(scene.customer_says("halo?")) == "replied", "more history does not take it back"


def test_history_that_comes_after_the_first_message_still_shows_an_old_chat(scene: Scene) -> None:
    job = scene.customer_says("halo")
    assert scene.work(job, meanwhile=lambda: history(scene)) == "interrupted"
    assert scene.chat.handover_reason == "before_linking"


def test_history_does_not_take_a_chat_that_the_agent_has_answered(scene: Scene) -> None:
    scene.work(scene.customer_says("halo"))
    history(scene)
    assert scene.chat.handling == "ai"


def test_the_owners_own_number_is_no_customer(scene: Scene) -> None:
    scene.sets(owner_phone="6281200000001")
    assert scene.work(scene.customer_says("halo")) == "owner_chat"
    assert scene.model.requests == []


def test_the_whole_shops_agent_can_be_off(scene: Scene) -> None:
    scene.sets(ai_enabled=False)
    assert scene.work(scene.customer_says("halo")) == "ai_off"


def test_a_closed_shop_answers_when_it_wants_to(scene: Scene) -> None:
    scene.sets(**NEVER_OPEN, outside_hours="answer")
    assert scene.work(scene.customer_says("halo")) == "replied"


def test_a_closed_shop_may_be_silent(scene: Scene) -> None:
    scene.sets(**NEVER_OPEN, outside_hours="silent")
    assert scene.work(scene.customer_says("halo")) == "outside_hours"
    assert (scene.replies, scene.unanswered, scene.model.requests) == ([], 1, [])


def test_a_closed_shop_says_so_once_until_it_opens(scene: Scene) -> None:
    scene.sets(**NEVER_OPEN, outside_hours="message", outside_hours_message="Kami tutup, besok ya kak")
    assert scene.work(scene.customer_says("halo")) == "told_closed"
    assert scene.replies == [ReplyRow("Kami tutup, besok ya kak", "pending", "ai", is_open=True)]
    assert scene.work(scene.customer_says("halo??")) == "outside_hours"
    assert (len(scene.replies), scene.model.requests) == (1, [])
    scene.run("update conversations set closed_told_until = now() - interval '1 second'")
    assert scene.work(scene.customer_says("halo lagi")) == "told_closed"
    scene.sets(holidays=[], hours={})
    assert scene.work(scene.customer_says("pagi kak")) == "replied"


def test_without_words_of_the_owner_the_notice_says_when_the_shop_opens(scene: Scene) -> None:
    scene.sets(**NEVER_OPEN, outside_hours="message")
    scene.work(scene.customer_says("halo"))
    assert "sedang tutup" in scene.replies[0].text
    assert "Senin jam 08.00" in scene.replies[0].text


def test_two_workers_tell_a_customer_once_that_the_shop_is_closed(scene: Scene) -> None:
    scene.sets(**NEVER_OPEN, outside_hours="message")
    job = scene.customer_says("halo")
    assert scene.work(job) == "told_closed"
    scene.run("update messages set answered_by = null")
    assert scene.work(job) == "outside_hours"
    assert len(scene.replies) == 1


def test_a_customer_who_is_not_answered_is_not_told_either(scene: Scene) -> None:
    scene.sets(**NEVER_OPEN, outside_hours="message")
    job = scene.customer_says("halo")
    scene.run("update contacts set ai_off = true")
    assert scene.work(job) == "contact_ai_off"
    assert scene.replies == []


@pytest.mark.parametrize("minutes", [45, None])
def test_the_agent_comes_back_when_the_shop_says_so(minutes: int | None, scene: Scene) -> None:
    scene.sets(handover_ends_after_min=minutes)
    scene.model.says(reply="Maaf banget kak", mode="complaint", intent="complaint", handover=True)
    scene.work(scene.customer_says("kok dingin semua sih, kecewa"))
    assert scene.chat.handling == "human"
    assert scene.read(int, RESUMES_IN) == [minutes or 0]


def test_who_wants_no_more_messages_gets_a_farewell_and_then_none(scene: Scene) -> None:
    scene.model.says(reply="Siap kak", intent="opt_out", tags=["opt_out"])
    assert scene.work(scene.customer_says("stop jangan chat lagi")) == "replied"
    assert [row.is_open for row in scene.replies] == [True], "the farewell itself is still sent"
    assert scene.read(bool, OPTED_OUT) == [True]
    assert scene.work(scene.customer_says("halo")) == "opted_out"


def test_at_the_monthly_cap_a_human_is_told_and_the_customer_once(scene: Scene) -> None:
    scene.sets(monthly_answers=2)
    for text in ("halo", "ada nasgor?"):
        assert scene.work(scene.customer_says(text)) == "replied"
    asked = len(scene.model.requests)
    assert scene.work(scene.customer_says("berapa kak?")) == "quota_used_up"
    assert scene.replies[-1].text == HOLD_ON
    assert (scene.chat.handling, scene.chat.handover_reason) == ("human", "quota_used_up")
    assert scene.work(scene.customer_says("halo??")) == "human_handling"
    assert (len(scene.replies), len(scene.model.requests)) == (3, asked)


def test_the_safe_sentence_is_no_answer_that_counts(scene: Scene) -> None:
    scene.sets(monthly_answers=0)
    assert scene.work(scene.customer_says("halo")) == "quota_used_up"
    scene.sets(monthly_answers=1)
    scene.run("update conversations set handling = 'ai', resumes_at = null")
    assert scene.work(scene.customer_says("halo?")) == "replied"


def test_one_customer_cannot_use_up_what_the_others_need(scene: Scene) -> None:
    scene.sets(hourly_answers_per_customer=1)
    scene.work(scene.customer_says("halo"))
    assert scene.work(scene.customer_says("halo lagi")) == "quota_used_up"
    assert scene.read(int, RESUMES_IN) == [60]
    scene.run(AGE)
    scene.run("update conversations set resumes_at = now()")
    assert scene.work(scene.customer_says("halo, sejam kemudian")) == "replied"


def test_an_answer_costs_what_its_tokens_cost(scene: Scene) -> None:
    """100 tokens read at 1 dollar a million and 20 written at 2, at 16,000 rupiah a dollar."""
    scene.work(scene.customer_says("halo"))
    assert scene.read(int, COSTS) == [2240]


def test_a_reply_that_is_not_sent_costs_too(scene: Scene) -> None:
    job = scene.customer_says("halo")
    scene.work(job, meanwhile=lambda: scene.customer_says("eh"))
    assert scene.read(int, COSTS) == [2240]


def test_an_unsent_proposal_is_not_part_of_what_was_said(scene: Scene) -> None:
    scene.sets(draft_only=True)
    scene.model.says(reply="Usulan yang belum dikirim kak")
    scene.work(scene.customer_says("halo"))
    scene.model.says(reply="Siap kak, ditunggu ya")
    scene.work(scene.customer_says("halo?"))
    assert "Usulan yang belum dikirim" not in str(scene.model.requests[-1])
