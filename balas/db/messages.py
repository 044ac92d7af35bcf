"""The messages of one chat, as the inbox shows them."""

from dataclasses import dataclass
from datetime import datetime

from balas.conversation import Author, ConversationId, Direction, Kind, MessageId, MessageStatus
from balas.db.database import Tx
from balas.db.paging import Position, window
from balas.errors import Conflict, NotFound

SELECT = """
select id, conversation_id, direction, author, kind, text, media, status, reason, sent_at,
    corrected_at is not null as is_corrected
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

MARK_CORRECTED = """
update messages set corrected_at = now()
where tenant_id = %(tenant_id)s and id = %(message_id)s and author = 'ai'
"""


@dataclass(frozen=True)
class MessageRow:
    """`status` and `reason` tell what became of an outgoing message; corrected are answers of the agent."""

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
    is_corrected: bool


def read(tx: Tx, message_id: MessageId) -> MessageRow | None:
    return tx.first(MessageRow, READ, message_id=message_id)


def newest(tx: Tx, chat: ConversationId, after: Position | None) -> list[MessageRow]:
    return tx.all(MessageRow, NEWEST, conversation_id=chat, **window(after))


def mark_corrected(tx: Tx, message_id: MessageId) -> None:
    """Notes that the owner wrote what the agent should have said; Conflict when it was not the agent's."""
    if tx.run(MARK_CORRECTED, message_id=message_id) == 0:
        if read(tx, message_id) is None:
            raise NotFound("Pesan ini tidak ditemukan.")
        raise Conflict("Hanya jawaban AI yang bisa dikoreksi.")
