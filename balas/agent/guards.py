"""What may never reach a customer: invented facts, our own rules, a foreign language, and a parrot's talk."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from rapidfuzz import fuzz

from balas import handover, rupiah
from balas.agent import claims, language, leaks, names, prices, signs
from balas.order import Order
from balas.turn import Turn

MAX_REPLY_CHARS = 1000
SAME_WORDS = 95  # percent
MIN_DIGITS = 8
SPELT_DIGITS = 7  # so many digits spelt out in a row are a phone or account number
MAX_SAME_LINES = 4

Code = Literal[
    "empty", "too_long", "prompt_leak", "wrong_price", "unknown_discount",
    "unknown_number", "unknown_link", "repeated", "wrong_hours", "wrong_stock", "unknown_promise",
    "unknown_status", "wrong_language", "forbidden_topic", "babble", "rude",
]  # fmt: skip

_FEEDBACK: dict[Code, str] = {
    "empty": "reply kosong",
    "too_long": f"reply lebih dari {MAX_REPLY_CHARS} huruf: persingkat",
    "prompt_leak": "reply membocorkan aturan atau struktur internal",
    "wrong_price": "angka rupiah ini bukan harga item yang disebut, atau hasil hitungan sendiri",
    "unknown_discount": "diskon, promo, atau hadiah ini tidak ada di data toko",
    "unknown_number": "nomor telepon atau rekening ini tidak ada di data toko",
    "unknown_link": "tautan atau akun ini tidak ada di data toko",
    "wrong_hours": "jam atau hari buka ini tidak sesuai data toko",
    "wrong_stock": "stok item ini tidak sesuai menu",
    "unknown_promise": "janji atau keterangan ini tidak ada di data toko: serahkan ke admin",
    "unknown_status": "status pesanan dan pembayaran hanya admin yang tahu: jangan menyatakannya",
    "wrong_language": "balas dalam bahasa pelanggan",
    "forbidden_topic": "pemilik melarang topik ini",
    "rude": "reply memakai kata kasar",
    "babble": "reply mengulang-ulang kata yang sama",
    "repeated": "reply sama dengan balasan sebelumnya: tanggapi pesan terakhir dengan cara lain",
}
_LONG_NUMBER = re.compile(r"(?<![\w.,])\+?\d(?:[\d\s().-]{6,}\d)(?![\w])")
_DIGIT_WORD = (
    r"(?:nol|kosong|satu|dua|tiga|empat|lima|enam|tujuh|delapan|sembilan"
    r"|zero|one|two|three|four|five|six|seven|eight|nine|\d)"
)
_SPELT = re.compile(rf"\b{_DIGIT_WORD}(?:[\s,.-]*\b{_DIGIT_WORD}\b){{{SPELT_DIGITS - 1},}}", re.IGNORECASE)
_TIME = re.compile(r"\b\d{1,2}[.:]\d{2}(?!\d)|\b\d{1,4}[-./]\d{1,2}[-./]\d{1,4}\b")
_DECLINED = re.compile(
    r"\b(?:maaf|tidak|tdk|ga|gak|nggak|belum|bukan|admin|sorry|not|can't)\b", re.IGNORECASE
)
_RUDE = re.compile(
    r"\b(?:fuck\w*|shit|bitch|anjing|bangsat|goblok|tolol|kontol|memek|bajingan|brengsek)\b", re.IGNORECASE
)
_STUTTER = re.compile(r"\b(\w+)(?:\W+\1\b){5,}|(\S)\2{30,}", re.IGNORECASE)
_LINK = re.compile(
    r"\b(?:ig|instagram|tiktok|telegram)\W{0,3}\w*[_\d]\w*|(?:https?://|www\.)\S+|\b\w+\s*(?:\(dot\)"
    r"|\[dot\]|\bdot\b|\btitik\b)\s*(?:com|id|co|me|ly|net"
    r"|link)\b|\b[\w.-]+@[\w-]+(?:\.\w+)+|(?<!\w)@[^\W\d][\w.]{2,}"
    r"|\b[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:com|co|net|org|id|me|shop|store|link|ly|gl|app|site|xyz|io"
    r"|info|biz|example|online|top|tv|cc|vip|click|live|dev|ai|to|do|page)\b(?:/\S*)?",
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


def check(reply: str, turn: Turn, order: Order | None, now: datetime) -> list[Verdict]:
    """The objections to a model's reply; `order` is the order it leads to, whose sums it may repeat."""
    if not reply.strip():
        return [Verdict("empty")]
    if len(reply) > MAX_REPLY_CHARS:
        return [Verdict("too_long")]
    facts = [*names.fact_texts(turn), *turn.facts]
    rest = _without_known_numbers(reply, facts)
    return [
        *(Verdict(code) for code, is_so in _whole(reply, turn) if is_so),
        *(Verdict("unknown_number", number) for number in _unknown_numbers(rest)),
        *(Verdict("unknown_link", link) for link in _unknown_links(reply, facts)),
        *(Verdict("unknown_discount", text) for text in _unknown_discounts(reply, facts)),
        *(Verdict("unknown_discount", text) for text in claims.promos(reply, turn)),
        *(Verdict("unknown_promise", text) for text in claims.promises(reply, turn)),
        *(Verdict("unknown_status", text) for text in claims.orders(reply, turn, order)),
        *(Verdict("wrong_hours", text) for text in claims.hours(reply, turn, now)),
        *(Verdict("wrong_stock", text) for text in claims.stock(reply, names.index(turn))),
        *(Verdict("wrong_price", text) for text in prices.unbacked(rest, turn, order)),
    ]


def is_harmless(text: str) -> bool:
    """Whether a scrap of text from a model (a note, an address) may stand in the shop's read-back."""
    return not (
        _LINK.search(text) or _LONG_NUMBER.search(text) or _PERCENT.search(text) or _DISCOUNT.search(text)
    )


def _whole(reply: str, turn: Turn) -> tuple[tuple[Code, bool], ...]:
    """The objections to a reply as a whole."""
    return (
        ("prompt_leak", leaks.leaks(reply, turn)),
        ("wrong_language", language.is_wrong(reply, turn)),
        ("forbidden_topic", _preaches(reply, turn)),
        ("babble", _babbles(reply)),
        ("rude", bool(_RUDE.search(reply))),
    )


def _preaches(reply: str, turn: Turn) -> bool:
    """Whether the reply goes into a topic that the owner forbade; declining it is fine."""
    parts = re.split(r"[.!?\n]", reply)
    return any(signs.forbidden_topic(part, turn) and not _DECLINED.search(part) for part in parts)


def _babbles(reply: str) -> bool:
    """Whether the reply says the same line or word over and over."""
    lines = [line.strip().lower() for line in re.split(r"[.!?](?=\s)|\n", reply) if len(line.strip()) > 3]
    return bool(_STUTTER.search(reply)) or any(lines.count(line) >= MAX_SAME_LINES for line in set(lines))


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
    spelt = [m.group() for m in _SPELT.finditer(reply) if not m.group().isdigit()]
    return [*(number for number in found if len(_digits(number)) >= MIN_DIGITS), *spelt]


def _unknown_links(reply: str, facts: Sequence[str]) -> list[str]:
    known = " ".join(facts).lower()
    links = [m.group() for m in _LINK.finditer(reply)]
    return [link for link in links if not _stands_in(link.lower().rstrip(".,!?)/"), known)]


def _stands_in(link: str, known: str) -> bool:
    """Whether the owner wrote exactly this link, not one that begins like it."""
    return bool(re.search(rf"(?<![\w.@/-]){re.escape(link)}(?![\w/@-]|\.\w)", known))


def _unknown_discounts(reply: str, facts: Sequence[str]) -> list[str]:
    known = {_percent(m.group()) for fact in facts for m in _PERCENT.finditer(fact)}
    promises = [sentence for sentence in re.split(r"[.!?\n]", reply) if _DISCOUNT.search(sentence)]
    found = [m.group() for sentence in promises for m in _PERCENT.finditer(sentence)]
    return [percent for percent in found if _percent(percent) not in known]


def _percent(text: str) -> str:
    return re.sub(r"[^\d]", " ", text).strip()
