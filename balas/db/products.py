"""The shop's menu, as its owner edits it."""

from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex
from uuid import UUID

import psycopg

from balas import catalog
from balas.catalog import ProductId
from balas.db.database import Tx
from balas.db.paging import Position, window
from balas.errors import Conflict, NotFound

CREATE = """
insert into products (tenant_id, sku, name, price, stock, aliases, description, active)
values (
    %(tenant_id)s, %(sku)s, %(name)s, %(price)s, %(stock)s, %(aliases)s, %(description)s, %(active)s
)
on conflict (tenant_id, sku) do nothing
returning id
"""

REPLACE = """
update products set
    sku = coalesce(%(sku)s, sku), name = %(name)s, price = %(price)s, stock = %(stock)s,
    aliases = %(aliases)s, description = %(description)s, active = %(active)s
where tenant_id = %(tenant_id)s and id = %(product_id)s
"""

DELETE = "delete from products where tenant_id = %(tenant_id)s and id = %(product_id)s"

SELECT = """
select id, sku, name, price, stock, aliases, description, active, created_at
from products
where tenant_id = %(tenant_id)s
"""

READ = SELECT + "and id = %(product_id)s"

NEWEST = (
    SELECT
    + """
and (%(after_at)s::timestamptz is null or (created_at, id) < (%(after_at)s, %(after_id)s))
order by created_at desc, id desc
limit %(limit)s
"""
)


@dataclass(frozen=True)
class ProductRow:
    id: ProductId
    sku: str
    name: str
    price: int
    stock: int | None
    aliases: list[str]
    description: str
    active: bool
    created_at: datetime


@dataclass(frozen=True)
class ProductDraft:
    """What an owner wrote; `sku` None asks for one made from the name, or keeps the present one."""

    sku: str | None
    name: str
    price: int
    stock: int | None
    aliases: list[str]
    description: str
    active: bool


def newest(tx: Tx, after: Position | None) -> list[ProductRow]:
    return tx.all(ProductRow, NEWEST, **window(after))


def create(tx: Tx, draft: ProductDraft) -> ProductRow:
    """The new product; Conflict when the owner chose a SKU that another product has."""
    if draft.sku is not None:
        product_id = _insert(tx, draft, draft.sku)
    else:
        sku = catalog.sku_of(draft.name)
        product_id = _insert(tx, draft, sku) or _insert(tx, draft, f"{sku}-{token_hex(3)}")
    if product_id is None:
        raise _sku_taken()
    return _read(tx, ProductId(product_id))


def replace(tx: Tx, product_id: ProductId, draft: ProductDraft) -> ProductRow:
    """The product after the change; NotFound, or Conflict when another product has that SKU."""
    try:
        changed = tx.run(REPLACE, product_id=product_id, **vars(draft))
    except psycopg.errors.UniqueViolation as error:
        raise _sku_taken() from error
    if changed == 0:
        raise _unknown()
    return _read(tx, product_id)


def delete(tx: Tx, product_id: ProductId) -> None:
    if tx.run(DELETE, product_id=product_id) == 0:
        raise _unknown()


def _insert(tx: Tx, draft: ProductDraft, sku: str) -> UUID | None:
    return tx.scalar(UUID, CREATE, **{**vars(draft), "sku": sku})


def _read(tx: Tx, product_id: ProductId) -> ProductRow:
    row = tx.first(ProductRow, READ, product_id=product_id)
    if row is None:
        raise _unknown()
    return row


def _unknown() -> NotFound:
    return NotFound("Produk ini tidak ditemukan.")


def _sku_taken() -> Conflict:
    return Conflict("SKU ini sudah dipakai produk lain.")
