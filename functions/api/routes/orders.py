"""What customers ordered, and how far the shop is with it."""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel

from balas.db import audit_log, orders
from balas.db.audit_log import Subject
from balas.db.orders import OrderRow
from balas.db.paging import Position
from balas.order import Fulfilment, OrderId
from balas.order_status import OrderStatus
from functions.api.deps import Db, Me
from functions.api.paging import After, Page, page_of

router = APIRouter(prefix="/orders", tags=["orders"])


class OrderedBy(BaseModel):
    id: UUID
    name: str | None
    phone: str | None


class Line(BaseModel):
    """`unit_price` in rupiah, as it was when the line was made."""

    sku: str
    name: str
    qty: int
    unit_price: int
    note: str


class Order(BaseModel):
    """Sums in rupiah. `delivery_fee` is null while it is unknown, `fulfilment` until the customer says.

    draft: not confirmed by the customer; confirmed, processing, ready, done: how far the shop is with it.
    """

    id: UUID
    conversation_id: UUID
    contact: OrderedBy
    status: OrderStatus
    lines: list[Line]
    fulfilment: Fulfilment | None
    delivery_area: str | None
    delivery_fee: int | None
    address: str
    note: str
    total: int
    created_at: datetime
    updated_at: datetime
    confirmed_at: datetime | None

    @classmethod
    def of(cls, row: OrderRow) -> Self:
        contact = {"id": row.contact_id, "name": row.contact_name, "phone": row.contact_phone}
        return cls.model_validate({**vars(row), "contact": contact})


class OrderChange(BaseModel):
    status: Literal["processing", "ready", "done", "cancelled"]


@router.get("")
def list_orders(
    who: Me, db: Db, after: After, status: Annotated[OrderStatus | None, Query()] = None
) -> Page[Order]:
    """The orders, newest first."""
    with db.tenant_tx(who.tenant_id) as tx:
        rows = orders.newest(tx, status, after)
    return page_of(rows, Order.of, _position)


@router.get("/{order_id}")
def get_order(order_id: UUID, who: Me, db: Db) -> Order:
    """One order."""
    with db.tenant_tx(who.tenant_id) as tx:
        return Order.of(orders.read(tx, OrderId(order_id)))


@router.patch("/{order_id}")
def change_order(order_id: UUID, body: OrderChange, who: Me, db: Db) -> Order:
    """Moves an order on: confirmed, processing, ready, done; or cancels it, which gives back its stock."""
    with db.tenant_tx(who.tenant_id) as tx:
        row = orders.move(tx, OrderId(order_id), body.status)
        audit_log.record(tx, who.user_id, "order_changed", Subject("order", order_id), fields=["status"])
    return Order.of(row)


def _position(row: OrderRow) -> Position:
    return Position(row.created_at, row.id)
