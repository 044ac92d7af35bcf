"""What was said in a chat, and the owner's own replies."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict

from balas.conversation import Author, ConversationId, Direction, Kind, MessageId, MessageStatus
from balas.db import conversations, messages, outbox
from balas.db.database import Tx
from balas.db.messages import MessageRow
from balas.db.paging import Position
from balas.errors import Conflict
from functions.api import fields
from functions.api.deps import Db, Me
from functions.api.paging import After, Page, page_of

router = APIRouter(prefix="/conversations/{conversation_id}/messages", tags=["messages"])


class Reply(BaseModel):
    """`id` is made by the client, so that a reply sent twice is one reply."""

    id: UUID
    text: fields.Bubble


class DraftText(BaseModel):
    """`text`: what is sent instead of the agent's own words."""

    text: fields.Bubble | None = None


class Message(BaseModel):
    """`is_corrected`: the owner wrote what the agent should have said here."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    direction: Direction
    author: Author
    kind: Kind
    text: str
    media: dict[str, object] | None
    status: MessageStatus | None
    reason: str | None
    sent_at: datetime
    is_corrected: bool


@router.get("")
def list_messages(conversation_id: UUID, who: Me, db: Db, after: After) -> Page[Message]:
    """The messages of a chat, newest first."""
    chat = ConversationId(conversation_id)
    with db.tenant_tx(who.tenant_id) as tx:
        conversations.read(tx, chat)
        rows = messages.newest(tx, chat, after)
    return page_of(rows, Message.model_validate, _position)


@router.post("", status_code=201, responses={200: {"model": Message, "description": "It was sent before."}})
def send_message(conversation_id: UUID, body: Reply, response: Response, who: Me, db: Db) -> Message:
    """Sends a human reply; the agent is silent for an hour. A repeated `id` answers with the first result."""
    chat, message_id = ConversationId(conversation_id), MessageId(body.id)
    with db.tenant_tx(who.tenant_id) as tx:
        conversations.lock(tx, chat)
        known = messages.read(tx, message_id)
        if known is not None and (known.conversation_id != chat or known.author != "human"):
            raise _id_taken()
        sent = known or _send(tx, chat, message_id, body.text)
    response.status_code = 200 if known else 201
    return Message.model_validate(sent)


@router.post("/{message_id}/send")
def send_draft(
    conversation_id: UUID, message_id: UUID, who: Me, db: Db, body: DraftText | None = None
) -> Message:
    """Sends what the agent proposed, with the owner's changes if any; who handles the chat stays the same."""
    with db.tenant_tx(who.tenant_id) as tx:
        chat, draft = ConversationId(conversation_id), MessageId(message_id)
        outbox.send_draft(tx, chat, draft, body.text if body else None)
        return Message.model_validate(messages.read(tx, draft))


@router.delete("/{message_id}", status_code=204)
def discard_draft(conversation_id: UUID, message_id: UUID, who: Me, db: Db) -> None:
    """Drops what the agent proposed."""
    with db.tenant_tx(who.tenant_id) as tx:
        outbox.discard_draft(tx, ConversationId(conversation_id), MessageId(message_id))


def _send(tx: Tx, chat: ConversationId, message_id: MessageId, text: str) -> MessageRow:
    if not outbox.enqueue(tx, message_id, chat, text, author="human"):
        raise _id_taken()
    conversations.note_human_reply(tx, chat, message_id)
    sent = messages.read(tx, message_id)
    if sent is None:
        raise _id_taken()
    return sent


def _id_taken() -> Conflict:
    return Conflict("Id pesan ini sudah dipakai pesan lain.")


def _position(row: MessageRow) -> Position:
    return Position(row.sent_at, row.id)
