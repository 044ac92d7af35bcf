"""Answers as a model writes them, and models that say what they are told."""

import json
from collections.abc import Sequence

from balas.agent.chat import ChatMessage, Completion

FIELDS: dict[str, object] = {
    "reply": "Siap kak 😊",
    "mode": "general_faq",
    "intent": "other",
    "tags": [],
    "sentiment": "neutral",
    "order_lines": [],
    "order_action": "none",
    "delivery_area": None,
    "fulfilment": None,
    "address": None,
    "product_interest": [],
    "needs_follow_up": False,
    "follow_up_hours": None,
    "follow_up_reason": None,
    "handover": False,
    "handover_reason": None,
    "confidence": 0.9,
    "sources": [],
}


def written(**fields: object) -> str:
    return json.dumps({**FIELDS, **fields}, ensure_ascii=False)


def line(sku: str, qty: int, note: str = "") -> dict[str, object]:
    return {"sku": sku, "qty": qty, "note": note}


class Model:
    """Says `texts` one after another, raises what is an exception, and remembers what it was asked."""

    def __init__(self, *texts: str | Exception) -> None:
        self.texts = list(texts)
        self.asked = list[list[ChatMessage]]()

    def __call__(self, messages: Sequence[ChatMessage]) -> Completion:
        self.asked.append(list(messages))
        text = self.texts.pop(0)
        if isinstance(text, Exception):
            raise text
        return Completion(text, "demo", 100, 80, 20, 5, "json_schema")
