"""What may back a sum of money besides the items that a reply names."""

import re
from dataclasses import dataclass

from balas import rupiah
from balas.agent import names
from balas.agent.names import Names
from balas.order import Order
from balas.turn import Turn

_READ_CHARS = 2000  # of each message
_COMMON_WORDS = frozenset({
    "kakak", "yang", "untuk", "dari", "bisa", "kami", "kita", "dengan", "harga", "harganya", "rupiah",
    "semua", "menu", "mulai", "sudah", "saja", "juga", "atau", "pesan", "kalau", "berapa", "apakah", "minta",
})  # fmt: skip


@dataclass(frozen=True)
class Evidence:
    """Sums in rupiah: `asked` of the items the customer asked about, `said` by himself, `sums` from orders.

    `statements` pair the sums in an owner's text with the words it is about; `digits` stand in the address.
    """

    asked: frozenset[int]
    asked_fees: frozenset[int]
    fees: frozenset[int]
    sums: frozenset[int]
    said: frozenset[int]
    statements: tuple[tuple[frozenset[int], frozenset[str]], ...]
    digits: frozenset[str]
    customer_words: frozenset[str]


def collect(turn: Turn, order: Order | None, index: Names) -> Evidence:
    """The evidence of a turn; `order` is the order that it leads to."""
    waiting = [m.text[:_READ_CHARS] for m in turn.unanswered]
    before = [m.text[:_READ_CHARS] for m in turn.recent if m.author == "contact"]
    chat = "\n".join([*(m.text[:_READ_CHARS] for m in turn.recent[-4:]), *waiting])
    asked = index.find(chat, 0, len(chat))
    return Evidence(
        asked=frozenset[int]().union(*(m.exact for m in asked)) or names.guessed_prices(turn),
        asked_fees=frozenset[int]().union(*(m.exact for m in asked if m.is_area)),
        fees=frozenset(place.fee for place in turn.profile.delivery),
        sums=frozenset[int]().union(*(_sums(each) for each in (order, turn.draft_order) if each)),
        said=_amounts("\n".join([*before, *waiting])),
        statements=tuple(
            (sums, words_of(text)) for text in names.fact_texts(turn) if (sums := _amounts(text))
        ),
        digits=frozenset(re.findall(r"\d+", f"{turn.profile.address} {turn.profile.phone}")),
        customer_words=words_of(" ".join(waiting)),
    )


def words_of(text: str) -> frozenset[str]:
    """The telling words of a text."""
    return frozenset(re.findall(r"[^\W\d_]{4,}", text.lower())) - _COMMON_WORDS


def _amounts(text: str) -> frozenset[int]:
    return frozenset(amount.value for amount in rupiah.amounts(text))


def _sums(order: Order) -> set[int]:
    subtotals = [line.subtotal for line in order.lines]
    return {order.total, sum(subtotals), *subtotals}
