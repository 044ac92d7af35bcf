"""`python -m bench.knowledge_recall`: is the item that a customer misspells among the 20 shown to the agent?

Catalogues of 50, 500 and 5,000 items are composed from words of five trades; each query names one item
with slips of the finger and chat around it. Prints a table and writes bench/results/knowledge_recall.json.
"""

import json
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import product as pairs
from pathlib import Path
from uuid import UUID, uuid5

from balas.agent import knowledge
from balas.catalog import Product, ProductId

SIZES = (50, 500, 5000)
QUERIES = 300
RESULT = Path(__file__).parent / "results" / "knowledge_recall.json"

_SPACE = UUID("00000000-0000-4000-8000-00000000be9c")
_KINDS = (
    "Nasi Goreng", "Mie Ayam", "Ayam Geprek", "Kopi Susu", "Es Teh", "Kemeja Flanel", "Celana Jeans",
    "Hijab Voal", "Kaos Polos", "Gamis Katun", "Oli Mesin", "Kampas Rem", "Ban Luar", "Lampu Depan",
    "Aki Kering", "Serum Wajah", "Sabun Cuci", "Beras Premium", "Minyak Goreng", "Gula Pasir",
    "Roti Tawar", "Kue Lapis", "Donat Kentang", "Spanduk Flexi", "Stiker Vinyl",
)  # fmt: skip
_MARKS = (
    "Spesial", "Jumbo", "Original", "Pedas", "Manis", "Merah", "Biru", "Hitam", "Putih", "Hijau",
    "Kecil", "Besar", "Keju", "Cokelat", "Seafood", "Madu", "Pandan", "Melati", "Depan", "Belakang",
)  # fmt: skip
_SIZES = ("", "1 kg", "250 g", "500 g", "1 liter", "S", "M", "L", "XL", "20 ml")
_CHAT = ("kak {} ada?", "mau {} dong", "{} brp ya", "min harga {}", "masih ada {} ga", "{}")


@dataclass(frozen=True)
class Row:
    """The result at one size; times in milliseconds."""

    items: int
    queries: int
    recall_at_20: float
    recall_at_1: float
    p50_ms: float
    p95_ms: float


def main() -> int:
    """0; prints and saves the table."""
    rows = [_measure(size) for size in SIZES]
    sys.stdout.write(
        "| Items | Queries | Recall@20 | Recall@1 | p50 ms | p95 ms |\n|---|---|---|---|---|---|\n"
    )
    for row in rows:
        sys.stdout.write(
            f"| {row.items:,} | {row.queries} | {row.recall_at_20:.3f} | {row.recall_at_1:.3f} "
            f"| {row.p50_ms:.1f} | {row.p95_ms:.1f} |\n"
        )
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps([asdict(row) for row in rows], indent=2) + "\n", encoding="utf-8")
    return 0


def _measure(size: int) -> Row:
    dice = random.Random(size)  # noqa: S311 - the same catalogue in every run
    menu = list(_menu(size, dice))
    places, spent = list[int](), list[float]()
    for wanted in dice.choices(menu, k=QUERIES):
        query = dice.choice(_CHAT).format(_misspelt(wanted.name, dice))
        began = time.perf_counter()
        ranked = knowledge.rank(query, menu)
        spent.append((time.perf_counter() - began) * 1000)
        places.append(next(at for at, item in enumerate(ranked) if item.sku == wanted.sku))
    spent.sort()
    return Row(
        items=size,
        queries=QUERIES,
        recall_at_20=sum(place < knowledge.BEST_ITEMS for place in places) / QUERIES,
        recall_at_1=sum(place == 0 for place in places) / QUERIES,
        p50_ms=round(spent[QUERIES // 2], 2),
        p95_ms=round(spent[int(QUERIES * 0.95)], 2),
    )


def _menu(size: int, dice: random.Random) -> Iterator[Product]:
    names = [" ".join(filter(None, parts)) for parts in pairs(_KINDS, _MARKS, _SIZES)]
    for at, name in enumerate(dice.sample(names, size)):
        price = 1000 * (at % 90 + 5)
        yield Product(ProductId(uuid5(_SPACE, name)), f"P{at}", name, price, None, (), "", active=True)


def _misspelt(name: str, dice: random.Random) -> str:
    """`name` as typed in a hurry: one or two slips of the finger."""
    letters = list(name.lower())
    for _ in range(dice.choice((1, 1, 2))):
        at = dice.randrange(1, len(letters) - 1)
        if not letters[at].isalpha():
            continue
        match dice.choice(("drop", "swap", "double")):
            case "drop":
                letters[at] = ""
            case "swap" if letters[at + 1].isalpha():
                letters[at], letters[at + 1] = letters[at + 1], letters[at]
            case _:
                letters[at] *= 2
    return "".join(letters)


if __name__ == "__main__":
    sys.exit(main())
