"""Whether the shop's data bears every number in a reply: written apart from the guards, to judge them.

A sum of money next to an item or area must be its price or fee, times a quantity of the chat at most.
Any other number must stand in the shop's data, the order or the chat. A sum that only the customer named
may be turned down, not granted. Number words ("dua puluh ribu") are not read.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

from balas.order import Order
from balas.turn import Turn
from evals import numbers
from evals.numbers import Number

_SENTENCE = re.compile(r"(?<=[.!?;])\s+|\n+")
_WORD = re.compile(r"[^\W_]+")
_TURNED_DOWN = re.compile(
    r"\b(?:tidak|tdk|bukan|belum|blm|gak|ga|nggak|ngga|enggak|tak|tra|ora|mboten|maaf|budget|bujet|dana|uang"
    r"|not|cannot|can't|sorry|no|never)\b",
    re.IGNORECASE,
)
_SUM = re.compile(r"\b(?:total|totalnya|subtotal|jumlah|jumlahnya|semua|semuanya|jadi|jadinya)\b|=", re.I)


@dataclass(frozen=True)
class _Named:
    """What a price stands for: the words of a name, and what it costs."""

    words: frozenset[str]
    price: int


@dataclass(frozen=True)
class _Facts:
    things: tuple[_Named, ...]
    stated: frozenset[tuple[str, int]]  # numbers in the shop's own words, by sort
    chat: frozenset[tuple[str, int]]
    customer: frozenset[tuple[str, int]]
    sums: frozenset[int]
    quantities: frozenset[int]


def ungrounded(reply: str, turn: Turn, order: Order | None) -> list[str]:
    """The numbers of `reply`, as written there, that nothing bears; `order` is what the reply leads to."""
    facts = _collect(turn, [each for each in (order, turn.draft_order) if each])
    context = _prices_named(" ".join([*(m.text for m in (*turn.recent, *turn.unanswered)), reply]), facts)
    found = list[str]()
    for sentence in _SENTENCE.split(reply):
        listed = re.match(r"\s*\d{1,2}[.)]\s", sentence)
        all_numbers = numbers.find(sentence)
        for at, number in enumerate(all_numbers):
            if listed and number.end <= listed.end():
                continue
            if not _is_borne(sentence, all_numbers, at, facts, context):
                found.append(sentence[number.start : number.end])
    return found


def _collect(turn: Turn, orders: Sequence[Order]) -> _Facts:
    profile = turn.profile
    items = [product for product in turn.products if product.active]
    names = [(name, p.price) for p in items for name in (p.name, *p.aliases)]
    areas = [(place.area, place.fee) for place in profile.delivery]
    hours = [hour for spans in profile.hours.values() for span in spans for hour in span]
    shop = [
        profile.business_name, profile.description, profile.address, profile.phone, profile.greeting,
        *profile.payments, *profile.handover_rules, *hours,
        *(f"{p.sku} {p.name} {p.description} {p.stock} {' '.join(p.aliases)}" for p in items),
        *(f"{faq.question} {faq.answer}" for faq in turn.faqs),
        *(line.note for order in orders for line in order.lines),
    ]  # fmt: skip
    stated = _read(shop) | {("money", price) for _, price in areas}
    stated |= {("count", value // 60) for sort, value in stated if sort == "time"}
    customer = _read(m.text for m in (*turn.recent, *turn.unanswered) if m.author == "contact")
    told = _read(m.text for m in turn.recent if m.author != "contact")
    ordered = {line.qty for order in orders for line in order.lines}
    return _Facts(
        things=tuple(_Named(_words(name), price) for name, price in (*names, *areas)),
        stated=frozenset(stated | told),
        chat=frozenset(customer | told),
        customer=frozenset(customer),
        sums=frozenset(chain.from_iterable(_sums(order) for order in orders)),
        quantities=frozenset(ordered | {value for sort, value in customer | told if sort == "count"} | {1}),
    )


def _sums(order: Order) -> set[int]:
    subtotals = [line.subtotal for line in order.lines]
    return {order.total, sum(subtotals), *subtotals, *(line.unit_price for line in order.lines)}


def _read(texts: Iterable[str]) -> set[tuple[str, int]]:
    return {(number.sort, number.value) for text in texts for number in numbers.find(text)}


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text.lower()))


def _is_borne(
    sentence: str, all_numbers: Sequence[Number], at: int, facts: _Facts, context: frozenset[int]
) -> bool:
    number = all_numbers[at]
    key = (number.sort, number.value)
    if number.sort == "money":
        return _is_price(sentence, all_numbers, at, facts, context) or (
            key in facts.customer and bool(_TURNED_DOWN.search(sentence))
        )
    if number.sort == "percent":
        return key in facts.stated or (key in facts.customer and bool(_TURNED_DOWN.search(sentence)))
    if number.sort == "count":
        return key in facts.stated | facts.chat or number.value in facts.quantities
    return key in facts.stated | facts.chat


def _is_price(
    sentence: str, all_numbers: Sequence[Number], at: int, facts: _Facts, context: frozenset[int]
) -> bool:
    number = all_numbers[at]
    money = [other for other in all_numbers if other.sort == "money"]
    place = money.index(number)
    start = money[place - 1].end if place else 0
    before = sentence[start : number.start]
    if number.value in {value for sort, value in facts.stated if sort == "money"}:
        return not _fully_named(before, facts) or number.value in _allowed(before, sentence, facts)
    is_sum = bool(_SUM.search(before))
    if is_sum and number.value in facts.sums:
        return True
    if _fully_named(before, facts):
        return number.value in _allowed(before, sentence, facts)
    if is_sum and facts.sums:
        return False
    near = context or frozenset(thing.price for thing in facts.things)
    end = money[place + 1].start if place + 1 < len(money) else len(sentence)
    after = _allowed(sentence[number.end : end], sentence, facts)
    loose = near | facts.sums | after | _allowed(before, sentence, facts)
    return number.value in loose | _multiples(near, sentence, facts)


def _fully_named(text: str, facts: _Facts) -> bool:
    """Whether `text` holds a whole name, and not only words out of one."""
    words = _words(text)
    return any(thing.words <= words for thing in facts.things)


def _prices_named(text: str, facts: _Facts) -> frozenset[int]:
    """What the things cost that `text` speaks of: of two with the same words, the one that more words fit."""
    words = _words(text)
    fits = {thing: fit for thing in facts.things if (fit := thing.words & words)}
    best = [
        thing for thing, fit in fits.items()
        if not any(_fits_better(fit, other, is_whole=thing.words <= words) for other in fits.values())
    ]  # fmt: skip
    whole = {fits[thing] for thing in best if thing.words <= words}
    return frozenset(t.price for t in best if t.words <= words or fits[t] not in whole)


def _fits_better(fit: frozenset[str], other: frozenset[str], *, is_whole: bool) -> bool:
    """More words fit; but a whole name does not lose to one that fits by a figure more: "1 x Kopi"."""
    more = other - fit
    return fit < other and not (is_whole and all(word.isdigit() for word in more))


def _allowed(text: str, sentence: str, facts: _Facts) -> frozenset[int]:
    prices = _prices_named(text, facts)
    return prices | _multiples(prices, sentence, facts)


def _multiples(prices: Iterable[int], sentence: str, facts: _Facts) -> frozenset[int]:
    said = {number.value for number in numbers.find(sentence) if number.sort == "count"}
    return frozenset(price * qty for price in prices for qty in facts.quantities | said if 0 < qty <= 500)
