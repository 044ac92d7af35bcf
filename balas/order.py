"""An order: its lines, and the totals that only this file computes."""

from dataclasses import dataclass
from typing import NewType
from uuid import UUID

OrderId = NewType("OrderId", UUID)


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
    """`delivery_fee` in rupiah, None while it is unknown or the customer picks up."""

    lines: tuple[OrderLine, ...]
    delivery_area: str | None = None
    delivery_fee: int | None = None

    @property
    def total(self) -> int:
        return sum(line.subtotal for line in self.lines) + (self.delivery_fee or 0)
