"""The shop's menu, as its owner edits it."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from dataclasses import replace as replace_fields
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

# Columns that the table lacks keep their values. Each row is a microsecond younger than the one before it,
# so that they stay in order.
IMPORT = """
insert into products as p (tenant_id, sku, name, price, stock, aliases, description, active, created_at)
select %(tenant_id)s, r.sku, r.name, r.price, r.stock, r.aliases, r.description, r.active,
    now() + r.n * interval '1 microsecond'
from rows from (
    jsonb_to_recordset(%(rows)s::jsonb) as (
        sku text, name text, price bigint, stock bigint, aliases text[], description text, active boolean
    )
) with ordinality as r (sku, name, price, stock, aliases, description, active, n)
on conflict (tenant_id, sku) do update set
    name = excluded.name,
    price = excluded.price,
    stock = case when 'stock' = any (%(columns)s) then excluded.stock else p.stock end,
    aliases = case when 'aliases' = any (%(columns)s) then excluded.aliases else p.aliases end,
    description = case
        when 'description' = any (%(columns)s) then excluded.description else p.description
    end,
    active = case when 'active' = any (%(columns)s) then excluded.active else p.active end
"""

SKUS = "select sku, name from products where tenant_id = %(tenant_id)s order by created_at desc, id desc"

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


@dataclass(frozen=True)
class _Named:
    sku: str
    name: str


def newest(tx: Tx, after: Position | None) -> list[ProductRow]:
    return tx.all(ProductRow, NEWEST, **window(after))


def read(tx: Tx, product_id: ProductId) -> ProductRow:
    row = tx.first(ProductRow, READ, product_id=product_id)
    if row is None:
        raise _unknown()
    return row


def create(tx: Tx, draft: ProductDraft) -> ProductRow:
    """The new product; Conflict when the owner chose a SKU that another product has."""
    if draft.sku is not None:
        product_id = _insert(tx, draft, draft.sku)
    else:
        sku = catalog.sku_of(draft.name)
        product_id = _insert(tx, draft, sku) or _insert(tx, draft, f"{sku}-{token_hex(3)}")
    if product_id is None:
        raise _sku_taken()
    return read(tx, ProductId(product_id))


def replace(tx: Tx, product_id: ProductId, draft: ProductDraft) -> ProductRow:
    """The product after the change; NotFound, or Conflict when another product has that SKU."""
    try:
        changed = tx.run(REPLACE, product_id=product_id, **vars(draft))
    except psycopg.errors.UniqueViolation as error:
        raise _sku_taken() from error
    if changed == 0:
        raise _unknown()
    return read(tx, product_id)


def import_all(tx: Tx, drafts: Sequence[ProductDraft], columns: Sequence[str]) -> None:
    """Stores a table: a product is known by its SKU or, in a row without one, by its name.

    `columns` are those that the table has; what it lacks stays as it is.
    """
    rows = [vars(draft) for draft in _with_skus(tx, drafts)]
    tx.run(IMPORT, rows=json.dumps(rows), columns=list(columns))


def delete(tx: Tx, product_id: ProductId) -> None:
    if tx.run(DELETE, product_id=product_id) == 0:
        raise _unknown()


def _insert(tx: Tx, draft: ProductDraft, sku: str) -> UUID | None:
    return tx.scalar(UUID, CREATE, **{**vars(draft), "sku": sku})


def _with_skus(tx: Tx, drafts: Sequence[ProductDraft]) -> Iterator[ProductDraft]:
    """The drafts, each with a SKU of its own."""
    products = tx.all(_Named, SKUS)
    by_name = {product.name.casefold(): product.sku for product in products}
    in_table = {draft.sku for draft in drafts}
    taken = in_table | {product.sku for product in products}
    for draft in drafts:
        sku = draft.sku or by_name.get(draft.name.casefold())
        if sku is None or (draft.sku is None and sku in in_table):
            sku = catalog.sku_of(draft.name)
            sku = f"{sku}-{token_hex(3)}" if sku in taken else sku
        in_table.add(sku)
        taken.add(sku)
        yield replace_fields(draft, sku=sku)


def _unknown() -> NotFound:
    return NotFound("Produk ini tidak ditemukan.")


def _sku_taken() -> Conflict:
    return Conflict("SKU ini sudah dipakai produk lain.")
