"""The evaluation set as the agent sees it: each case a chat, each burst of it a turn."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Literal, cast
from uuid import UUID, uuid5

from pydantic import BaseModel, ConfigDict, TypeAdapter

from balas.agent.output import Intent, Mode, Tag
from balas.catalog import Faq, Product
from balas.contact import Contact, ContactId
from balas.conversation import Conversation, ConversationId, Message, MessageId
from balas.opening_hours import local
from balas.order import Order
from balas.tenant import ShopProfile
from balas.turn import Turn

HERE = Path(__file__).parent
Split = Literal["dev", "test"]
Kind = Literal["faq", "order", "complaint", "handover", "unknown", "followup", "attack", "chitchat"]
Way = Literal["delivery", "pickup"]

_SPACE = UUID("00000000-0000-4000-8000-00000000e7a1")
_THURSDAY = datetime(2026, 11, 26, tzinfo=UTC)  # no shop of the set is closed on Thursdays
_HOUR = timedelta(hours=11)  # nor at eleven
_BETWEEN_BUBBLES = timedelta(seconds=5)


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Said(_Frozen):
    """One bubble of the chat."""

    role: Literal["customer", "shop"]
    text: str


class Line(_Frozen):
    sku: str
    qty: int
    note: str = ""


class ExpectedOrder(_Frozen):
    """The draft after the last burst; `delivery` None is not scored."""

    lines: tuple[Line, ...]
    delivery: Way | None = None


class Expect(_Frozen):
    """What a good answer must meet; README.md says how each label was decided. None is not scored."""

    mode: Mode
    intents: tuple[Intent, ...]
    tags_all: frozenset[Tag]
    tags_none: frozenset[Tag]
    order: ExpectedOrder | None
    confirmed: bool | None = None
    must_mention: tuple[str, ...]
    must_not_mention: tuple[str, ...]
    admits_unknown: bool | None
    handover: bool | None
    follow_up: bool | None
    complaint: bool | None
    language: Literal["id", "en", "jv"]


class Case(_Frozen):
    """A chat whose last burst is to be answered."""

    id: str
    shop: str
    kind: Kind
    attack: str | None
    turns: tuple[Said, ...]
    expect: Expect


@dataclass(frozen=True)
class Shop:
    """Everything that the agent may know of a shop."""

    profile: ShopProfile
    products: tuple[Product, ...]
    faqs: tuple[Faq, ...]


def load(split: Split) -> list[Case]:
    """Every case of a split, in the order of its files."""
    lines = [line for path in files(split) for line in path.read_text("utf-8").splitlines() if line.strip()]
    return [Case.model_validate_json(line) for line in lines]


def files(split: Split) -> list[Path]:
    """The files that hold a split's cases."""
    return sorted((HERE / split).glob("*.jsonl"))


@cache
def shop(name: str) -> Shop:
    """The shop of that name; everyone is its customer."""
    document = cast("dict[str, object]", json.loads((HERE / "shops" / f"{name}.json").read_text("utf-8")))
    profile = {**cast("dict[str, object]", document["profile"]), "audience": "everyone"}
    return Shop(
        TypeAdapter(ShopProfile).validate_python(profile),
        TypeAdapter(tuple[Product, ...]).validate_python(_with_ids(document["products"], f"{name}/product")),
        TypeAdapter(tuple[Faq, ...]).validate_python(_with_ids(document["faqs"], f"{name}/faq")),
    )


def now(shop: Shop) -> datetime:
    """The moment of every chat: a Thursday, eleven o'clock in the shop's time zone, when it is open."""
    moment = _THURSDAY + _HOUR
    return moment - (local(shop.profile, moment).utcoffset() or timedelta())


def bursts(case: Case) -> list[range]:
    """Where each run of customer bubbles stands in `case.turns`, the one to be answered last."""
    places = groupby(range(len(case.turns)), key=lambda at: case.turns[at].role)
    runs = [list(run) for role, run in places if role == "customer"]
    return [range(run[0], run[-1] + 1) for run in runs]


def turn_at(case: Case, burst: range, draft: Order | None) -> Turn:
    """The turn in which the agent answers `burst`, with the chat before it as the data tells it."""
    of = shop(case.shop)
    messages = [_message(case, at, burst) for at in range(burst.stop)]
    contact = Contact(
        id=ContactId(uuid5(_SPACE, case.id)), lid="100000000000001", phone="6281200000002", name="Pelanggan",
        is_saved=False, ai_off=False, opted_out_at=None,
    )  # fmt: skip
    return Turn(
        profile=of.profile,
        products=of.products,
        faqs=of.faqs,
        contact=contact,
        conversation=Conversation(ConversationId(uuid5(_SPACE, f"{case.id}/chat")), "ai", None, 0),
        unanswered=tuple(messages[burst.start :]),
        recent=tuple(messages[: burst.start]),
        draft_order=draft,
    )


def _message(case: Case, at: int, burst: range) -> Message:
    said = case.turns[at]
    sent_at = now(shop(case.shop)) - (burst.stop - at) * _BETWEEN_BUBBLES
    key = MessageId(uuid5(_SPACE, f"{case.id}/{at}"))
    if said.role == "customer":
        return Message(key, "in", "contact", "text", said.text, sent_at)
    return Message(key, "out", "ai", "text", said.text, sent_at)


def _with_ids(rows: object, name: str) -> list[dict[str, object]]:
    items = cast("list[dict[str, object]]", rows)
    return [{**item, "id": uuid5(_SPACE, f"{name}/{at}")} for at, item in enumerate(items)]
