"""What a shop sells and what it has already answered."""

import re
from dataclasses import dataclass
from typing import NewType
from uuid import UUID

ProductId = NewType("ProductId", UUID)
FaqId = NewType("FaqId", UUID)


@dataclass(frozen=True)
class Product:
    """One item of the menu; `price` in whole rupiah, `stock` None when the shop does not count it."""

    id: ProductId
    sku: str
    name: str
    price: int
    stock: int | None
    aliases: tuple[str, ...]
    description: str
    active: bool

    @property
    def is_available(self) -> bool:
        return self.active and self.stock != 0


@dataclass(frozen=True)
class Faq:
    """A question of customers with the owner's answer."""

    id: FaqId
    question: str
    answer: str


def sku_of(name: str) -> str:
    """A SKU made from a product's name: "Es Teh Manis" -> "es-teh-manis"."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40].rstrip("-") or "produk"
