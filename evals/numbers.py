"""The numbers in a text, read without a line of the agent's own code: a judge must not share its eyes."""

import re
from dataclasses import dataclass
from typing import Literal

Sort = Literal["money", "percent", "time", "long", "count"]

_LONG = re.compile(r"(?<![\w.,])\+?\d[\d \-()]{6,}\d(?![\w])")
_DATE = re.compile(r"\b\d{4}-\d{2}-\d{2}\b|\b\d{1,2}[/-]\d{1,2}[/-]\d{2,4}\b")
_NUMBER = re.compile(
    r"(?P<rp>\b(?:rp|idr)\.?\s*)?(?<![\d])(?P<digits>\d{1,3}(?:[.,]\d{3})+(?!\d)|\d+(?:[.,:]\d+)?)"
    r"(?:\s*(?P<scale>ribu|rebu|rb|k|juta|jt)\b)?(?P<percent>\s*(?:%|persen\b))?",
    re.IGNORECASE,
)
_SCALES = {"ribu": 1000, "rebu": 1000, "rb": 1000, "k": 1000, "juta": 1_000_000, "jt": 1_000_000}


@dataclass(frozen=True)
class Number:
    """`value` is rupiah, percent, minutes of the day, the digits of a phone or account number, or a count."""

    sort: Sort
    value: int
    start: int
    end: int


def find(text: str) -> list[Number]:
    """Every number in `text`, in order; dates are none, and neither are fractions."""
    text = _DATE.sub(lambda m: " " * len(m.group()), text)
    long = [_long(m) for m in _LONG.finditer(text) if len(re.sub(r"\D", "", m.group())) >= 8]
    for number in long:
        text = text[: number.start] + " " * (number.end - number.start) + text[number.end :]
    return sorted(
        [*long, *(n for m in _NUMBER.finditer(text) if (n := _number(m)))], key=lambda number: number.start
    )


def _long(match: re.Match[str]) -> Number:
    digits = re.sub(r"\D", "", match.group())
    local = "62" + digits[1:] if digits.startswith("0") else digits
    return Number("long", int(local), match.start(), match.end())


def _number(match: re.Match[str]) -> Number | None:
    digits = match["digits"]
    grouped = re.fullmatch(r"\d{1,3}(?:[.,]\d{3})+", digits)
    plain = re.sub(r"[.,]", "", digits) if grouped else digits
    at = match.start(), match.end()
    if match["scale"]:
        return Number("money", round(float(plain.replace(",", ".").replace(":", ".")) * _scale(match)), *at)
    if match["percent"]:
        return Number("percent", round(float(plain.replace(",", ".").replace(":", "."))), *at)
    if time := re.fullmatch(r"(\d{1,2})[.:](\d{2})", digits):
        return Number("time", int(time[1]) * 60 + int(time[2]), *at) if not match["rp"] else None
    if not plain.isdigit():
        return None
    is_money = bool(match["rp"] or grouped or int(plain) >= 1000)
    return Number("money" if is_money else "count", int(plain), *at)


def _scale(match: re.Match[str]) -> int:
    return _SCALES[match["scale"].lower()]
