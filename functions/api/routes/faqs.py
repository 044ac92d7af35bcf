"""The questions that the shop has already answered."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, StringConstraints

from balas.catalog import FaqId
from balas.db import audit_log, faqs
from balas.db.audit_log import Subject
from balas.db.faqs import FaqRow
from balas.db.paging import Position
from functions.api import fields
from functions.api.deps import Db, Me
from functions.api.paging import After, Page, page_of

router = APIRouter(prefix="/faqs", tags=["faqs"])


class FaqInput(BaseModel):
    question: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500), fields.FILLED_TEXT
    ]
    answer: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000), fields.FILLED_TEXT
    ]


class Faq(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    question: str
    answer: str


@router.get("")
def list_faqs(who: Me, db: Db, after: After) -> Page[Faq]:
    """The questions and answers, newest first."""
    with db.tenant_tx(who.tenant_id) as tx:
        rows = faqs.newest(tx, after)
    return page_of(rows, Faq.model_validate, _position)


@router.post("", status_code=201)
def create_faq(body: FaqInput, who: Me, db: Db) -> Faq:
    """Adds a question with its answer."""
    with db.tenant_tx(who.tenant_id) as tx:
        row = faqs.create(tx, question=body.question, answer=body.answer)
        audit_log.record(tx, who.user_id, "faq_created", Subject("faq", row.id))
    return Faq.model_validate(row)


@router.put("/{faq_id}")
def replace_faq(faq_id: UUID, body: FaqInput, who: Me, db: Db) -> Faq:
    """Replaces a question and its answer."""
    with db.tenant_tx(who.tenant_id) as tx:
        before = faqs.read(tx, FaqId(faq_id))
        row = faqs.replace(tx, before.id, question=body.question, answer=body.answer)
        if fields_changed := audit_log.changed(before, row):
            audit_log.record(tx, who.user_id, "faq_changed", Subject("faq", row.id), fields=fields_changed)
    return Faq.model_validate(row)


@router.delete("/{faq_id}", status_code=204)
def delete_faq(faq_id: UUID, who: Me, db: Db) -> None:
    """Removes a question for good."""
    with db.tenant_tx(who.tenant_id) as tx:
        faqs.delete(tx, FaqId(faq_id))
        audit_log.record(tx, who.user_id, "faq_deleted", Subject("faq", faq_id))


def _position(row: FaqRow) -> Position:
    return Position(row.created_at, row.id)
