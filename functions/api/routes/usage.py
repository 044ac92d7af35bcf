"""What the shop used, month by month."""

from fastapi import APIRouter
from pydantic import BaseModel

from balas.db import ai_configs, quotas, usage
from balas.db.usage import AiUsage, MessageUsage
from functions.api.deps import Db, Me

router = APIRouter(tags=["usage"])


class ModelUsage(BaseModel):
    """A turn reads what a customer wrote; not each ends in an answer, but each costs tokens, as trials do."""

    model: str
    turns: int
    answers: int
    prompt_tokens: int
    cached_tokens: int
    completion_tokens: int
    cost_rupiah: int


class Month(BaseModel):
    """`month` as YYYY-MM in the shop's time zone; `inbound` and `outbound` count messages."""

    month: str
    inbound: int
    outbound: int
    answers: int
    cost_rupiah: int
    models: list[ModelUsage]


class Usage(BaseModel):
    """Months newest first. `answers` of this month out of `monthly_answers`, null where there is no cap."""

    answers: int
    monthly_answers: int | None
    months: list[Month]


@router.get("/usage")
def get_usage(who: Me, db: Db) -> Usage:
    """Messages, answers, tokens and cost of this month and the eleven before it, save quiet months."""
    with db.tenant_tx(who.tenant_id) as tx:
        profile = ai_configs.get(tx)
        used = quotas.used(tx, None, profile.timezone)
        ai, messages = usage.of_ai(tx, profile.timezone), usage.of_messages(tx, profile.timezone)
    names = sorted({row.month for row in (*ai, *messages)}, reverse=True)
    months = [_month(name, ai, messages) for name in names]
    return Usage(answers=used.this_month, monthly_answers=profile.monthly_answers, months=months)


def _month(month: str, ai: list[AiUsage], messages: list[MessageUsage]) -> Month:
    rows = [row for row in ai if row.month == month]
    models = [ModelUsage(**vars(row), cost_rupiah=_rupiah(row.cost_millirupiah)) for row in rows]
    counted = next((row for row in messages if row.month == month), MessageUsage(month, 0, 0))
    answers, cost = sum(row.answers for row in rows), sum(row.cost_millirupiah for row in rows)
    return Month(**vars(counted), answers=answers, cost_rupiah=_rupiah(cost), models=models)


def _rupiah(millirupiah: int) -> int:
    """Whole rupiah, rounded up: what cost something is never shown as free."""
    return -(-millirupiah // 1000)
