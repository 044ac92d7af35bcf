"""Replies on their way to a shard: stored as a message and an outbox row, in the caller's transaction."""

from datetime import timedelta
from typing import Literal

from balas.conversation import ConversationId, MessageId
from balas.db import tenants
from balas.db.database import Tx
from balas.errors import Conflict, NotFound

LIFETIMES: dict[str, timedelta] = {"ai": timedelta(minutes=10), "human": timedelta(hours=24)}

LOCK_CHAT = """
select 1 from conversations where tenant_id = %(tenant_id)s and id = %(conversation_id)s for update
"""

STORE_MESSAGE = """
insert into messages (tenant_id, id, session_id, conversation_id, direction, author, text, status)
select c.tenant_id, %(message_id)s, c.session_id, c.id, 'out', %(author)s, %(text)s, 'pending'
from conversations as c
where c.tenant_id = %(tenant_id)s and c.id = %(conversation_id)s
on conflict (tenant_id, id) do nothing
"""

STORE_OUTBOX = """
insert into outbox (
    tenant_id, message_id, session_id, conversation_id, author, account_lid, interruptions, expires_at
)
select
    c.tenant_id, %(message_id)s, c.session_id, c.id, %(author)s, s.lid, c.interruptions,
    now() + %(lifetime)s
from conversations as c
join whatsapp_sessions as s on s.tenant_id = c.tenant_id and s.id = c.session_id
where c.tenant_id = %(tenant_id)s and c.id = %(conversation_id)s and s.lid is not null
"""

NOTE_LAST_MESSAGE = """
update conversations set last_message_at = now(), last_message_preview = left(%(text)s, 120), unread = 0
where tenant_id = %(tenant_id)s and id = %(conversation_id)s
"""


def enqueue(
    tx: Tx, message_id: MessageId, chat: ConversationId, text: str, *, author: Literal["ai", "human"]
) -> bool:
    """Stores one outgoing text; False when a message of that id was stored before (nothing is changed then).

    Raises NotFound for an unknown conversation, Conflict when the shop has no WhatsApp linked, Forbidden when
    it is suspended.
    """
    row = {"message_id": message_id, "conversation_id": chat, "text": text, "author": author}
    tenants.refuse_suspended(tx)
    if tx.run(LOCK_CHAT, **row) == 0:
        raise NotFound("Percakapan ini tidak ada.")
    if tx.run(STORE_MESSAGE, **row) == 0:
        return False
    if tx.run(STORE_OUTBOX, lifetime=LIFETIMES[author], **row) == 0:
        raise Conflict("Belum ada WhatsApp yang tersambung. Sambungkan perangkat dulu.")
    tx.run(NOTE_LAST_MESSAGE, **row)
    return True
