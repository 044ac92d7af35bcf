"""The answer that we ask a model for, and how its text is read."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Literal, cast, get_args

from pydantic import BaseModel, BeforeValidator, Field, ValidationError

from balas.errors import ModelFailed
from balas.handover import ByCustomer
from balas.order import Fulfilment, WantedLine

Mode = Literal["general_faq", "order_taking", "complaint"]
Intent = Literal[
    "greeting", "ask_product", "ask_price", "ask_stock", "ask_hours", "ask_location", "ask_delivery",
    "ask_payment", "ask_promo", "order_new", "order_change", "order_cancel", "order_confirm", "order_status",
    "complaint", "refund", "human_request", "opt_out", "thanks", "sensitive", "abuse", "other",
]  # fmt: skip
Tag = Literal[
    "hot_lead", "complaint", "order", "price", "stock", "hours", "location", "delivery", "payment",
    "promo", "refund", "sensitive", "human", "opt_out", "spam",
]  # fmt: skip
Sentiment = Literal["positive", "neutral", "negative"]
OrderAction = Literal["none", "set", "cancel", "confirm"]
ModelHandover = Literal[ByCustomer, "unknown_answer", "owner_rule"]

TAG_LABELS: dict[Tag, str] = {
    "hot_lead": "Hot Lead", "complaint": "Keluhan", "order": "Pesanan", "price": "Tanya Harga",
    "stock": "Tanya Stok", "hours": "Jam Buka", "location": "Lokasi", "delivery": "Pengiriman",
    "payment": "Pembayaran", "promo": "Promo", "refund": "Refund", "sensitive": "Sensitif",
    "human": "Minta Admin", "opt_out": "Berhenti", "spam": "Spam",
}  # fmt: skip
MAX_LINES = 40
MAX_SOURCES = 12
MAX_INTEREST = 10
MAX_TRIES = 50

_Node = dict[str, object]
_DECORATION = {"$defs", "title", "description"}


class BadModelOutput(ModelFailed):
    """The model answered, but not in our form; the message names what was wrong and quotes no chat text."""

    def __init__(self, message: str) -> None:
        super().__init__(message, "model_bad_output")


@dataclass(frozen=True)
class ModelAnswer:
    """What the model says and what it understood; `order_lines` is the whole order that should result.

    `delivery_area`, `fulfilment` and `address` None leave what the draft says; `product_interest` holds SKUs.
    `follow_up_hours` None: the model wants to write again and does not say when.
    """

    reply: str
    mode: Mode
    intent: Intent
    tags: tuple[Tag, ...]
    sentiment: Sentiment
    order_lines: tuple[WantedLine, ...]
    order_action: OrderAction
    delivery_area: str | None
    fulfilment: Fulfilment | None
    address: str | None
    product_interest: tuple[str, ...]
    needs_follow_up: bool
    follow_up_hours: float | None
    follow_up_reason: str | None
    handover: bool
    handover_reason: ModelHandover | None
    confidence: float
    sources: tuple[str, ...]


def _known_tags(value: object) -> object:
    """A tag that a model made up is worth less than its answer: dropped, not refused."""
    items = cast("list[object]", value) if isinstance(value, list) else []
    return [tag for tag in items if tag in get_args(Tag)]


class _WireLine(BaseModel):
    sku: str
    qty: int
    note: str


class _WireAnswer(BaseModel):
    """Flat, every field required, no defaults, `maxItems` on arrays: what the strictest servers accept."""

    reply: str
    mode: Mode
    intent: Intent
    tags: Annotated[list[Tag], BeforeValidator(_known_tags), Field(max_length=len(get_args(Tag)))]
    sentiment: Sentiment
    order_lines: Annotated[list[_WireLine], Field(max_length=MAX_LINES)]
    order_action: OrderAction
    delivery_area: str | None
    fulfilment: Fulfilment | None
    address: str | None
    product_interest: Annotated[list[str], Field(max_length=MAX_INTEREST)]
    needs_follow_up: bool
    follow_up_hours: float | None
    follow_up_reason: str | None
    handover: bool
    handover_reason: ModelHandover | None
    confidence: float
    sources: Annotated[list[str], Field(max_length=MAX_SOURCES)]


def json_schema() -> dict[str, object]:
    """The strict JSON schema of an answer, without `$ref`, titles or defaults."""
    schema = cast("_Node", _WireAnswer.model_json_schema())
    return cast("_Node", _flat(schema, cast("_Node", schema.get("$defs", {}))))


def _flat(node: object, defs: _Node) -> object:
    if isinstance(node, list):
        return [_flat(item, defs) for item in cast("list[object]", node)]
    if not isinstance(node, dict):
        return node
    fields = cast("_Node", node)
    if "$ref" in fields:
        return _flat(defs[str(fields["$ref"]).rsplit("/", 1)[-1]], defs)
    flat = {name: _flat(value, defs) for name, value in fields.items() if name not in _DECORATION}
    return {**flat, "additionalProperties": False} if flat.get("type") == "object" else flat


def parse(text: str) -> ModelAnswer:
    """The answer in `text`, also when a code fence or a few words stand around it; else BadModelOutput."""
    problem = "no JSON object found; answer with exactly one JSON object"
    for candidate in _objects(text):
        try:
            return _answer(_WireAnswer.model_validate(candidate))
        except ValidationError as error:
            problem = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['type']}" for e in error.errors()[:5])
    raise BadModelOutput(f"the model's answer does not fit the schema: {problem}")


def understood(reply: str, intent: Intent, tags: tuple[Tag, ...]) -> ModelAnswer:
    """The answer that code gives without a model."""
    return ModelAnswer(
        reply, "general_faq", intent, tags, "neutral", (), "none", None, None, None, (),
        needs_follow_up=False, follow_up_hours=None, follow_up_reason=None, handover=False,
        handover_reason=None, confidence=1.0, sources=(),
    )  # fmt: skip


def _objects(text: str) -> Iterator[object]:
    """Every complete JSON object in `text`, outermost first; thoughts aloud are skipped."""
    text = re.sub(r"<think>.*?</think>", "", text, flags=re.DOTALL)
    decoder, start = json.JSONDecoder(), text.find("{")
    for _ in range(MAX_TRIES):
        if start == -1:
            return
        try:
            value, end = decoder.raw_decode(text, start)
            yield value
        except (ValueError, RecursionError):
            end = start + 1
        start = text.find("{", end)


def _answer(wire: _WireAnswer) -> ModelAnswer:
    return ModelAnswer(
        reply=wire.reply.strip(),
        mode=wire.mode,
        intent=wire.intent,
        tags=tuple(dict.fromkeys(wire.tags)),
        sentiment=wire.sentiment,
        order_lines=tuple(WantedLine(line.sku.strip(), line.qty, line.note) for line in wire.order_lines),
        order_action=wire.order_action,
        delivery_area=wire.delivery_area,
        fulfilment=wire.fulfilment,
        address=wire.address,
        product_interest=tuple(dict.fromkeys(sku.strip() for sku in wire.product_interest)),
        needs_follow_up=wire.needs_follow_up,
        follow_up_hours=wire.follow_up_hours,
        follow_up_reason=wire.follow_up_reason,
        handover=wire.handover,
        handover_reason=wire.handover_reason,
        confidence=min(1.0, max(0.0, wire.confidence)),
        sources=tuple(wire.sources),
    )
