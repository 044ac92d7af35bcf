"""Who did what in a shop: codes, ids and names of fields, never what was in them. Rows are written once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeVar
from uuid import UUID

from balas.db.database import Tx
from balas.db.paging import Position, window
from balas.tenant import UserId

Action = Literal[
    "signed_up", "signed_in", "sign_in_failed", "signed_out", "session_revoked", "sessions_revoked",
    "refresh_token_reused", "password_reset_asked", "password_reset", "password_changed",
    "email_change_asked", "email_changed", "email_verified",
    "ai_config_changed", "product_created", "product_changed", "product_deleted",
    "faq_created", "faq_changed", "faq_deleted", "knowledge_imported",
    "device_connect_asked", "device_disconnect_asked",
    "shop_suspended", "shop_resumed",
    "conversation_taken_over", "conversation_released", "contact_changed",
    "follow_up_moved", "follow_up_cancelled",
    "order_changed", "answer_corrected",
]  # fmt: skip
SubjectType = Literal["user", "session", "product", "faq", "conversation", "contact", "follow_up", "order"]

RECORD = """
insert into audit_log (tenant_id, user_id, action, subject_type, subject_id, fields)
values (%(tenant_id)s, %(user_id)s, %(action)s, %(subject_type)s, %(subject_id)s, %(fields)s)
"""

# From `users`, so that for a user who does not exist it does the same, and stores nothing. It does not wait
# for the disk, which would make an address that nobody has answer sooner; a crash may lose the last second.
RECORD_STRANGER = """
insert into audit_log (tenant_id, action, subject_type, subject_id)
select u.tenant_id, %(action)s, 'user', u.id
from users as u cross join (select set_config('synchronous_commit', 'off', true)) as unhurried
where u.tenant_id = %(tenant_id)s and u.id = %(user_id)s
"""

NEWEST = """
select a.id, a.at, a.user_id, u.name as user_name, a.action, a.subject_type, a.subject_id, a.fields
from audit_log as a
left join users as u on u.tenant_id = a.tenant_id and u.id = a.user_id
where a.tenant_id = %(tenant_id)s
    and (%(after_at)s::timestamptz is null or (a.at, a.id) < (%(after_at)s, %(after_id)s))
order by a.at desc, a.id desc
limit %(limit)s
"""

Row = TypeVar("Row")


@dataclass(frozen=True)
class Subject:
    """What was done to; it may be gone by the time that somebody reads of it."""

    type: SubjectType
    id: UUID


@dataclass(frozen=True)
class AuditRow:
    id: UUID
    at: datetime
    user_id: UserId | None
    user_name: str | None
    action: Action
    subject_type: SubjectType | None
    subject_id: UUID | None
    fields: list[str]


def record(
    tx: Tx,
    user_id: UserId | None,
    action: Action,
    subject: Subject | None = None,
    *,
    fields: Sequence[str] = (),
) -> None:
    """Notes, in the transaction of the deed itself, that `user_id` (None: nobody signed in) did it."""
    kind, subject_id = (subject.type, subject.id) if subject else (None, None)
    row = {"action": action, "subject_type": kind, "subject_id": subject_id, "fields": list(fields)}
    tx.run(RECORD, user_id=user_id, **row)


def record_stranger(tx: Tx, action: Action, user_id: UserId) -> None:
    """Notes what somebody who is not signed in tried on a user; for no such user it costs the same."""
    tx.run(RECORD_STRANGER, action=action, user_id=user_id)


def changed(before: Row, after: Row) -> list[str]:
    """The names of the fields in which two dataclasses of one kind differ."""
    return [name for name, value in vars(before).items() if vars(after)[name] != value]


def newest(tx: Tx, after: Position | None) -> list[AuditRow]:
    return tx.all(AuditRow, NEWEST, **window(after))
