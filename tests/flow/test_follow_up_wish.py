"""The agent's wish to write again: one per chat, planned with the reply, void when the chat goes on."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from functions.ai_worker.reply import planned_follow_up
from tests.flow.scene import Scene

ROWS = """
select state, outcome, reason, due_at from follow_ups where tenant_id = %(tenant_id)s order by created_at
"""
WISH = {"needs_follow_up": True, "follow_up_hours": 24, "follow_up_reason": "mau tanya suami dulu"}
NOON = datetime.now(UTC).replace(hour=5, minute=0, second=0, microsecond=0)  # in Jakarta


@dataclass(frozen=True)
class Row:
    state: str
    outcome: str | None
    reason: str
    due_at: datetime


def rows(scene: Scene) -> list[Row]:
    with scene.app.tenant_tx(scene.shop.tenant_id) as tx:
        return tx.all(Row, ROWS)


def test_a_wish_becomes_one_follow_up_to_be_scheduled(scene: Scene) -> None:
    scene.model.says(**WISH)
    job = scene.customer_says("nanti saya kabari ya", sent_at=NOON)
    assert scene.work(job, now=NOON) == "replied"
    due_at = NOON + timedelta(days=1)
    assert rows(scene) == [Row("pending", None, "mau tanya suami dulu", due_at)]
    planned = planned_follow_up(job, scene.app)
    assert planned
    assert (planned.conversation_id, planned.due_at) == (job.conversation_id, due_at)


def test_a_turn_without_a_wish_leaves_none(scene: Scene) -> None:
    scene.model.says(**WISH)
    scene.work(scene.customer_says("nanti saya kabari ya"))
    scene.model.says()
    job = scene.customer_says("makasih kak")
    scene.work(job)
    assert [(row.state, row.outcome) for row in rows(scene)] == [("cancelled", "customer_wrote")]
    assert planned_follow_up(job, scene.app) is None


@pytest.mark.parametrize(
    "answer",
    [
        {"mode": "complaint", "intent": "complaint", "handover": True, "handover_reason": "complaint"},
        {"intent": "opt_out"},
    ],
)
def test_who_goes_to_a_human_or_wants_no_more_is_not_written_to(
    answer: dict[str, object], scene: Scene
) -> None:
    scene.model.says(**WISH | answer)
    scene.work(scene.customer_says("jangan chat lagi"))
    assert [row for row in rows(scene) if row.state == "pending"] == []


def test_a_shop_without_follow_ups_plans_none(scene: Scene) -> None:
    scene.sets(follow_ups=False)
    scene.model.says(**WISH)
    scene.work(scene.customer_says("nanti saya kabari ya"))
    assert rows(scene) == []
