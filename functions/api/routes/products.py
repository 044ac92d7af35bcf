"""The shop's menu."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from balas.catalog import ProductId
from balas.db import audit_log, products
from balas.db.audit_log import Subject
from balas.db.paging import Position
from balas.db.products import ProductDraft, ProductRow
from functions.api import fields
from functions.api.deps import Db, Me
from functions.api.paging import After, Page, page_of

router = APIRouter(prefix="/products", tags=["products"])

Sku = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]+$", max_length=64)]
Stock = Annotated[int, Field(strict=True, ge=0, le=1_000_000), fields.WHOLE]


class ProductInput(BaseModel):
    """`price` in whole rupiah; `stock` null when it is not counted; no `sku`: made from the name, or kept."""

    name: fields.Name
    price: fields.Price
    sku: Sku | None = None
    stock: Stock | None = None
    aliases: Annotated[list[fields.Name], Field(max_length=20)] = []
    description: fields.Text = ""
    active: fields.Flag = True

    def draft(self) -> ProductDraft:
        return ProductDraft(**dict(self))


class Product(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    sku: str
    name: str
    price: int
    stock: int | None
    aliases: list[str]
    description: str
    active: bool


@router.get("")
def list_products(who: Me, db: Db, after: After) -> Page[Product]:
    """The products, newest first."""
    with db.tenant_tx(who.tenant_id) as tx:
        rows = products.newest(tx, after)
    return page_of(rows, Product.model_validate, _position)


@router.post("", status_code=201)
def create_product(body: ProductInput, who: Me, db: Db) -> Product:
    """Adds a product."""
    with db.tenant_tx(who.tenant_id) as tx:
        row = products.create(tx, body.draft())
        audit_log.record(tx, who.user_id, "product_created", Subject("product", row.id))
    return Product.model_validate(row)


@router.put("/{product_id}")
def replace_product(product_id: UUID, body: ProductInput, who: Me, db: Db) -> Product:
    """Replaces a product."""
    with db.tenant_tx(who.tenant_id) as tx:
        before = products.read(tx, ProductId(product_id))
        row = products.replace(tx, before.id, body.draft())
        if fields_changed := audit_log.changed(before, row):
            product = Subject("product", row.id)
            audit_log.record(tx, who.user_id, "product_changed", product, fields=fields_changed)
    return Product.model_validate(row)


@router.delete("/{product_id}", status_code=204)
def delete_product(product_id: UUID, who: Me, db: Db) -> None:
    """Takes a product off the menu for good."""
    with db.tenant_tx(who.tenant_id) as tx:
        products.delete(tx, ProductId(product_id))
        audit_log.record(tx, who.user_id, "product_deleted", Subject("product", product_id))


def _position(row: ProductRow) -> Position:
    return Position(row.created_at, row.id)
