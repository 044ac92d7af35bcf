"""What may never reach a customer: invented prices, numbers and links, our own rules, and a parrot's talk."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rapidfuzz import fuzz

from balas import handover, rupiah
from balas.agent import names, prices, prompt
from balas.order import Order
from balas.turn import Turn

MAX_REPLY_CHARS = 1000
SAME_WORDS = 95  # percent
LEAK_WORDS = 8  # so many words of our rules in a row are a leak

Code = Literal[
    "empty", "too_long", "prompt_leak", "wrong_price", "unknown_discount",
    "unknown_number", "unknown_link", "repeated",
]  # fmt: skip

_FEEDBACK: dict[Code, str] = {
    "empty": "reply kosong",
    "too_long": f"reply lebih dari {MAX_REPLY_CHARS} huruf: persingkat",
    "prompt_leak": "reply membocorkan aturan atau struktur internal",
    "wrong_price": "angka rupiah ini bukan harga item yang disebut, atau hasil hitungan sendiri",
    "unknown_discount": "diskon ini tidak ada di data toko",
    "unknown_number": "nomor telepon atau rekening ini tidak ada di data toko",
    "unknown_link": "tautan atau akun ini tidak ada di data toko",
    "repeated": "reply sama dengan balasan sebelumnya: tanggapi pesan terakhir dengan cara lain",
}
_MARKS = re.compile(
    r"</?\w+>|\{\s*\"|\border_(?:lines|action)\b|\bhandover(?:_reason)?\b|\bdelivery_area\b|sku\|",
    re.IGNORECASE,
)
_LONG_NUMBER = re.compile(r"(?<![\w.,])\+?\d(?:[\d\s().-]{6,}\d)(?![\w])")
_TIME = re.compile(r"\b\d{1,2}[.:]\d{2}(?!\d)|\b\d{1,4}[-./]\d{1,2}[-./]\d{1,4}\b")
_LINK = re.compile(
    r"(?:https?://|www\.)\S+|\b[\w.-]+@[\w-]+(?:\.\w+)+|(?<!\w)@[^\W\d][\w.]{2,}"
    r"|\b[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:com|net|org|id|me|shop|store|link|ly|gl|app|site|xyz|io|info|biz)\b(?:/\S*)?",
    re.IGNORECASE,
)
_PERCENT = re.compile(r"\d+(?:[.,]\d+)?\s*(?:%|persen\b)", re.IGNORECASE)
_DISCOUNT = re.compile(
    r"\b(?:diskon\w*|disc|discount|potongan\w*|promo\w*|off|hemat|cashback)\b", re.IGNORECASE
)


@dataclass(frozen=True)
class Verdict:
    """An objection. `excerpt` is what it is about: shown to the model and the owner, never logged."""

    code: Code
    excerpt: str = ""


def check(reply: str, turn: Turn, order: Order | None) -> list[Verdict]:
    """The objections to a model's reply; `order` is the order it leads to, whose sums it may repeat."""
    if not reply.strip():
        return [Verdict("empty")]
    if len(reply) > MAX_REPLY_CHARS:
        return [Verdict("too_long")]
    facts = names.fact_texts(turn)
    rest = _without_known_numbers(reply, facts)
    return [
        *([Verdict("prompt_leak")] if _leaks(reply) else []),
        *(Verdict("unknown_number", number) for number in _unknown_numbers(rest)),
        *(Verdict("unknown_link", link) for link in _unknown_links(reply, facts)),
        *(Verdict("unknown_discount", text) for text in _unknown_discounts(reply, facts)),
        *(Verdict("wrong_price", text) for text in prices.unbacked(rest, turn, order)),
    ]


def repetition(text: str, turn: Turn) -> list[Verdict]:
    """An objection when `text` would say for the third time in a row what our last two replies said."""
    last = [message.text for message in turn.recent if message.author == "ai"][-2:]
    is_parrot = len(last) == 2 and all(fuzz.ratio(text, said) >= SAME_WORDS for said in last)
    return [Verdict("repeated")] if is_parrot else []


def feedback(verdicts: Sequence[Verdict]) -> str:
    """What the model is told to do better."""
    return "; ".join(f"{_FEEDBACK[v.code]}" + (f" ({v.excerpt})" if v.excerpt else "") for v in verdicts)


def reason(verdicts: Sequence[Verdict]) -> handover.Reason:
    """Why a human takes over when the second try was no better."""
    return "repeated_reply" if all(v.code == "repeated" for v in verdicts) else "unsafe_reply"


def _leaks(reply: str) -> bool:
    if _MARKS.search(reply):
        return True
    said, rules = _words(reply), " ".join(_words(prompt.RULES))
    runs = (" ".join(said[i : i + LEAK_WORDS]) for i in range(len(said) - LEAK_WORDS + 1))
    return any(f" {run} " in f" {rules} " for run in runs)


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def _digits(text: str) -> str:
    digits = re.sub(r"\D", "", text)
    return "62" + digits[1:] if digits.startswith("0") else digits


def _without_known_numbers(reply: str, facts: Sequence[str]) -> str:
    """`reply` without the shop's own phone and account numbers, however they are grouped."""
    known = {_digits(m.group()) for fact in facts for m in _LONG_NUMBER.finditer(fact)}
    return _LONG_NUMBER.sub(lambda m: " " if _digits(m.group()) in known else m.group(), reply)


def _unknown_numbers(reply: str) -> list[str]:
    """Phone and account numbers; sums of money and times are left to others."""
    for amount in reversed(rupiah.amounts(reply)):
        if amount.value % 100 == 0:
            reply = f"{reply[: amount.start]};{reply[amount.end :]}"
    found = [m.group() for m in _LONG_NUMBER.finditer(_TIME.sub(";", reply))]
    return [number for number in found if len(_digits(number)) >= 8]


def _unknown_links(reply: str, facts: Sequence[str]) -> list[str]:
    known = " ".join(facts).lower()
    return [m.group() for m in _LINK.finditer(reply) if m.group().lower().rstrip(".,!?)/") not in known]


def _unknown_discounts(reply: str, facts: Sequence[str]) -> list[str]:
    known = {_percent(m.group()) for fact in facts for m in _PERCENT.finditer(fact)}
    promises = [sentence for sentence in re.split(r"[.!?\n]", reply) if _DISCOUNT.search(sentence)]
    found = [m.group() for sentence in promises for m in _PERCENT.finditer(sentence)]
    return [percent for percent in found if _percent(percent) not in known]


def _percent(text: str) -> str:
    return re.sub(r"[^\d]", " ", text).strip()
