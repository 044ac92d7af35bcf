"""The inbox: the shop's chats, and who handles them."""

from datetime import datetime
from typing import Annotated, cast
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel

from balas.conversation import ConversationId, Handling, Status
from balas.db import conversations
from balas.db.conversations import ConversationRow, Filter, Mode
from balas.db.paging import Position
from functions.api import fields
from functions.api.deps import Db, Me
from functions.api.paging import After, Page, page_of

router = APIRouter(prefix="/conversations", tags=["conversations"])


class Contact(BaseModel):
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
    contact: Contact
    handling: Handling
    handover: Handover | None
    mode: Mode | None
    status: Status
    tags: list[str]
    unread: int
    last_message_at: datetime | None
    last_message_preview: str
    insight: Insight | None


class InboxFilter(BaseModel):
    """`q`: part of a customer's name, or how the phone number begins."""

    handling: Handling | None = None
    tag: fields.Line | None = None
    mode: Mode | None = None
    q: fields.Line | None = None


@router.get("")
def list_conversations(
    who: Me, db: Db, after: After, wanted: Annotated[InboxFilter, Query()]
) -> Page[Conversation]:
    """The chats, the one with the latest message first."""
    with db.tenant_tx(who.tenant_id) as tx:
        rows = conversations.newest(tx, Filter(**dict(wanted)), after)
    return page_of(rows, _conversation, _position)


@router.get("/{conversation_id}")
def get_conversation(conversation_id: UUID, who: Me, db: Db) -> Conversation:
    """One chat."""
    with db.tenant_tx(who.tenant_id) as tx:
        return _conversation(conversations.read(tx, ConversationId(conversation_id)))


@router.post("/{conversation_id}/takeover")
def take_over(conversation_id: UUID, who: Me, db: Db) -> Conversation:
    """Silences the agent in this chat until it is released; what it had not sent yet is cancelled."""
    chat = ConversationId(conversation_id)
    with db.tenant_tx(who.tenant_id) as tx:
        conversations.take_over(tx, chat)
        return _conversation(conversations.read(tx, chat))


@router.post("/{conversation_id}/release")
def release(conversation_id: UUID, who: Me, db: Db) -> Conversation:
    """Gives the chat back to the agent."""
    chat = ConversationId(conversation_id)
    with db.tenant_tx(who.tenant_id) as tx:
        conversations.release(tx, chat)
        return _conversation(conversations.read(tx, chat))


def _conversation(row: ConversationRow) -> Conversation:
    contact = Contact(id=row.contact_id, name=row.contact_name, phone=row.contact_phone, lid=row.contact_lid)
    return Conversation(
        id=row.id,
        contact=contact,
        handling=row.handling,
        handover=_handover(row),
        mode=row.mode,
        status=row.status,
        tags=row.tags,
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
