"""What the owner reads about the month: messages, answers, tokens."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

from balas.conversation import ConversationId, MessageId
from balas.db import outbox
from tests.api.owner import Owner

JAKARTA = ZoneInfo("Asia/Jakarta")
INSIGHT = """
insert into customer_insights (
    tenant_id, conversation_id, reply_id, read_message_ids, model, prompt_tokens, cached_tokens,
    completion_tokens, latency_ms, cost_millirupiah, created_at
) values (%(tenant_id)s, %(chat)s, %(reply)s, '{}', %(model)s, 100, 40, 10, 5, 1700, %(at)s)
"""
SENT = "update messages set status = 'sent' where tenant_id = %(tenant_id)s and id = %(id)s"


def test_a_new_shop_has_used_nothing(owner: Owner) -> None:
    assert owner.get("usage").json() == {"answers": 0, "monthly_answers": 3000, "months": []}


def test_usage_is_counted_by_month_and_model(owner: Owner) -> None:
    shop, now = owner.link_whatsapp(), datetime.now(UTC)
    chat = owner.hears(shop, "halo")
    owner.hears(shop, "dulu", sent_at=now - timedelta(days=40))
    owner.hears(shop, "riwayat", is_live=False)
    owner.hears(shop, "lama sekali", sent_at=now - timedelta(days=400))
    sent, waiting = MessageId(uuid4()), MessageId(uuid4())
    with owner.db.tenant_tx(owner.tenant_id) as tx:
        for message_id in (sent, waiting):
            outbox.enqueue(tx, message_id, ConversationId(chat), "Halo kak!", author="ai")
        tx.run(SENT, id=sent)
        for reply, model in ((sent, "besar"), (None, "besar"), (waiting, "kecil")):
            tx.run(INSIGHT, chat=chat, reply=reply, model=model, at=now)
    months = owner.get("usage").json()["months"]
    assert [(month["inbound"], month["outbound"]) for month in months] == [(1, 1), (1, 0)]
    this = months[0]
    assert this["month"] == now.astimezone(JAKARTA).strftime("%Y-%m")
    assert (this["answers"], months[1]["models"]) == (2, [])
    assert this["cost_rupiah"] == 6, "3 x Rp1.7, rounded up"
    assert this["models"] == [
        {
            "model": "besar", "turns": 2, "answers": 1, "prompt_tokens": 200, "cached_tokens": 80,
            "completion_tokens": 20, "cost_rupiah": 4,
        },
        {
            "model": "kecil", "turns": 1, "answers": 1, "prompt_tokens": 100, "cached_tokens": 40,
            "completion_tokens": 10, "cost_rupiah": 2,
        },
    ]  # fmt: skip


def test_a_month_is_the_shops_own(owner: Owner) -> None:
    """The last hour of a month in UTC is the next month in Jayapura and the same one in Honolulu."""
    first = datetime.now(UTC).replace(day=1, hour=0, minute=30, second=0, microsecond=0)
    owner.hears(owner.link_whatsapp(), "halo", sent_at=first - timedelta(hours=1))
    months: list[str] = []
    for timezone in ("Asia/Jayapura", "Pacific/Honolulu"):
        owner.put("ai-config", {"business_name": "Warung Uji", "timezone": timezone})
        months.append(owner.get("usage").json()["months"][0]["month"])
    assert months == [first.strftime("%Y-%m"), (first - timedelta(hours=1)).strftime("%Y-%m")]
