"""Whole rupiah: how we write them, and every way that people write them in a chat."""

import re
from dataclasses import dataclass

_WORD_VALUES = {
    "nol": 0, "satu": 1, "dua": 2, "tiga": 3, "empat": 4, "lima": 5, "enam": 6, "tujuh": 7, "delapan": 8,
    "sembilan": 9, "sepuluh": 10, "sebelas": 11, "seratus": 100, "seribu": 1000, "sejuta": 1_000_000,
}  # fmt: skip
_SCALES = {"ribu": 1000, "rb": 1000, "rebu": 1000, "juta": 1_000_000, "jt": 1_000_000}
_NUMBER_WORDS = "|".join([*_WORD_VALUES, "belas", "puluh", "ratus", *_SCALES])
_WORDS = re.compile(rf"\b(?:(?:{_NUMBER_WORDS})\b[ ]*)+", re.IGNORECASE)
_FIGURES = re.compile(
    r"(?:(?P<currency>\b(?:rp|idr)[.:]?\s*)|(?<![\w.,]))"
    r"(?P<number>\d{1,3}(?:[.,]\d{3}){1,3}(?!\d)|\d{1,12}(?:[.,]\d{1,2})?(?!\d))"
    r"(?:,-|,00\b|\.-)?"
    r"(?:\s*(?P<scale>ribuan|ribu|rebu|rb|k|juta|jt)\b)?"
    r"(?P<tail>\s*(?:rupiah|perak)\b)?",
    re.IGNORECASE,
)
_LONGEST_BARE = 100_000_000  # bare figures of 9 digits and more are phone and account numbers
_UNIT = re.compile(
    r"\s*(?:pcs|porsi|kotak|bungkus|box|dus|pak|gram|gr|kg|ml|liter|cc|orang|tusuk|biji|buah|menit|km|meter|m)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Amount:
    """A sum of money named in a text; `start` and `end` are its place there."""

    value: int
    start: int
    end: int


def write(amount: int) -> str:
    """The form the shop's customers read: Rp36.000."""
    return "Rp" + f"{amount:,}".replace(",", ".")


def amounts(text: str) -> list[Amount]:
    """Every sum of money in `text`, in order: 22rb, 22k, Rp 350.000,-, 18000, "dua puluh lima ribu"."""
    found = [a for m in _FIGURES.finditer(text) if (a := _from_figures(m))]
    taken = [range(a.start, a.end) for a in found]
    for match in _WORDS.finditer(text):
        value = _from_words(match.group().lower().split())
        if value >= 1000 and not any(match.start() in span for span in taken):
            found.append(Amount(value, match.start(), match.start() + len(match.group().rstrip())))
    return sorted(found, key=lambda amount: amount.start)


def _from_figures(match: re.Match[str]) -> Amount | None:
    number, scale = match["number"], (match["scale"] or "").lower()
    if scale:
        value = round(float(number.replace(",", ".")) * _scale(scale)) if _is_decimal(number) else 0
        value = value or int(re.sub(r"[.,]", "", number)) * _scale(scale)
        return Amount(value, match.start(), match.end())
    if _is_decimal(number) and not number.isdigit():
        return None  # 08.00, 1,5: a time or a measure
    value = int(re.sub(r"[.,]", "", number))
    if match["currency"] or match["tail"]:
        return Amount(value, match.start(), match.end())
    is_something_else = (
        not 1000 <= value < _LONGEST_BARE or _is_year(number) or _UNIT.match(match.string, match.end())
    )
    return None if is_something_else else Amount(value, match.start(), match.end())


def _scale(word: str) -> int:
    return 1_000_000 if word in {"juta", "jt"} else 1000


def _is_decimal(number: str) -> bool:
    return not re.search(r"[.,]\d{3}", number)


def _is_year(number: str) -> bool:
    return len(number) == 4 and "1900" <= number <= "2099" and number not in {"1900", "2000"}


def _from_words(words: list[str]) -> int:
    total = group = unit = 0
    for word in words:
        if word in _WORD_VALUES:
            unit += _WORD_VALUES[word]
        elif word == "belas":
            unit += 10
        elif word in {"puluh", "ratus"}:
            group, unit = group + (unit or 1) * (10 if word == "puluh" else 100), 0
        else:
            total, group, unit = total + (group + unit or 1) * _SCALES[word], 0, 0
    return total + group + unit
