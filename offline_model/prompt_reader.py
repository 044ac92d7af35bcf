"""What a request's messages tell: the shop, the moment, the draft order and the chat."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_SECTION = re.compile(r"^<(\w+)>\n(.*?)\n</\1>$", re.DOTALL | re.MULTILINE)
_BUBBLE = re.compile(r"<pesan jenis=(\w+)>(.*?)</pesan>", re.DOTALL)


@dataclass(frozen=True)
class Item:
    """A line of the menu; `stock` None when the shop does not count it."""

    sku: str
    name: str
    price: int
    stock: int | None
    names: tuple[str, ...]


@dataclass(frozen=True)
class Line:
    """A line of the draft order."""

    sku: str
    qty: int
    note: str


@dataclass(frozen=True)
class Bubble:
    """A customer's message; `kind` as the prompt spells it: teks, gambar, suara, …"""

    kind: str
    text: str


@dataclass(frozen=True)
class Scene:
    """All that the engine may know."""

    facts: Mapping[str, str]
    hours: Mapping[str, str]
    today: str
    door: str
    areas: tuple[tuple[str, int], ...]
    payments: tuple[str, ...]
    faqs: tuple[tuple[str, str], ...]
    menu: tuple[Item, ...]
    draft: tuple[Line, ...]
    area: str
    off: frozenset[str]
    waiting: tuple[Bubble, ...]
    before: tuple[str, ...]


def read(messages: Sequence[Mapping[str, object]]) -> Scene:
    """The scene that `messages` describe; what is missing there is empty here."""
    contents = [(str(m.get("role")), str(m.get("content") or "")) for m in messages]
    system = "\n".join(text for role, text in contents if role == "system")
    sections = {m[1]: [row for row in m[2].split("\n") if row != "-"] for m in _SECTION.finditer(system)}
    now = _pairs(sections.get("sekarang", []))
    asked = max(
        (i for i, (role, text) in enumerate(contents) if role == "user" and "<pesan " in text), default=-1
    )
    return Scene(
        facts=_pairs(sections.get("toko", [])),
        hours={day.lower(): span for day, span in _pairs(sections.get("jam_buka", [])).items()},
        today=now.get("waktu", "").split(" ")[0].lower(),
        door=now.get("toko", ""),
        areas=tuple((area, int(fee)) for area, fee in _rows(sections.get("ongkir", []), 2)),
        payments=tuple(sections.get("pembayaran", [])),
        faqs=_faqs(sections.get("faq", [])),
        menu=tuple(_item(row) for row in _rows(sections.get("menu", [])[1:], 6)),
        draft=tuple(
            Line(sku, int(qty), note) for sku, _, qty, note in _rows(sections.get("pesanan", [])[1:], 4)
        ),
        area=_pairs(sections.get("pesanan", [])).get("area antar", "-").strip("-"),
        off=frozenset(
            row.rsplit(": ", 1)[-1]
            for row in sections.get("aturan_pemilik", [])
            if row.startswith("tugas mati")
        ),
        waiting=_bubbles(contents[asked][1]) if asked >= 0 else (),
        before=tuple(_plain(text) for role, text in contents[: max(asked, 0)] if role != "system"),
    )


def _pairs(rows: Sequence[str]) -> dict[str, str]:
    return {key: value for key, found, value in (row.partition(": ") for row in rows) if found}


def _rows(rows: Sequence[str], width: int) -> list[list[str]]:
    return [cells for row in rows if len(cells := row.split("|")) == width]


def _item(cells: Sequence[str]) -> Item:
    sku, name, price, stock, aliases, _ = cells
    count = 0 if stock == "habis" else int(stock) if stock.isdigit() else None
    return Item(sku, name, int(price), count, (name, *filter(None, aliases.split(", "))))


def _faqs(rows: Sequence[str]) -> tuple[tuple[str, str], ...]:
    texts = [row.partition(": ")[2] for row in rows]
    return tuple(zip(texts[::2], texts[1::2], strict=False))


def _bubbles(content: str) -> tuple[Bubble, ...]:
    return tuple(Bubble(m[1], m[2].strip()) for m in _BUBBLE.finditer(content))


def _plain(content: str) -> str:
    return " ".join(b.text for b in _bubbles(content)) if "<pesan " in content else content
