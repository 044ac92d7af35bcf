"""Trying the agent on a made-up chat."""

from datetime import timedelta
from typing import Annotated, Literal, Self

from fastapi import APIRouter
from pydantic import BaseModel, Field

from balas import handover, order
from balas.agent.answer import Outcome
from balas.db.rate_limits import Limit
from balas.errors import Conflict
from balas.order import Fulfilment
from functions.api import fields, limits, trial
from functions.api.deps import Config, Db, Me
from functions.api.routes.orders import Line
from functions.api.trial import Said

router = APIRouter(tags=["ai-config"])

LIMIT = Limit("ai_trial", 60, timedelta(hours=1))
"""Each trial costs the operator a call of the model, or two."""


class Bubble(BaseModel):
    """`user` is the customer, `assistant` the agent."""

    role: Literal["user", "assistant"]
    text: fields.Bubble


class Trial(BaseModel):
    """A chat, oldest first; the customer's last bubbles are answered together."""

    messages: Annotated[list[Bubble], Field(min_length=1, max_length=40)]


class TriedOrder(BaseModel):
    """The order that the answer leads to; its sums are the shop's own."""

    action: Literal["set", "confirm"]
    lines: list[Line]
    fulfilment: Fulfilment | None
    delivery_area: str | None
    delivery_fee: int | None
    address: str
    total: int
    recap: str

    @classmethod
    def of(cls, outcome: Outcome) -> Self | None:
        if outcome.order is None:
            return None
        known = {
            "action": outcome.order_action,
            "total": outcome.order.total,
            "recap": order.recap(outcome.order),
        }
        lines = [vars(line) for line in outcome.order.lines]
        return cls.model_validate({**vars(outcome.order), **known, "lines": lines})


class TriedHandover(BaseModel):
    """Why a human would get the chat."""

    reason: str
    message: str


class Objection(BaseModel):
    """What a guard held against the model's answer, also when a second try has cured it."""

    code: str
    excerpt: str


class Tokens(BaseModel):
    prompt: int
    cached: int
    completion: int
    cost_rupiah: float


class TrialResult(BaseModel):
    """`mode` and `intent` are null when the model gave nothing usable."""

    reply: str
    mode: str | None
    intent: str | None
    tags: list[str]
    order: TriedOrder | None
    handover: TriedHandover | None
    sources: list[str]
    guards: list[Objection]
    tokens: Tokens


@router.post("/ai-config/try")
def try_agent(body: Trial, who: Me, db: Db, settings: Config) -> TrialResult:
    """What the agent would answer in a made-up chat, with why and at what cost; nothing is sent or kept."""
    if body.messages[-1].role != "user":
        raise Conflict("Pesan terakhir harus dari pelanggan (role: user).")
    limits.enforce(db, LIMIT, str(who.user_id))
    chat = [Said(bubble.role, bubble.text) for bubble in body.messages]
    return _result(trial.run(db, who.tenant_id, chat, settings.model))


def _result(outcome: Outcome) -> TrialResult:
    said, reason = outcome.answer, outcome.handover
    return TrialResult(
        reply=outcome.reply,
        mode=said and said.mode,
        intent=said and said.intent,
        tags=list(said.tags) if said else [],
        order=TriedOrder.of(outcome),
        handover=TriedHandover(reason=reason, message=handover.sentence(reason)) if reason else None,
        sources=list(said.sources) if said else [],
        guards=[Objection(code=verdict.code, excerpt=verdict.excerpt) for verdict in outcome.verdicts],
        tokens=_tokens(outcome),
    )


def _tokens(outcome: Outcome) -> Tokens:
    calls = outcome.completions
    return Tokens(
        prompt=sum(call.prompt_tokens for call in calls),
        cached=sum(call.cached_tokens for call in calls),
        completion=sum(call.completion_tokens for call in calls),
        cost_rupiah=sum(call.cost_millirupiah for call in calls) / 1000,
    )
