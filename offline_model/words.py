"""Indonesian as customers type it, made plain: lower case, slang spelt out, numbers as figures."""

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import TypedDict, cast

from rapidfuzz import fuzz

MAX_CHARS = 2000


class Vocabulary(TypedDict):
    """The tables of vocabulary.toml."""

    slang: dict[str, str]
    numbers: dict[str, str]
    lists: dict[str, str]
    patterns: dict[str, list[str]]
    signs: dict[str, list[str]]
    replies: dict[str, str]


@cache
def vocabulary() -> Vocabulary:
    """The engine's words, read once."""
    text = Path(__file__).with_name("vocabulary.toml").read_text(encoding="utf-8")
    return cast("Vocabulary", tomllib.loads(text))


def reply(sentence: str, **facts: object) -> str:
    """One of the engine's sentences, filled in."""
    return vocabulary()["replies"][sentence].format(**facts)


def plain(text: str) -> str:
    """`text` in plain words: "2nasgor, brp yaaa" becomes "2 nasi goreng , berapa ya"."""
    text = re.sub(r"([a-z])\1{2,}", r"\1", text[:MAX_CHARS].lower().replace("'", ""))
    text = re.sub(r"\b([a-z]{3,})2\b", r"\1 \1", text)  # reduplication: "gado2"
    text = re.sub(r"(?<=\d)\s?x\b|\bx\s?(?=\d)", " ", text)
    text = re.sub(r"(?<=\d)(?=[a-z])(?!(?:rb|k|ribu|jt)\b)|(?<=[a-z]{3})(?=\d)", " ", text)
    text = re.sub(r"(?<=\d) ?(?:gram|gr|g)\b", " gram", text)
    spelt_out = _spelt_out()
    return _counted(" ".join(spelt_out.get(m.group(), m.group()) for m in re.finditer(r"[^\W_]+|[,;]", text)))


def _counted(text: str) -> str:
    """ "5 puluh 2" is 52, "3 belas" 13, "2 lusin" 24, "setengah lusin" 6."""
    text = re.sub(r"\bsetengah lusin\b", "6", text)
    text = re.sub(r"\b(\d) puluh(?: (\d)\b(?! \d))?", lambda m: str(int(m[1]) * 10 + int(m[2] or 0)), text)
    text = re.sub(r"\b(\d) belas\b", lambda m: str(int(m[1]) + 10), text)
    return re.sub(r"\b(\d{1,2}) lusin\b", lambda m: str(int(m[1]) * 12), text)


def signs(text: str) -> frozenset[str]:
    """The names of all signs that `text` (plain words) shows: what the customer may want."""
    text = " ".join(re.findall(r"\w+", text))
    shown = {name for name, sign in _signs().items() if sign.search(text)}
    if "wish" in shown and not _signs()["complaint"].search(_signs()["wish"].sub(" ", text)):
        shown.discard("complaint")
    return frozenset(shown)


@cache
def pattern(name: str) -> re.Pattern[str]:
    """What the vocabulary's patterns of that name find."""
    return re.compile("|".join(vocabulary()["patterns"][name]), re.IGNORECASE | re.DOTALL)


def alike(one: str, other: str) -> bool:
    """Whether two words are the same but for a slip of the finger; short words must be equal."""
    if one == other:
        return True
    return min(len(one), len(other)) > 4 and one[0] == other[0] and fuzz.ratio(one, other) >= 82


@cache
def _spelt_out() -> dict[str, str]:
    tables = (vocabulary()["slang"], vocabulary()["numbers"])
    forms = {form: word for table in tables for word, forms in table.items() for form in forms.split()}
    return {**forms, ";": ","}


@cache
def _signs() -> dict[str, re.Pattern[str]]:
    return {name: re.compile("|".join(patterns)) for name, patterns in vocabulary()["signs"].items()}
