"""A shop's orders: the one draft that the agent keeps per chat, and what the owner makes of the confirmed."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pydantic import TypeAdapter

from balas.contact import ContactId
from balas.conversation import ConversationId
from balas.db.database import Tx
from balas.db.paging import Position, window
from balas.errors import Conflict, NotFound
from balas.order import Fulfilment, Order, OrderId, OrderLine
from balas.order_status import NAMES, NEXT, OrderStatus, PastOrders

DRAFT = """
select lines, delivery_area, delivery_fee, fulfilment, address
from orders where tenant_id = %(tenant_id)s and conversation_id = %(conversation_id)s and status = 'draft'
"""

KEEP_DRAFT = """
insert into orders (
    tenant_id, conversation_id, lines, delivery_area, delivery_fee, fulfilment, address, total
) values (
    %(tenant_id)s, %(conversation_id)s, %(lines)s::jsonb, %(delivery_area)s, %(delivery_fee)s,
    %(fulfilment)s, %(address)s, %(total)s
)
on conflict (tenant_id, conversation_id) where status = 'draft' do update set
    lines = excluded.lines, delivery_area = excluded.delivery_area, delivery_fee = excluded.delivery_fee,
    fulfilment = excluded.fulfilment, address = excluded.address, total = excluded.total, updated_at = now()
"""

CANCEL_DRAFT = """
update orders set status = 'cancelled', updated_at = now()
where tenant_id = %(tenant_id)s and conversation_id = %(conversation_id)s and status = 'draft'
"""

LOCK_DRAFT = """
select id from orders
where tenant_id = %(tenant_id)s and conversation_id = %(conversation_id)s and status = 'draft'
for update
"""

# By id, so that two orders of the same products wait for each other instead of for ever.
LOCK_STOCK = """
select id, sku, stock from products
where tenant_id = %(tenant_id)s and sku = any(%(skus)s) and active
order by id
for update
"""

TAKE_STOCK = """
update products as p set stock = p.stock - t.qty::bigint
from jsonb_each_text(%(taken)s::jsonb) as t (id, qty)
where p.tenant_id = %(tenant_id)s and p.id = t.id::uuid
"""

CONFIRM = """
update orders set
    status = 'confirmed', confirmed_at = now(), updated_at = now(), stock_taken = %(taken)s::jsonb
where tenant_id = %(tenant_id)s and id = %(order_id)s
"""

# What is not counted any more needs nothing back.
GIVE_BACK = """
with locked as materialized (
    select p.id, t.qty::bigint as qty
    from products as p
    join orders as o on o.tenant_id = p.tenant_id and o.id = %(order_id)s
    cross join lateral jsonb_each_text(o.stock_taken) as t (id, qty)
    where p.tenant_id = %(tenant_id)s and p.id = t.id::uuid
    order by p.id
    for update of p
)
update products as p set stock = p.stock + locked.qty
from locked
where p.tenant_id = %(tenant_id)s and p.id = locked.id and p.stock is not null
"""

LOCK = "select 1 from orders where tenant_id = %(tenant_id)s and id = %(order_id)s for update"

MOVE = """
update orders set
    status = %(status)s, updated_at = now(),
    stock_taken = case when %(status)s = 'cancelled' then '{}' else stock_taken end
where tenant_id = %(tenant_id)s and id = %(order_id)s
"""

SELECT = """
select o.id, o.conversation_id, k.id as contact_id, coalesce(k.name, k.push_name) as contact_name,
    k.phone as contact_phone, o.status, o.lines, o.fulfilment, o.delivery_area, o.delivery_fee, o.address,
    o.note, o.total, o.created_at, o.updated_at, o.confirmed_at
from orders as o
join conversations as c on c.tenant_id = o.tenant_id and c.id = o.conversation_id
join contacts as k on k.tenant_id = c.tenant_id and k.id = c.contact_id
where o.tenant_id = %(tenant_id)s
"""

READ = SELECT + "and o.id = %(order_id)s"

NEWEST = (
    SELECT
    + """
and (%(status)s::text is null or o.status = %(status)s)
and (%(after_at)s::timestamptz is null or (o.created_at, o.id) < (%(after_at)s, %(after_id)s))
order by o.created_at desc, o.id desc
limit %(limit)s
"""
)

PAST = """
select count(*) over () as count, o.lines, o.status, o.confirmed_at at time zone %(timezone)s as at,
    coalesce(first_value(nullif(o.address, '')) over (
        order by (o.address = ''), o.confirmed_at desc
    ), '') as address
from orders as o
join conversations as c on c.tenant_id = o.tenant_id and c.id = o.conversation_id
where o.tenant_id = %(tenant_id)s and c.contact_id = %(contact_id)s
    and o.status <> 'cancelled' and o.confirmed_at is not null
order by o.confirmed_at desc, o.id desc
limit 1
"""

_LINES = TypeAdapter(tuple[OrderLine, ...])


@dataclass(frozen=True)
class OrderRow:
    """An order with its customer."""

    id: OrderId
    conversation_id: ConversationId
    contact_id: ContactId
    contact_name: str | None
    contact_phone: str | None
    status: OrderStatus
    lines: list[dict[str, object]]
    fulfilment: Fulfilment | None
    delivery_area: str | None
    delivery_fee: int | None
    address: str
    note: str
    total: int
    created_at: datetime
    updated_at: datetime
    confirmed_at: datetime | None


def draft(tx: Tx, chat: ConversationId) -> Order | None:
    """The order that the chat is about and that the customer has not confirmed yet."""
    row = tx.first(_DraftRow, DRAFT, conversation_id=chat)
    if row is None:
        return None
    lines = _LINES.validate_python(row.lines)
    return Order(lines, row.delivery_area, row.delivery_fee, row.fulfilment, row.address)


def keep_draft(tx: Tx, chat: ConversationId, order: Order) -> None:
    """Makes `order` the chat's draft, in place of the one that it had."""
    tx.run(
        KEEP_DRAFT,
        conversation_id=chat,
        lines=_LINES.dump_json(order.lines).decode(),
        delivery_area=order.delivery_area,
        delivery_fee=order.delivery_fee,
        fulfilment=order.fulfilment,
        address=order.address,
        total=order.total,
    )


def cancel_draft(tx: Tx, chat: ConversationId) -> None:
    tx.run(CANCEL_DRAFT, conversation_id=chat)


def confirm(tx: Tx, chat: ConversationId) -> bool:
    """Makes the chat's draft an order and counts its items off the stock.

    False, and nothing is changed, when an item is not on sale any more or too few are left, or when the
    owner has cancelled the draft.
    """
    order_id, order = tx.scalar(UUID, LOCK_DRAFT, conversation_id=chat), draft(tx, chat)
    taken = _available(tx, order) if order else None
    if taken is None:
        return False
    tx.run(TAKE_STOCK, taken=json.dumps(taken))
    tx.run(CONFIRM, order_id=order_id, taken=json.dumps(taken))
    return True


def newest(tx: Tx, status: OrderStatus | None, after: Position | None) -> list[OrderRow]:
    return tx.all(OrderRow, NEWEST, status=status, **window(after))


def read(tx: Tx, order_id: OrderId) -> OrderRow:
    row = tx.first(OrderRow, READ, order_id=order_id)
    if row is None:
        raise _unknown()
    return row


def move(tx: Tx, order_id: OrderId, status: OrderStatus) -> OrderRow:
    """The order after its owner moved it on; a cancelled one gives back to the stock what it took.

    Raises NotFound, or Conflict when an order in its state cannot become that.
    """
    if tx.run(LOCK, order_id=order_id) == 0:
        raise _unknown()
    before = read(tx, order_id).status
    if status not in NEXT[before]:
        raise Conflict(f"Pesanan yang {NAMES[before]} tidak bisa menjadi {NAMES[status]}.")
    if status == "cancelled":
        tx.run(GIVE_BACK, order_id=order_id)
    tx.run(MOVE, order_id=order_id, status=status)
    return read(tx, order_id)


def past(tx: Tx, contact: ContactId, timezone: str) -> PastOrders | None:
    """What this customer ordered before, the shop's own time zone given; None when nothing stands."""
    row = tx.first(_PastRow, PAST, contact_id=contact, timezone=timezone)
    if row is None:
        return None
    return PastOrders(row.count, _LINES.validate_python(row.lines), row.status, row.at, row.address)


@dataclass(frozen=True)
class _DraftRow:
    lines: list[dict[str, object]]
    delivery_area: str | None
    delivery_fee: int | None
    fulfilment: Fulfilment | None
    address: str


@dataclass(frozen=True)
class _PastRow:
    count: int
    lines: list[dict[str, object]]
    status: OrderStatus
    at: datetime
    address: str


@dataclass(frozen=True)
class _Stock:
    id: UUID
    sku: str
    stock: int | None


def _available(tx: Tx, order: Order) -> Mapping[str, int] | None:
    """How many of each counted product the order takes; None when one of them is short."""
    wanted = Counter[str]()
    for line in order.lines:
        wanted[line.sku] += line.qty
    rows: Sequence[_Stock] = tx.all(_Stock, LOCK_STOCK, skus=list(wanted))
    if len(rows) < len(wanted) or any(row.stock is not None and row.stock < wanted[row.sku] for row in rows):
        return None
    return {str(row.id): wanted[row.sku] for row in rows if row.stock is not None}


def _unknown() -> NotFound:
    return NotFound("Pesanan ini tidak ditemukan.")
