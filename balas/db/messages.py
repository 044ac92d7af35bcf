"""The messages of one chat, as the inbox shows them."""

from dataclasses import dataclass
from datetime import datetime

from balas.conversation import Author, ConversationId, Direction, Kind, MessageId, MessageStatus
from balas.db.database import Tx
from balas.db.paging import Position, window

SELECT = """
select id, conversation_id, direction, author, kind, text, media, status, reason, sent_at
from messages
where tenant_id = %(tenant_id)s
"""

READ = SELECT + "and id = %(message_id)s"

NEWEST = (
    SELECT
    + """
and conversation_id = %(conversation_id)s
and (%(after_at)s::timestamptz is null or (sent_at, id) < (%(after_at)s, %(after_id)s))
order by sent_at desc, id desc
limit %(limit)s
"""
)


@dataclass(frozen=True)
class MessageRow:
    """`status` and `reason` tell what became of an outgoing message."""

    id: MessageId
    conversation_id: ConversationId
    direction: Direction
    author: Author
    kind: Kind
    text: str
    media: dict[str, object] | None
    status: MessageStatus | None
    reason: str | None
    sent_at: datetime


def read(tx: Tx, message_id: MessageId) -> MessageRow | None:
    return tx.first(MessageRow, READ, message_id=message_id)


def newest(tx: Tx, chat: ConversationId, after: Position | None) -> list[MessageRow]:
    return tx.all(MessageRow, NEWEST, conversation_id=chat, **window(after))
