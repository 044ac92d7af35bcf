"""Whom the agent is going to write to once more, and what came of it."""

from datetime import UTC, datetime
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel

from balas import followup
from balas.db import audit_log, follow_ups
from balas.db.audit_log import Subject
from balas.db.follow_ups import FollowUpRow
from balas.db.paging import Position
from balas.followup import FollowUpId, FollowUpState
from functions.api import fields
from functions.api.deps import Db, Me
from functions.api.paging import After, Page, page_of

router = APIRouter(prefix="/follow-ups", tags=["follow-ups"])


class FollowUpContact(BaseModel):
    id: UUID
    name: str | None


class FollowUp(BaseModel):
    """`reason`: why the agent wants to write again; `message_id`: what it wrote.

    `outcome`: why it was moved, skipped or cancelled, and `message` says so in a sentence.
    """

    id: UUID
    conversation_id: UUID
    contact: FollowUpContact
    due_at: datetime
    reason: str
    state: FollowUpState
    outcome: str | None
    message: str | None
    message_id: UUID | None
    created_at: datetime
    decided_at: datetime | None

    @classmethod
    def of(cls, row: FollowUpRow) -> Self:
        contact = {"id": row.contact_id, "name": row.contact_name}
        message = row.outcome and followup.sentence(row.outcome)
        return cls.model_validate({**vars(row), "contact": contact, "message": message})


class FollowUpChange(BaseModel):
    """A moment that has passed means now; it is moved to within a year."""

    due_at: fields.Moment


@router.get("")
def list_follow_ups(
    who: Me, db: Db, after: After, state: Annotated[FollowUpState | None, Query()] = None
) -> Page[FollowUp]:
    """The follow-ups, the one that is due last comes first."""
    with db.tenant_tx(who.tenant_id) as tx:
        rows = follow_ups.newest(tx, state, after)
    return page_of(rows, FollowUp.of, _position)


@router.patch("/{follow_up_id}")
def change_follow_up(follow_up_id: UUID, body: FollowUpChange, who: Me, db: Db) -> FollowUp:
    """Moves a pending follow-up, which is decided within five minutes of then; by night it waits."""
    follow_up = FollowUpId(follow_up_id)
    with db.tenant_tx(who.tenant_id) as tx:
        follow_ups.reschedule(tx, follow_up, body.due_at)
        audit_log.record(
            tx, who.user_id, "follow_up_moved", Subject("follow_up", follow_up), fields=["due_at"]
        )
        return FollowUp.of(follow_ups.read(tx, follow_up))


@router.delete("/{follow_up_id}", status_code=204)
def delete_follow_up(follow_up_id: UUID, who: Me, db: Db) -> None:
    """Cancels a pending follow-up; it stays in the list."""
    follow_up = FollowUpId(follow_up_id)
    with db.tenant_tx(who.tenant_id) as tx:
        follow_ups.cancel(tx, follow_up, datetime.now(UTC))
        audit_log.record(tx, who.user_id, "follow_up_cancelled", Subject("follow_up", follow_up))


def _position(row: FollowUpRow) -> Position:
    return Position(row.due_at, row.id)
