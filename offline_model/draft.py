"""An answer while it is being put together, and how it is written on the wire."""

from dataclasses import dataclass, field

from offline_model import words
from offline_model.prompt_reader import Line


@dataclass
class Draft:
    """Pieces of a reply and what they were about; the first piece names the intent."""

    parts: list[str] = field(default_factory=list[str])
    tags: list[str] = field(default_factory=list[str])
    sources: list[str] = field(default_factory=list[str])
    intent: str = "other"
    mode: str = "general_faq"
    lines: tuple[Line, ...] = ()
    action: str = "none"
    area: str | None = None
    way: str | None = None
    interest: list[str] = field(default_factory=list[str])
    later_h: float | None = None
    reason: str | None = None

    def say(self, text: str, intent: str, tag: str = "", source: str = "") -> None:
        """Adds a piece to the reply."""
        self.intent = self.intent if self.parts else intent
        self.parts.append(text)
        self.tags += [tag] if tag else []
        self.sources += [source] if source else []

    def give_up(self, text: str, intent: str = "other", tag: str = "") -> None:
        """Admits that the answer is not known, and leaves it to a human."""
        self.say(text, intent, tag)
        self.reason = "unknown_answer"

    def unknown(self) -> None:
        """Admits it in general."""
        self.give_up(words.reply("unknown"))

    def wire(self, mood: str) -> dict[str, object]:
        """The JSON object that the schema asks for."""
        is_set = self.action == "set"
        return {
            "reply": "\n".join(self.parts),
            "mode": self.mode,
            "intent": self.intent,
            "tags": list(dict.fromkeys(self.tags)),
            "sentiment": mood,
            "order_lines": [{"sku": x.sku, "qty": x.qty, "note": x.note} for x in self.lines if is_set],
            "order_action": self.action,
            "delivery_area": self.area if is_set else None,
            "fulfilment": self.way if is_set else None,
            "address": None,
            "product_interest": list(dict.fromkeys(self.interest))[:10],
            "needs_follow_up": self.later_h is not None,
            "follow_up_hours": self.later_h,
            "follow_up_reason": "Pelanggan berminat, tetapi menunda." if self.later_h is not None else None,
            "handover": self.reason is not None,
            "handover_reason": self.reason,
            "confidence": 0.3 if self.reason == "unknown_answer" else 0.9,
            "sources": list(dict.fromkeys(self.sources))[:12],
        }
