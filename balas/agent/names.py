"""Where a text names the shop's items and delivery areas, and what these cost."""

import re
from dataclasses import dataclass
from itertools import pairwise

from balas.agent import knowledge
from balas.catalog import Product
from balas.turn import Turn

_TOKEN = re.compile(r"[^\W_]+")
_GAP = re.compile(r"[\s\-'\"()%/]{0,3}|[.,]")
_LIKELY_MEANT = 5


@dataclass(frozen=True)
class Mention:
    """A name in a text; `exact` holds its price, `wide` the prices of all items that share the words.

    `is_clear` is False for a single word out of an item's name ("ayam"): a hint, no more.
    """

    start: int
    end: int
    exact: frozenset[int]
    wide: frozenset[int]
    is_clear: bool
    is_area: bool
    products: frozenset[Product] = frozenset()


@dataclass(frozen=True)
class Names:
    """The items that each name, alias and part of a name may mean, by its words; areas with their fees."""

    exact: dict[tuple[str, ...], frozenset[Product]]
    parts: dict[tuple[str, ...], frozenset[Product]]
    areas: dict[tuple[str, ...], frozenset[int]]
    longest: int

    def find(self, text: str, start: int, end: int) -> list[Mention]:
        """The mentions between `start` and `end`, longest names first served, in order."""
        tokens = list(_TOKEN.finditer(text, start, end))
        found, at = list[Mention](), 0
        while at < len(tokens):
            mention, used = self._at(text, tokens, at)
            if mention:
                found.append(mention)
            at += used
        return found

    def _at(self, text: str, tokens: list[re.Match[str]], at: int) -> tuple[Mention | None, int]:
        for length in range(min(self.longest, len(tokens) - at), 0, -1):
            part = tokens[at : at + length]
            if all(_GAP.fullmatch(text, a.end(), b.start()) for a, b in pairwise(part)):
                words = tuple(m.group().lower() for m in part)
                for key in (words, (*words[:-1], words[-1].removesuffix("nya"))):
                    if mention := self._mention(key, part[0].start(), part[-1].end()):
                        return mention, length
        return None, 1

    def _mention(self, key: tuple[str, ...], start: int, end: int) -> Mention | None:
        exact, part, area = self.exact.get(key), self.parts.get(key), self.areas.get(key)
        if area is not None:
            return Mention(start, end, area, area, is_clear=True, is_area=True)
        if exact is None and part is None:
            return None
        wide = (exact or frozenset()) | (part or frozenset())
        meant = exact or wide
        is_clear = exact is not None or len(key) > 1
        return Mention(start, end, _prices(meant), _prices(wide), is_clear, is_area=False, products=meant)


def index(turn: Turn) -> Names:
    """The names of a shop's active items and delivery areas."""
    exact, parts = dict[tuple[str, ...], set[Product]](), dict[tuple[str, ...], set[Product]]()
    for product in turn.products:
        if product.active:
            for name in (product.name, *product.aliases):
                exact.setdefault(_key(name), set()).add(product)
            for part in _parts(_key(product.name)):
                parts.setdefault(part, set()).add(product)
    areas = {_key(place.area): frozenset([place.fee]) for place in turn.profile.delivery}
    exact.pop((), None)
    areas.pop((), None)
    return Names(
        {key: frozenset(found) for key, found in exact.items()},
        {key: frozenset(found) for key, found in parts.items()},
        areas,
        max(map(len, [*exact, *parts, *areas]), default=0),
    )


def guessed_prices(turn: Turn) -> frozenset[int]:
    """The prices of what a customer probably means who spells no item's name right."""
    likely = knowledge.rank(knowledge.asked(turn), [p for p in turn.products if p.active])
    return frozenset(product.price for product in likely[:_LIKELY_MEANT])


def fact_texts(turn: Turn) -> list[str]:
    """Everything the owner wrote that a reply may quote."""
    profile = turn.profile
    return [
        profile.business_name, profile.description, profile.address, profile.phone, profile.greeting,
        *profile.payments,
        *(place.area for place in profile.delivery),
        *(f"{faq.question} {faq.answer}" for faq in turn.faqs),
        *(f"{product.name} {product.description}" for product in turn.products if product.active),
    ]  # fmt: skip


def without_markup(text: str) -> str:
    """`text` with WhatsApp's bold, italic, strike and code signs as spaces; nothing moves."""
    return re.sub(r"[*_~`]", " ", text)


def _prices(products: frozenset[Product]) -> frozenset[int]:
    return frozenset(product.price for product in products)


def _key(name: str) -> tuple[str, ...]:
    return tuple(match.group().lower() for match in _TOKEN.finditer(name))


def _parts(key: tuple[str, ...]) -> set[tuple[str, ...]]:
    """The parts of a name that may stand for it: two words or more, or one long word."""
    runs = {key[i:j] for i in range(len(key)) for j in range(i + 1, len(key) + 1)}
    return {run for run in runs if len(run) > 1 or len("".join(run)) >= 4}
