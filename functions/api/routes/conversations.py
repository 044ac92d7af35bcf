"""The inbox: the shop's chats, and who handles them."""

from datetime import datetime
from typing import Annotated, cast
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from balas.conversation import ConversationId, Handling, Status
from balas.db import audit_log, conversations
from balas.db.audit_log import Subject
from balas.db.conversations import Change, ConversationRow, Filter, Mode
from balas.db.paging import Position
from functions.api import fields
from functions.api.deps import Db, Me
from functions.api.paging import After, Page, page_of

router = APIRouter(prefix="/conversations", tags=["conversations"])


MAX_TAGS = 35
"""The agent's own fifteen and twenty of the owner's."""

Tag = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40), fields.FILLED_LINE
]


def _each_once(tags: list[str]) -> list[str]:
    return sorted(set(tags))


Tags = Annotated[list[Tag], Field(max_length=MAX_TAGS), AfterValidator(_each_once)]


class ChatContact(BaseModel):
    id: UUID
    name: str | None
    phone: str | None
    lid: str


class Handover(BaseModel):
    """Why a human has the chat; the agent comes back at `resumes_at`, or when the chat is released."""

    reason: str
    since: datetime
    resumes_at: datetime | None


class Insight(BaseModel):
    """What the agent understood in its latest turn."""

    intent: str | None
    sentiment: str | None
    tags: list[str]
    confidence: float | None


class Conversation(BaseModel):
    id: UUID
    contact: ChatContact
    handling: Handling
    handover: Handover | None
    mode: Mode | None
    status: Status
    tags: list[str]
    note: str
    unread: int
    last_message_at: datetime | None
    last_message_preview: str
    insight: Insight | None


class InboxFilter(BaseModel):
    """What the list is narrowed to; all of it must hold."""

    handling: Handling | None = None
    tag: fields.Line | None = None
    mode: Mode | None = None
    status: Status | None = None
    q: fields.Line | None = None


class ConversationChange(BaseModel):
    """What is left out stays as it is; null empties `tags` and `note`. `unread: 0` marks the chat as read."""

    tags: Tags | None = None
    note: fields.Text | None = None
    status: Status | None = None
    unread: Annotated[int, Field(strict=True, ge=0, le=0), fields.WHOLE] | None = None

    def change(self) -> Change:
        tags = self.tags or [] if "tags" in self.model_fields_set else None
        note = self.note or "" if "note" in self.model_fields_set else None
        return Change(tags, note, self.status, self.unread)


@router.get("")
def list_conversations(
    who: Me, db: Db, after: After, wanted: Annotated[InboxFilter, Query()]
) -> Page[Conversation]:
    """The chats, the one with the latest message first.

    `q` is part of the customer's name, of the phone number (four digits or more), or of what was said in the
    chat (three characters or more).
    """
    with db.tenant_tx(who.tenant_id) as tx:
        rows = conversations.newest(tx, Filter(**dict(wanted)), after)
    return page_of(rows, _conversation, _position)


@router.get("/{conversation_id}")
def get_conversation(conversation_id: UUID, who: Me, db: Db) -> Conversation:
    """One chat."""
    with db.tenant_tx(who.tenant_id) as tx:
        return _conversation(conversations.read(tx, ConversationId(conversation_id)))


@router.patch("/{conversation_id}")
def change_conversation(conversation_id: UUID, body: ConversationChange, who: Me, db: Db) -> Conversation:
    """Changes a chat's tags, note or status, or marks it as read."""
    chat = ConversationId(conversation_id)
    with db.tenant_tx(who.tenant_id) as tx:
        conversations.change(tx, chat, body.change())
        return _conversation(conversations.read(tx, chat))


@router.post("/{conversation_id}/takeover")
def take_over(conversation_id: UUID, who: Me, db: Db) -> Conversation:
    """Silences the agent in this chat until it is released; what it had not sent yet is cancelled."""
    chat = ConversationId(conversation_id)
    with db.tenant_tx(who.tenant_id) as tx:
        conversations.take_over(tx, chat)
        audit_log.record(tx, who.user_id, "conversation_taken_over", Subject("conversation", chat))
        return _conversation(conversations.read(tx, chat))


@router.post("/{conversation_id}/release")
def release(conversation_id: UUID, who: Me, db: Db) -> Conversation:
    """Gives the chat back to the agent."""
    chat = ConversationId(conversation_id)
    with db.tenant_tx(who.tenant_id) as tx:
        conversations.release(tx, chat)
        audit_log.record(tx, who.user_id, "conversation_released", Subject("conversation", chat))
        return _conversation(conversations.read(tx, chat))


def _conversation(row: ConversationRow) -> Conversation:
    contact = ChatContact(
        id=row.contact_id, name=row.contact_name, phone=row.contact_phone, lid=row.contact_lid
    )
    return Conversation(
        id=row.id,
        contact=contact,
        handling=row.handling,
        handover=_handover(row),
        mode=row.mode,
        status=row.status,
        tags=row.tags,
        note=row.note,
        unread=row.unread,
        last_message_at=row.last_message_at,
        last_message_preview=row.last_message_preview,
        insight=Insight.model_validate(row.insight) if row.insight else None,
    )


def _handover(row: ConversationRow) -> Handover | None:
    if row.handover_reason is None or row.handover_at is None:
        return None
    return Handover(reason=row.handover_reason, since=row.handover_at, resumes_at=row.resumes_at)


def _position(row: ConversationRow) -> Position:
    return Position(cast(datetime, row.last_message_at), row.id)
