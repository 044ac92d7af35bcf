"""An order's life after the chat: what its owner may make of it, and what the agent knows of earlier ones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from balas.order import OrderLine

OrderStatus = Literal["draft", "confirmed", "processing", "ready", "done", "cancelled"]
"""draft: the customer has not agreed yet to what was read back to him."""

NEXT: Mapping[OrderStatus, frozenset[OrderStatus]] = {
    "draft": frozenset({"cancelled"}),
    "confirmed": frozenset({"processing", "cancelled"}),
    "processing": frozenset({"ready", "cancelled"}),
    "ready": frozenset({"done", "cancelled"}),
    "done": frozenset(),
    "cancelled": frozenset(),
}
NAMES: Mapping[OrderStatus, str] = {
    "draft": "belum dikonfirmasi", "confirmed": "sudah dikonfirmasi", "processing": "sedang disiapkan",
    "ready": "siap", "done": "selesai", "cancelled": "dibatalkan",
}  # fmt: skip
ALL: tuple[OrderStatus, ...] = get_args(OrderStatus)
_SHOWN_LINES = 8


@dataclass(frozen=True)
class PastOrders:
    """What a customer ordered before: how many orders stand, the latest of them, his last address."""

    count: int
    lines: Sequence[OrderLine]
    status: OrderStatus
    at: datetime
    address: str


def facts(past: PastOrders) -> tuple[str, ...]:
    """Earlier orders as short lines; `at` is written as it comes, in the shop's own time."""
    items = ", ".join(f"{line.qty} x {line.name}" for line in past.lines[:_SHOWN_LINES])
    more = ", dll." if len(past.lines) > _SHOWN_LINES else ""
    rows = [
        f"jumlah pesanan sebelumnya: {past.count}",
        f"pesanan terakhir ({past.at:%Y-%m-%d}, {NAMES[past.status]}): {items}{more}",
    ]
    return (*rows, f"alamat terakhir: {past.address}") if past.address else tuple(rows)
