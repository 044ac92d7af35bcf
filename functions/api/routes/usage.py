"""What the shop used, month by month."""

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from balas.db import ai_configs, usage
from balas.db.usage import AiUsage, MessageUsage
from functions.api.deps import Db, Me

router = APIRouter(tags=["usage"])


class ModelUsage(BaseModel):
    """A turn reads what a customer wrote; not each ends in an answer, but each costs tokens."""

    model_config = ConfigDict(from_attributes=True)

    model: str
    turns: int
    answers: int
    prompt_tokens: int
    cached_tokens: int
    completion_tokens: int


class Month(BaseModel):
    """`month` as YYYY-MM in the shop's time zone; `inbound` and `outbound` count messages."""

    month: str
    inbound: int
    outbound: int
    answers: int
    models: list[ModelUsage]


class Usage(BaseModel):
    """Newest first."""

    months: list[Month]


@router.get("/usage")
def get_usage(who: Me, db: Db) -> Usage:
    """Messages, answers and tokens of this month and the eleven before it; quiet months are left out."""
    with db.tenant_tx(who.tenant_id) as tx:
        timezone = ai_configs.get(tx).timezone
        ai, messages = usage.of_ai(tx, timezone), usage.of_messages(tx, timezone)
    months = sorted({row.month for row in (*ai, *messages)}, reverse=True)
    return Usage(months=[_month(month, ai, messages) for month in months])


def _month(month: str, ai: list[AiUsage], messages: list[MessageUsage]) -> Month:
    models = [ModelUsage.model_validate(row) for row in ai if row.month == month]
    counted = next((row for row in messages if row.month == month), MessageUsage(month, 0, 0))
    answers = sum(model.answers for model in models)
    return Month(**vars(counted), answers=answers, models=models)
