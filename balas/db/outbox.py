"""Replies on their way to a shard: stored as a message and an outbox row, in the caller's transaction."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Literal

from balas.conversation import ConversationId, MessageId
from balas.db import tenants
from balas.db.database import Tx
from balas.errors import BalasError, Conflict, NotFound

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

TAKE_DRAFT = """
update messages set
    status = 'pending', sent_at = now(),
    author = case when %(text)s::text is null or text = %(text)s then author else 'human' end,
    text = coalesce(%(text)s, text)
where tenant_id = %(tenant_id)s and conversation_id = %(conversation_id)s and id = %(message_id)s
    and status = 'draft'
returning text
"""

DISCARD_DRAFT = """
update messages set status = 'cancelled', reason = 'discarded'
where tenant_id = %(tenant_id)s and conversation_id = %(conversation_id)s and id = %(message_id)s
    and status = 'draft'
"""

IS_KNOWN = """
select true from messages
where tenant_id = %(tenant_id)s and conversation_id = %(conversation_id)s and id = %(message_id)s
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
    _send(tx, row)
    return True


def send_draft(tx: Tx, chat: ConversationId, message_id: MessageId, text: str | None) -> None:
    """Sends a proposal of the agent as it is, or with the owner's `text`; who handles the chat stays.

    It is the owner's word from here: it outlives a takeover. Raises NotFound, Conflict when it is no draft
    (any more) or the shop has no WhatsApp linked, Forbidden when it is suspended.
    """
    row = {"message_id": message_id, "conversation_id": chat, "text": text}
    tenants.refuse_suspended(tx)
    tx.run(LOCK_CHAT, **row)
    sent = tx.scalar(str, TAKE_DRAFT, **row)
    if sent is None:
        raise _no_draft(tx, row)
    _send(tx, {**row, "text": sent, "author": "human"})


def discard_draft(tx: Tx, chat: ConversationId, message_id: MessageId) -> None:
    """Drops a proposal of the agent; NotFound, or Conflict when it is no draft (any more)."""
    row = {"message_id": message_id, "conversation_id": chat}
    if tx.run(DISCARD_DRAFT, **row) == 0:
        raise _no_draft(tx, row)


def _send(tx: Tx, row: Mapping[str, object]) -> None:
    if tx.run(STORE_OUTBOX, lifetime=LIFETIMES[str(row["author"])], **row) == 0:
        raise Conflict("Belum ada WhatsApp yang tersambung. Sambungkan perangkat dulu.")
    tx.run(NOTE_LAST_MESSAGE, **row)


def _no_draft(tx: Tx, row: Mapping[str, object]) -> BalasError:
    if tx.scalar(bool, IS_KNOWN, **row):
        return Conflict("Ini bukan draf, atau sudah dikirim atau dibuang.")
    return NotFound("Draf ini tidak ditemukan.")
