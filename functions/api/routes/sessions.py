"""Where the user is signed in."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel

from balas.db import audit_log, logins, users
from balas.db.audit_log import Subject
from balas.db.logins import Login, LoginRow
from balas.db.paging import Position
from balas.tenant import LoginId
from functions.api.deps import Db, Me
from functions.api.paging import After, Page, page_of

router = APIRouter(prefix="/auth/sessions", tags=["account"])


class Session(BaseModel):
    """A sign-in; `agent` is its browser and system, `current` tells that it is this one."""

    id: UUID
    created_at: datetime
    last_used_at: datetime
    agent: str
    current: bool


@router.get("")
def list_sessions(who: Me, db: Db, after: After) -> Page[Session]:
    """Where the user is signed in, the latest sign-in first."""
    with db.tenant_tx(who.tenant_id) as tx:
        rows = logins.newest(tx, who.user_id, after)
    return page_of(rows, lambda row: Session(**vars(row), current=row.id == who.login_id), _position)


@router.delete("/{session_id}", status_code=204)
def revoke_session(session_id: UUID, who: Me, db: Db) -> None:
    """Ends a sign-in of the user: it cannot be renewed, and works for 15 more minutes at most."""
    login = Login(who.user_id, LoginId(session_id))
    with db.tenant_tx(who.tenant_id) as tx:
        users.lock(tx, who.user_id)
        logins.revoke(tx, login)
        audit_log.record(tx, who.user_id, "session_revoked", Subject("session", login.login_id))


def _position(row: LoginRow) -> Position:
    return Position(row.created_at, row.id)
