"""Who did what in the shop."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel

from balas.db import audit_log
from balas.db.audit_log import Action, AuditRow, SubjectType
from balas.db.paging import Position
from functions.api.deps import Db, Me
from functions.api.paging import After, Page, page_of

router = APIRouter(prefix="/audit-log", tags=["account"])


class Actor(BaseModel):
    id: UUID
    name: str | None


class Subject(BaseModel):
    type: SubjectType
    id: UUID


class AuditEntry(BaseModel):
    """`by` is null when nobody was signed in; `fields` names what was changed, never what it held."""

    id: UUID
    at: datetime
    by: Actor | None
    action: Action
    subject: Subject | None
    fields: list[str]


@router.get("")
def list_audit_log(who: Me, db: Db, after: After) -> Page[AuditEntry]:
    """What was done in the shop, the latest first."""
    with db.tenant_tx(who.tenant_id) as tx:
        rows = audit_log.newest(tx, after)
    return page_of(rows, _entry, _position)


def _entry(row: AuditRow) -> AuditEntry:
    by = Actor(id=row.user_id, name=row.user_name) if row.user_id else None
    known = row.subject_type and row.subject_id
    return AuditEntry(
        id=row.id,
        at=row.at,
        by=by,
        action=row.action,
        subject=Subject(type=row.subject_type, id=row.subject_id) if known else None,  # pyright: ignore[reportArgumentType] - known
        fields=row.fields,
    )


def _position(row: AuditRow) -> Position:
    return Position(row.at, row.id)
