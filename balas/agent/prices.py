"""Whether every sum of money in a reply is backed by the shop: the price of the very item it stands with.

An amount belongs to the items named in its clause, else in its sentence, else in the sentences before,
else to those that the customer asked about. Delivery areas work like items, with their fee. Besides these, a
reply may repeat a sum that code computed, one that the owner wrote about the same thing, and one that it
turns down.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from balas import rupiah
from balas.agent import evidence, names
from balas.agent.evidence import Evidence
from balas.agent.names import Mention, Names
from balas.order import Order
from balas.rupiah import Amount
from balas.turn import Turn

_SENTENCE_END = re.compile(r"\n|[.!?;](?=\s|$)")
_CLAUSE_END = re.compile(r",(?=\s)|\b(?:sedangkan|sementara|tapi|tetapi|kalau|kalo|klo)\b", re.IGNORECASE)
_AND = re.compile(r"\s*(?:dan|&|\+|sama|atau|/|plus)\s*", re.IGNORECASE)
_RANGE = re.compile(r"\s*(?:-|–|sampai|s/d|sd|hingga|atau|/|dan)\s*(?:dengan\s*)?", re.IGNORECASE)
_FOR = re.compile(r"\s*(?:saja|aja)?\s*(?:untuk|buat|bagi|itu)\s+", re.IGNORECASE)
_EACH = re.compile(r"\b(?:masing|sama-sama|semua|semuanya|keduanya|dua-duanya)\b", re.IGNORECASE)
_TOTAL = re.compile(r"\b(?:total|totalnya|jumlah|jumlahnya|subtotal|semuanya)\b", re.IGNORECASE)
_TERMS = re.compile(
    r"\b(?:minimal|minimum|min|gratis|di atas|belanja|diskon|potongan|cashback"
    r"|biaya|dp|deposit|denda|garansi)\b",
    re.IGNORECASE,
)
_DELIVERY = re.compile(
    r"\b(?:ongkir|ongkos|(?:di|peng)?(?:antar|kirim)|delivery)(?:an|nya)?\b", re.IGNORECASE
)
_TURNED_DOWN = re.compile(
    r"\b(?:bukan|budget\w*|bujet\w*|dana|uang|kembalian|di bawah|under|kurang dari|maksimal"
    r"|(?:tidak|nggak|ngga|gak|ga|belum) bisa)\W+(?:\w+\W+){0,2}$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class _Sentence:
    text: str
    start: int
    end: int
    amounts: tuple[Amount, ...]
    mentions: tuple[Mention, ...]

    def clause(self, amount: Amount) -> tuple[int, int]:
        """Where the clause of `amount` begins and ends."""
        cuts = [m.span() for m in _CLAUSE_END.finditer(self.text, self.start, self.end)]
        first = max((end for _, end in cuts if end <= amount.start), default=self.start)
        return first, min((start for start, _ in cuts if start >= amount.end), default=self.end)


@dataclass(frozen=True)
class _Claim:
    """What an amount is about: the prices it may be; `is_plain` when the clause itself names the item."""

    prices: frozenset[int]
    is_plain: bool = field(default=False)


def unbacked(reply: str, turn: Turn, order: Order | None) -> list[str]:
    """The sums in `reply`, as written there, that nothing backs; `order` is the order it leads to."""
    text = names.without_markup(reply)
    if not rupiah.amounts(text):
        return []
    index = names.index(turn)
    shop = evidence.collect(turn, order, index)
    before, found = frozenset[int](), list[str]()
    words_before = frozenset[str]()
    for sentence in _sentences(text, index):
        words = evidence.words_of(text[sentence.start : sentence.end])
        for amount in sentence.amounts:
            claim = _claim(sentence, amount, before or shop.asked)
            if not _is_backed(sentence, amount, claim, shop, words | words_before):
                found.append(text[amount.start : amount.end])
        before = frozenset[int]().union(*(m.exact for m in sentence.mentions)) or before
        words_before = words
    return found


def _sentences(text: str, index: Names) -> list[_Sentence]:
    amounts = rupiah.amounts(text)
    ends = [m for m in _SENTENCE_END.finditer(text) if not any(a.start <= m.start() < a.end for a in amounts)]
    bounds = [0, *(m.end() for m in ends), len(text)]
    return [_sentence(text, a, b, amounts, index) for a, b in pairwise(bounds) if text[a:b].strip()]


def _sentence(text: str, start: int, end: int, amounts: Sequence[Amount], index: Names) -> _Sentence:
    found = index.find(text, start, end)
    free = [
        a for a in amounts
        if start <= a.start < end and not any(m.start <= a.start and a.end <= m.end for m in found)
    ]  # fmt: skip
    cuts = [m.start() for m in _CLAUSE_END.finditer(text, start, end)]
    return _Sentence(text, start, end, tuple(free), _strongest(found, cuts))


def _strongest(mentions: Sequence[Mention], cuts: Sequence[int]) -> tuple[Mention, ...]:
    """The mentions, without the vague ones of a clause that names an item clearly."""
    clause = {mention: sum(cut < mention.start for cut in cuts) for mention in mentions}
    clear = {clause[mention] for mention in mentions if mention.is_clear}
    return tuple(m for m in mentions if m.is_clear or clause[m] not in clear)


def _claim(sentence: _Sentence, amount: Amount, known: frozenset[int]) -> _Claim:
    run = _run(sentence, amount)
    first, last = sentence.clause(amount)
    right = _mentions_after(sentence, run[-1], last)
    if _TERMS.search(sentence.text, first, last):
        known = frozenset()
    if right and _FOR.fullmatch(sentence.text, amount.end, right[0].start):
        return _Claim(_prices(sentence, right, run, amount), is_plain=True)
    left = _mentions_before(sentence, run[0])
    near = [m for m in left if m.start >= first]
    if near and not _EACH.search(sentence.text, left[0].end, amount.start):
        return _Claim(_prices(sentence, near, run, amount), is_plain=any(m.is_clear for m in near))
    if left:
        return _Claim(_prices(sentence, left, run, amount))
    if right:
        is_next = len(sentence.text[amount.end : right[0].start].split()) <= 2
        prices = _prices(sentence, right, run, amount)
        return _Claim(prices, is_plain=True) if is_next and not known else _Claim(prices | known)
    return _Claim(known)


def _run(sentence: _Sentence, amount: Amount) -> list[Amount]:
    """The amounts that stand together with `amount`: "Rp18.000 - Rp25.000"."""
    run = [amount]
    for other in reversed([a for a in sentence.amounts if a.end <= amount.start]):
        if not _RANGE.fullmatch(sentence.text, other.end, run[0].start):
            break
        run.insert(0, other)
    for other in [a for a in sentence.amounts if a.start >= amount.end]:
        if not _RANGE.fullmatch(sentence.text, run[-1].end, other.start):
            break
        run.append(other)
    return run


def _mentions_before(sentence: _Sentence, first: Amount) -> list[Mention]:
    """The mentions since the amount before `first`."""
    since = max((a.end for a in sentence.amounts if a.end <= first.start), default=sentence.start)
    return [m for m in sentence.mentions if since <= m.start and m.end <= first.start]


def _mentions_after(sentence: _Sentence, last: Amount, until: int) -> list[Mention]:
    until = min((a.start for a in sentence.amounts if a.start >= last.end), default=until)
    return [m for m in sentence.mentions if last.end <= m.start and m.end <= until]


def _prices(
    sentence: _Sentence, mentions: Sequence[Mention], run: Sequence[Amount], amount: Amount
) -> frozenset[int]:
    """What `amount` may be if it is about `mentions`: "A dan B" means both, or each in its turn."""
    text = sentence.text
    is_pair = len(mentions) > 1 and all(_AND.fullmatch(text, a.end, b.start) for a, b in pairwise(mentions))
    if len(run) == len(mentions) > 1:
        return mentions[run.index(amount)].exact
    if len(run) > 1:
        return frozenset[int]().union(*(m.wide for m in mentions))
    if is_pair or _EACH.search(text, mentions[0].end, amount.start):
        return mentions[0].exact.intersection(*(m.exact for m in mentions[1:]))
    return frozenset[int]().union(*(m.exact for m in mentions))


def _is_backed(
    sentence: _Sentence, amount: Amount, claim: _Claim, shop: Evidence, words: frozenset[str]
) -> bool:
    first, last = sentence.clause(amount)
    clause, value = sentence.text[first:last], amount.value
    if value in claim.prices or value in _multiples(_unnamed(sentence, first, last), claim.prices):
        return True
    if value in shop.said and _TURNED_DOWN.search(sentence.text[first : amount.start]):
        return True
    if value in shop.sums and (not claim.is_plain or _TOTAL.search(clause)):
        return True
    if _DELIVERY.search(clause) and value in _fees(sentence, amount, shop):
        return True
    if not claim.is_plain and sentence.text[amount.start : amount.end] in shop.digits:
        return True
    about = words if claim.is_plain else words | shop.customer_words
    needed = 2 if claim.is_plain else 1
    return any(value in sums and len(about & topic) >= needed for sums, topic in shop.statements)


def _unnamed(sentence: _Sentence, first: int, last: int) -> str:
    """The clause without the items' names: the 10 of "Serum 10 ml" is no quantity."""
    clause = sentence.text[first:last]
    for mention in sentence.mentions:
        if first <= mention.start and mention.end <= last:
            hidden = " " * (mention.end - mention.start)
            clause = clause[: mention.start - first] + hidden + clause[mention.end - first :]
    return clause


def _multiples(clause: str, prices: frozenset[int]) -> set[int]:
    """The right sums for a quantity that the clause names: "2 porsi jadi Rp36.000"."""
    return {int(n) * p for n in re.findall(r"(?<![\w.,])\d{1,3}(?![\w.,]*\d)", clause) for p in prices}


def _fees(sentence: _Sentence, amount: Amount, shop: Evidence) -> frozenset[int]:
    named = frozenset[int]().union(*(m.exact for m in sentence.mentions if m.is_area))
    if named:
        return named
    return shop.fees if len(_run(sentence, amount)) > 1 else shop.asked_fees or shop.fees
