"""An order: its lines, and the totals that only this file computes."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NewType
from uuid import UUID

from rapidfuzz import fuzz, process, utils

from balas import rupiah
from balas.catalog import Product
from balas.tenant import DeliveryArea

OrderId = NewType("OrderId", UUID)
Fulfilment = Literal["delivery", "pickup"]

MAX_QTY = 500
MAX_NOTE_CHARS = 120
MAX_ADDRESS_CHARS = 200
PICKUP = "ambil"  # what `delivery_area` says when the customer fetches the order himself
_SAME_AREA = 85  # percent
_MONEY = re.compile(
    r"\brp\b|rp\.?\s*\d|\d\s*(?:rb|ribu|jt|juta)\b|\b(?:total|gratis|diskon|promo|lunas)\b", re.I
)


@dataclass(frozen=True)
class OrderLine:
    """`unit_price` in rupiah, copied from the product when the line was made."""

    sku: str
    name: str
    qty: int
    unit_price: int
    note: str = ""

    @property
    def subtotal(self) -> int:
        return self.qty * self.unit_price


@dataclass(frozen=True)
class Order:
    """`delivery_fee` in rupiah, None while it is unknown or the customer picks up.

    `fulfilment` None: not yet said. `address` is the customer's own text.
    """

    lines: tuple[OrderLine, ...]
    delivery_area: str | None = None
    delivery_fee: int | None = None
    fulfilment: Fulfilment | None = None
    address: str = ""

    @property
    def total(self) -> int:
        return sum(line.subtotal for line in self.lines) + (self.delivery_fee or 0)


@dataclass(frozen=True)
class WantedLine:
    """What the model understood: it names the item and the quantity, never a price."""

    sku: str
    qty: int
    note: str = ""


@dataclass(frozen=True)
class Wish:
    """The whole order that the customer wants; what is None stays as it is, PICKUP clears the area."""

    lines: tuple[WantedLine, ...]
    delivery_area: str | None = None
    fulfilment: Fulfilment | None = None
    address: str | None = None


@dataclass(frozen=True)
class Refusal:
    """Why a wanted line cannot be ordered; `available` is the stock left when there is too little."""

    sku: str
    reason: Literal["unknown_item", "bad_quantity", "not_enough_stock", "listed_twice", "empty"]
    available: int | None = None


@dataclass(frozen=True)
class Refused:
    """The wish stands as a whole or falls as a whole."""

    refusals: tuple[Refusal, ...]


def apply(
    draft: Order | None, wish: Wish, products: Sequence[Product], delivery: Sequence[DeliveryArea]
) -> Order | Refused:
    """The order that `wish` makes of `draft`, with the catalogue's prices and the shop's fees."""
    by_sku = {product.sku: product for product in products if product.active}
    refusals = _refusals(wish.lines, by_sku)
    if refusals:
        return Refused(refusals)
    lines = tuple(_line(line, by_sku[line.sku]) for line in wish.lines)
    way = _fulfilment(draft, wish)
    if way == "pickup":
        return Order(lines, fulfilment=way)
    area, fee = _destination(draft, wish.delivery_area, delivery)
    said = wish.address or (draft.address if draft else "")
    return Order(lines, area, fee, way, clean(said, MAX_ADDRESS_CHARS))


def recap(order: Order) -> str:
    """The order read back to the customer in Indonesian, with subtotals, fee and total."""
    rows = [_recap_row(line) for line in order.lines]
    if order.delivery_fee is not None:
        rows.append(f"Ongkir {order.delivery_area}: {rupiah.write(order.delivery_fee)}")
    elif order.delivery_area:
        rows.append(f"Ongkir {order.delivery_area}: dicek dulu sama admin ya")
    if order.fulfilment == "pickup":
        rows.append("Diambil sendiri di tempat kami")
    elif order.address:
        rows.append(f"Alamat: {order.address}")
    return "\n".join([*rows, f"*Total: {rupiah.write(order.total)}*"])


def _recap_row(line: OrderLine) -> str:
    note = f" ({line.note})" if line.note else ""
    return (
        f"- {line.qty} x {line.name}{note} @ {rupiah.write(line.unit_price)} = {rupiah.write(line.subtotal)}"
    )


def _refusals(lines: Sequence[WantedLine], by_sku: Mapping[str, Product]) -> tuple[Refusal, ...]:
    """The same item twice is fine with another note (one spicy, one not), but its stock counts once."""
    if not lines:
        return (Refusal("", "empty"),)
    wanted = Counter[str]()
    for line in lines:
        wanted[line.sku] += line.qty
    refusals = [_refusal(line, by_sku.get(line.sku), wanted[line.sku]) for line in lines]
    repeats = [Refusal(line.sku, "listed_twice") for line in lines if lines.count(line) > 1]
    return tuple(dict.fromkeys(refusal for refusal in (*refusals, *repeats) if refusal))


def _refusal(line: WantedLine, product: Product | None, wanted: int) -> Refusal | None:
    if product is None:
        return Refusal(line.sku, "unknown_item")
    if not (line.qty >= 1 and wanted <= MAX_QTY):
        return Refusal(line.sku, "bad_quantity")
    if product.stock is not None and wanted > product.stock:
        return Refusal(line.sku, "not_enough_stock", product.stock)
    return None


def _line(line: WantedLine, product: Product) -> OrderLine:
    return OrderLine(product.sku, product.name, line.qty, product.price, _clean_note(line.note))


def clean(text: str, max_chars: int) -> str:
    """A customer's text on one line; dropped when it speaks of money, for the recap is the shop's word."""
    one_line = " ".join(text.split())[:max_chars]
    return "" if _MONEY.search(one_line) else one_line


def _clean_note(note: str) -> str:
    return "" if rupiah.amounts(note[:MAX_NOTE_CHARS]) else clean(note, MAX_NOTE_CHARS)


def _fulfilment(draft: Order | None, wish: Wish) -> Fulfilment | None:
    """Delivery or pickup, whichever the newest word says; naming an area means delivery."""
    if wish.delivery_area and wish.delivery_area.strip():
        return "pickup" if wish.delivery_area.strip().lower() == PICKUP else "delivery"
    return wish.fulfilment or (draft.fulfilment if draft else None)


def _destination(
    draft: Order | None, area: str | None, delivery: Sequence[DeliveryArea]
) -> tuple[str | None, int | None]:
    if area is None:
        return (draft.delivery_area, draft.delivery_fee) if draft else (None, None)
    wanted = clean(area, MAX_NOTE_CHARS)
    if not wanted:
        return None, None
    best = process.extractOne(
        wanted, [place.area for place in delivery], scorer=fuzz.token_set_ratio,
        processor=utils.default_process, score_cutoff=_SAME_AREA,
    )  # fmt: skip
    return (delivery[best[2]].area, delivery[best[2]].fee) if best else (wanted, None)
