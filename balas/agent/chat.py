"""What goes to a model and what comes back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypedDict

Rung = Literal["json_schema", "json_object", "plain"]


class ChatMessage(TypedDict):
    """One message in the form that every OpenAI-compatible server reads."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True)
class Completion:
    """A model's raw text and its price in tokens and in thousandths of a rupiah.

    `rung` says how its JSON was asked for.
    """

    text: str
    model: str
    prompt_tokens: int
    cached_tokens: int
    completion_tokens: int
    latency_ms: int
    rung: Rung
    cost_millirupiah: int = 0


Ask = Callable[[Sequence[ChatMessage]], Completion]
