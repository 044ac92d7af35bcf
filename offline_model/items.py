"""Which items of the menu a customer names, typos and shortened names included."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from offline_model import words
from offline_model.prompt_reader import Item

_LONGEST = 5
_NEAR = 4  # words after a name that may tell its items apart
_LINKS = frozenset({"yang", "itu", "nya", "ukuran", "rasa"})
_MAX_WORDS = 200


@dataclass(frozen=True)
class Found:
    """An item's name at words `start` to `end`; several `items` when it is short for more than one."""

    start: int
    end: int
    items: tuple[Item, ...]


def find(text: str, menu: Sequence[Item]) -> list[Found]:
    """The items named in `text` (plain words), in order; whole names win over parts, long ones over short."""
    tokens = text.split()[:_MAX_WORDS]
    names = [(words.plain(name).split(), item) for item in menu for name in item.names]
    found, at = list[Found](), 0
    while at < len(tokens):
        if match := _longest(tokens, at, names):
            found.append(_narrowed(tokens, match, names))
        at = found[-1].end if match else at + 1
    return found


def each(found: Sequence[Found]) -> list[Item]:
    """Every item that may be meant, once."""
    return list(dict.fromkeys(item for name in found for item in name.items))


def _plainest(items: tuple[Item, ...]) -> tuple[Item, ...]:
    """Of "Mug" and "Mug Bunglon" the first: the item whose name all the others only add to."""
    spoken = {item: set(words.plain(item.name).split()) for item in items}
    plain = tuple(item for item in items if all(spoken[item] <= spoken[other] for other in items))
    return plain if len(plain) == 1 else items


def _narrowed(tokens: Sequence[str], match: Found, names: Sequence[tuple[list[str], Item]]) -> Found:
    """The match with the words beside it that tell its items apart: "minyak" + "2 liter"."""
    items, end, is_apart = match.items, match.end, False
    for at in range(match.end, min(match.end + _NEAR, len(tokens))):
        fitting = tuple(item for item in items if _has(tokens[at], item, names))
        if fitting and len(fitting) < len(items):
            items, end = fitting, end if is_apart else at + 1
        elif not fitting and tokens[at].isdigit():
            is_apart = True
        elif not fitting and tokens[at] not in _LINKS:
            break
    return Found(match.start, end, _plainest(items))


def _has(token: str, item: Item, names: Sequence[tuple[list[str], Item]]) -> bool:
    return any(words.alike(_bare(token), word) for name, of in names if of == item for word in name)


def marked(text: str, found: Sequence[Found]) -> str:
    """`text` with each item as @0, @1, … and each number as #2: patterns can speak of them."""
    tokens = [f"#{word}" if word.isdigit() and len(word) < 4 else word for word in text.split()]
    for number, match in reversed(list(enumerate(found))):
        tokens[match.start : match.end] = [f"@{number}"]
    units = words.vocabulary()["lists"]["units"].replace(" ", "|")
    return re.sub(rf"(#\d+) (?:{units})\b", r"\1", " ".join(tokens))


def _longest(tokens: Sequence[str], at: int, names: Sequence[tuple[list[str], Item]]) -> Found | None:
    for fits in (_is_name, _is_slip, _is_part):
        for length in range(min(_LONGEST, len(tokens) - at), 0, -1):
            part = [_bare(token) for token in tokens[at : at + length]]
            meant = tuple(dict.fromkeys(item for name, item in names if fits(part, name)))
            if meant:
                return Found(at, at + length, meant)
    return None


def _is_name(part: Sequence[str], name: Sequence[str]) -> bool:
    return len(part) == len(name) and all(map(words.alike, part, name))


def _is_slip(part: Sequence[str], name: Sequence[str]) -> bool:
    """ "nsi gorng" for "nasi goreng", "es the" for "es teh"."""
    if any(a != b for a, b in zip(part, name, strict=False) if not (a.isalpha() and b.isalpha())):
        return False
    one, other = " ".join(part), " ".join(name)
    return len(part) == len(name) > 1 and OSA.distance(one, other) <= min(2, len(other) // 6)


def _is_part(part: Sequence[str], name: Sequence[str]) -> bool:
    vague = words.vocabulary()["lists"]["no_item"].split()
    is_telling = all(len(word) >= 3 and word not in vague and word.isalpha() for word in part)
    return is_telling and all(any(words.alike(word, other) for other in name) for word in part)


def _bare(token: str) -> str:
    return token.removesuffix("nya") if len(token) > 5 else token
