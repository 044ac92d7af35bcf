"""Which items of the menu a customer names, typos and shortened names included."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from offline_model import words
from offline_model.prompt_reader import Item

_LONGEST = 5
_MAX_WORDS = 200
_NO_NAMES = frozenset(
    "yang dengan untuk pesan harga berapa masih tidak sudah ada mau menu porsi makan minum".split()
)


@dataclass(frozen=True)
class Found:
    """An item name at words `start` to `end`; several `items` when it is short for more than one."""

    start: int
    end: int
    items: tuple[Item, ...]


def find(text: str, menu: Sequence[Item]) -> list[Found]:
    """The items named in `text` (plain words), in order; the longest name wins."""
    tokens = text.split()[:_MAX_WORDS]
    names = [(words.plain(name).split(), item) for item in menu for name in item.names]
    found, at = list[Found](), 0
    while at < len(tokens):
        match = _longest(tokens, at, names)
        if match:
            found.append(match)
        at = match.end if match else at + 1
    return found


def marked(text: str, found: Sequence[Found]) -> str:
    """`text` with each item as @0, @1, … and each number as #2, so that patterns can be written about them."""
    tokens = [f"#{word}" if word.isdigit() and len(word) < 4 else word for word in text.split()]
    for number, match in reversed(list(enumerate(found))):
        tokens[match.start : match.end] = [f"@{number}"]
    return " ".join(tokens)


def _longest(tokens: Sequence[str], at: int, names: Sequence[tuple[list[str], Item]]) -> Found | None:
    for length in range(min(_LONGEST, len(tokens) - at), 0, -1):
        part = [_bare(token) for token in tokens[at : at + length]]
        same = _unique(
            item for name, item in names if len(name) == length and all(map(words.alike, part, name))
        )
        if same:
            return Found(at, at + length, same)
    for length in range(min(_LONGEST, len(tokens) - at), 0, -1):
        part = [_bare(token) for token in tokens[at : at + length]]
        short = _unique(item for name, item in names if _is_part(part, name))
        if short:
            return Found(at, at + length, short)
    return None


def _is_part(part: Sequence[str], name: Sequence[str]) -> bool:
    is_word = all(len(word) >= 4 and word not in _NO_NAMES and not word.isdigit() for word in part)
    return is_word and all(any(words.alike(word, other) for other in name) for word in part)


def _bare(token: str) -> str:
    return token.removesuffix("nya") if len(token) > 5 else token


def _unique(items: Iterable[Item]) -> tuple[Item, ...]:
    return tuple(dict.fromkeys(items))
