"""The inbox: a shop's chats with their customers, and who handles them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from balas.contact import ContactId
from balas.conversation import ConversationId, Handling, MessageId, Status
from balas.db import contacts
from balas.db.database import Tx
from balas.db.paging import Position, window
from balas.errors import NotFound

Mode = Literal["general_faq", "order_taking", "complaint"]

# A hand-over with an end is over by itself when that has passed. The insight is the newest turn's.
SELECT = """
select c.id, h.handling, c.mode, c.status, c.tags, c.note, c.unread,
    c.last_message_at, c.last_message_preview,
    case when h.handling = c.handling then c.handover_reason end as handover_reason,
    case when h.handling = c.handling then c.handover_at end as handover_at,
    case when h.handling = 'human' then c.resumes_at end as resumes_at,
    k.id as contact_id, coalesce(k.name, k.push_name) as contact_name, k.phone as contact_phone,
    k.lid as contact_lid, i.insight
from conversations as c
join contacts as k on k.tenant_id = c.tenant_id and k.id = c.contact_id
cross join lateral (select case when c.resumes_at <= now() then 'ai' else c.handling end as handling) as h
left join lateral (
    select jsonb_build_object(
        'intent', n.intent, 'sentiment', n.sentiment, 'tags', n.tags, 'confidence', n.confidence
    ) as insight
    from customer_insights as n
    where n.tenant_id = %(tenant_id)s and n.conversation_id = c.id and n.intent is not null
    order by n.created_at desc
    limit 1
) as i on true
where c.tenant_id = %(tenant_id)s
"""

READ = SELECT + "and c.id = %(conversation_id)s"

NEWEST = (
    SELECT
    + """
and c.last_message_at is not null
and (%(after_at)s::timestamptz is null or (c.last_message_at, c.id) < (%(after_at)s, %(after_id)s))
and (%(handling)s::text is null or h.handling = %(handling)s)
and (%(mode)s::text is null or c.mode = %(mode)s)
and (%(tag)s::text is null or %(tag)s = any (c.tags))
and (%(status)s::text is null or c.status = %(status)s)
and (%(q)s::text is null or c.id in (select app.search_conversations(%(q)s, %(q_phone)s)))
order by c.last_message_at desc, c.id desc
limit %(limit)s
"""
)

LOCK = """
select id from conversations
where tenant_id = %(tenant_id)s and id = %(conversation_id)s
for update
"""

# An owner who took the chat over keeps it until he releases it; a reply of his does not end that.
REPLIED = """
select app.hand_to_human(
    c.id,
    case when t.is_held then 'takeover' else 'human_reply' end,
    case when t.is_held then null else now() + interval '1 hour' end,
    %(message_id)s
)
from conversations as c
cross join lateral (
    select c.handling = 'human' and c.handover_reason = 'takeover' and c.resumes_at is null as is_held
) as t
where c.tenant_id = %(tenant_id)s and c.id = %(conversation_id)s
"""

TAKE_OVER = """
select app.hand_to_human(id, 'takeover', null, null)
from conversations
where tenant_id = %(tenant_id)s and id = %(conversation_id)s
"""

RELEASE = """
update conversations set handling = 'ai', handover_reason = null, handover_at = null, resumes_at = null
where tenant_id = %(tenant_id)s and id = %(conversation_id)s
"""

CHANGE = """
update conversations set
    tags = coalesce(%(tags)s, tags), note = coalesce(%(note)s, note),
    status = coalesce(%(status)s, status), unread = coalesce(%(unread)s, unread)
where tenant_id = %(tenant_id)s and id = %(conversation_id)s
"""


@dataclass(frozen=True)
class ConversationRow:
    """A chat with its contact; the `handover_…` fields are None while the agent handles it."""

    id: ConversationId
    contact_id: ContactId
    contact_name: str | None
    contact_phone: str | None
    contact_lid: str
    handling: Handling
    handover_reason: str | None
    handover_at: datetime | None
    resumes_at: datetime | None
    mode: Mode | None
    status: Status
    tags: list[str]
    note: str
    unread: int
    last_message_at: datetime | None
    last_message_preview: str
    insight: dict[str, object] | None


@dataclass(frozen=True)
class Filter:
    """What a list of chats is narrowed to; `q` is part of a name, a phone number or what was said."""

    handling: Handling | None = None
    mode: Mode | None = None
    status: Status | None = None
    tag: str | None = None
    q: str | None = None


@dataclass(frozen=True)
class Change:
    """What an owner changes of a chat; None leaves it as it is."""

    tags: list[str] | None = None
    note: str | None = None
    status: Status | None = None
    unread: int | None = None


def newest(tx: Tx, wanted: Filter, after: Position | None) -> list[ConversationRow]:
    """Chats in which something was said, the latest first."""
    return tx.all(
        ConversationRow, NEWEST, **vars(wanted), q_phone=contacts.phone_part(wanted.q), **window(after)
    )


def read(tx: Tx, chat: ConversationId) -> ConversationRow:
    row = tx.first(ConversationRow, READ, conversation_id=chat)
    if row is None:
        raise _unknown()
    return row


def lock(tx: Tx, chat: ConversationId) -> None:
    """Makes other writers of this chat wait for the transaction's end; NotFound for an unknown chat."""
    if tx.run(LOCK, conversation_id=chat) == 0:
        raise _unknown()


def note_human_reply(tx: Tx, chat: ConversationId, message_id: MessageId) -> None:
    """The agent is silent for an hour, and what the customer was waiting for counts as answered."""
    tx.run(REPLIED, conversation_id=chat, message_id=message_id)


def take_over(tx: Tx, chat: ConversationId) -> None:
    """The agent is silent until `release`."""
    if tx.run(TAKE_OVER, conversation_id=chat) == 0:
        raise _unknown()


def change(tx: Tx, chat: ConversationId, wanted: Change) -> None:
    if tx.run(CHANGE, conversation_id=chat, **vars(wanted)) == 0:
        raise _unknown()


def release(tx: Tx, chat: ConversationId) -> None:
    """The agent answers the customer's next message."""
    if tx.run(RELEASE, conversation_id=chat) == 0:
        raise _unknown()


def _unknown() -> NotFound:
    return NotFound("Percakapan ini tidak ditemukan.")
