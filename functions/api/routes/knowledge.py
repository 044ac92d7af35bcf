"""A table of products or FAQs, looked at first and then stored whole."""

from typing import Annotated

from fastapi import APIRouter, File, Query, UploadFile
from pydantic import BaseModel, ConfigDict

from balas.db import audit_log, faqs, products
from balas.db.database import Tx
from functions.api import knowledge, problems, spreadsheet
from functions.api.deps import Db, Me
from functions.api.knowledge import Kind, Table
from functions.api.problems import Fault
from functions.api.routes.faqs import FaqInput
from functions.api.routes.products import ProductInput

router = APIRouter(prefix="/knowledge", tags=["knowledge"])

Upload = Annotated[
    UploadFile,
    File(description="CSV (comma, semicolon, tab; UTF-8, Windows-1252) or XLSX; at most 2 MB."),
]

TYPES = "text/csv, application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ENCODING = {"encoding": {"file": {"contentType": TYPES}}}


class ImportRow(BaseModel):
    """`line` as the spreadsheet counts it; `item` is null when there are `errors`."""

    model_config = ConfigDict(from_attributes=True)

    line: int
    item: ProductInput | FaqInput | None
    errors: list[Fault]


class Import(BaseModel):
    """`columns` are the fields found, `ignored` the titles that we do not know."""

    model_config = ConfigDict(from_attributes=True)

    kind: Kind
    columns: list[str]
    ignored: list[str]
    rows: list[ImportRow]
    committed: bool = False


@router.post("/import", openapi_extra={"requestBody": {"content": {"multipart/form-data": ENCODING}}})
def import_knowledge(file: Upload, who: Me, db: Db, *, commit: Annotated[bool, Query()] = False) -> Import:
    """What a table of products or FAQs would store: at most 5,000 rows, titles in the first line.

    With `commit=true` it is stored, all of it or, when a row has errors, nothing. A product is known by its
    SKU, else by its name, and a FAQ by its question: known ones are changed. Columns that the table lacks
    keep their values.
    """
    table = knowledge.read(spreadsheet.read(file.file.read()))
    if commit:
        _refuse_faults(table)
        with db.tenant_tx(who.tenant_id) as tx:
            _store(tx, table)
            audit_log.record(tx, who.user_id, "knowledge_imported", fields=[table.kind])
    return Import.model_validate(table).model_copy(update={"committed": commit})


def _refuse_faults(table: Table) -> None:
    faults = [
        Fault(
            pointer=f"/rows/{n}{fault.pointer}", code=fault.code, detail=f"Baris {row.line}: {fault.detail}"
        )
        for n, row in enumerate(table.rows)
        for fault in row.errors
    ]
    if faults:
        raise problems.Faulty("Ada baris yang belum benar, jadi tidak ada yang disimpan.", faults)


def _store(tx: Tx, table: Table) -> None:
    items = [row.item for row in table.rows]
    drafts = [item.draft() for item in items if isinstance(item, ProductInput)]
    products.import_all(tx, drafts, table.columns)
    faqs.import_all(tx, [dict(item) for item in items if isinstance(item, FaqInput)])
