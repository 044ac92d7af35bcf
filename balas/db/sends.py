"""The outbox as a shard works it off: claimed with a secret, sent, settled by an ack or a receipt.

whatsmeow stores the secret of a message under the message's id before the message leaves, so the secret tells
after a crash whether a send was begun, and as which message. Source: whatsmeow send.go, PutMessageSecret.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from balas.conversation import ConversationId, MessageId
from balas.db.database import Tx
from balas.db.inbound import Account
from balas.db.session_leases import Lease
from balas.tenant import TenantId
from balas.whatsapp_session import SessionId

ReceiptStatus = Literal["sent", "delivered", "read"]

WAITING = """
select distinct session_id from outbox
where session_id = any(%(session_ids)s::uuid[]) and done_at is null and claimed_at is null
"""

SETTLE_VOID = """
with void as (
    update outbox as o set done_at = now()
    from conversations as c, contacts as k, whatsapp_sessions as s
    where o.tenant_id = %(tenant_id)s and o.session_id = %(session_id)s
        and o.done_at is null and o.claimed_at is null
        and c.tenant_id = o.tenant_id and c.id = o.conversation_id
        and k.tenant_id = c.tenant_id and k.id = c.contact_id
        and s.tenant_id = o.tenant_id and s.id = o.session_id
        and (
            o.expires_at <= now() or o.account_lid is distinct from s.lid
            or (o.author = 'ai' and o.interruptions < c.interruptions) or k.lid !~ '^(pn:)?[0-9]+$'
        )
    returning o.message_id, case
        when o.expires_at <= now() then 'expired'
        when o.account_lid is distinct from s.lid then 'other_account'
        when k.lid !~ '^(pn:)?[0-9]+$' then 'not_a_person'
        else 'human_handling'
    end as reason
)
update messages as m set
    status = case when void.reason = 'human_handling' then 'cancelled' else 'failed' end, reason = void.reason
from void
where m.tenant_id = %(tenant_id)s and m.id = void.message_id
"""

NEXT = """
select o.message_id, o.conversation_id, k.lid as chat_lid, m.text, count(*) over () as waiting
from outbox as o
join messages as m on m.tenant_id = o.tenant_id and m.id = o.message_id
join conversations as c on c.tenant_id = o.tenant_id and c.id = o.conversation_id
join contacts as k on k.tenant_id = c.tenant_id and k.id = c.contact_id
where o.tenant_id = %(tenant_id)s and o.session_id = %(session_id)s
    and o.done_at is null and o.claimed_at is null
order by o.seq
limit 1
"""

# The chat's lock makes a takeover and a claim happen one after the other, never at once.
CLAIM = """
with chat as materialized (
    select c.interruptions, k.lid
    from conversations as c join contacts as k on k.tenant_id = c.tenant_id and k.id = c.contact_id
    where c.tenant_id = %(tenant_id)s and c.id = %(conversation_id)s
    for update of c
)
update outbox as o set claimed_at = now(), claimed_fence = %(fence)s, secret = %(secret)s
from chat, messages as m, whatsapp_sessions as s, session_leases as l
where o.tenant_id = %(tenant_id)s and o.message_id = %(message_id)s
    and o.done_at is null and o.claimed_at is null and o.expires_at > now()
    and (o.author <> 'ai' or o.interruptions >= chat.interruptions) and chat.lid ~ '^(pn:)?[0-9]+$'
    and m.tenant_id = o.tenant_id and m.id = o.message_id and m.status = 'pending'
    and s.tenant_id = o.tenant_id and s.id = o.session_id
    and s.wanted = 'on' and s.state = 'connected' and s.lid = o.account_lid
    and l.tenant_id = s.tenant_id and l.session_id = s.id
    and l.owner = %(owner)s and l.fence = %(fence)s and l.until > now()
"""

MARK_SENT = """
with done as (
    update outbox set done_at = coalesce(done_at, now())
    where tenant_id = %(tenant_id)s and message_id = %(message_id)s
)
update messages as m set
    status = case when m.status in ('pending', 'in_doubt') then 'sent' else m.status end,
    wa_message_id = %(wa_message_id)s, sender_lid = %(account_lid)s, sent_at = now(), reason = null
where m.tenant_id = %(tenant_id)s and m.id = %(message_id)s
"""

MARK_FAILED = """
with done as (
    update outbox set done_at = coalesce(done_at, now())
    where tenant_id = %(tenant_id)s and message_id = %(message_id)s
)
update messages as m set status = 'failed', reason = %(reason)s
where m.tenant_id = %(tenant_id)s and m.id = %(message_id)s and m.status in ('pending', 'in_doubt')
"""

# A receipt may overtake the ack: then the secret leads from WhatsApp's id to the outbox row.
HIT = """
with hit as (
    select m.id, m.wa_message_id from messages as m
    where m.tenant_id = %(tenant_id)s and m.session_id = %(session_id)s and m.direction = 'out'
        and m.sender_lid = %(account_lid)s and m.wa_message_id = any(%(wa_message_ids)s)
    union
    select o.message_id, x.message_id from outbox as o
    join whatsmeow.whatsmeow_message_secrets as x on x.our_jid = %(jid)s and x.key = o.secret
    where o.tenant_id = %(tenant_id)s and o.session_id = %(session_id)s and o.done_at is null
        and o.claimed_at is not null and x.message_id = any(%(wa_message_ids)s)
),
"""

NOTE_RECEIPT = (
    HIT  # noqa: S608 - constants only
    + """
done as (
    update outbox as o set done_at = now() from hit
    where o.tenant_id = %(tenant_id)s and o.message_id = hit.id and o.done_at is null
),
rank (of) as (values (array['pending', 'in_doubt', 'sent', 'delivered', 'read']))
update messages as m set
    status = %(status)s, wa_message_id = hit.wa_message_id, sender_lid = %(account_lid)s, reason = null
from hit, rank
where m.tenant_id = %(tenant_id)s and m.id = hit.id
    and array_position(rank.of, %(status)s) > array_position(rank.of, m.status)
"""
)

UNCLAIM_NOT_BEGUN = """
update outbox as o set claimed_at = null, claimed_fence = null, secret = null
where o.tenant_id = %(tenant_id)s and o.session_id = %(session_id)s
    and o.done_at is null and o.claimed_at is not null
    and not exists (
        select 1 from whatsmeow.whatsmeow_message_secrets as x where x.our_jid = %(jid)s and x.key = o.secret
    )
"""

UNCLAIM = """
update outbox set claimed_at = null, claimed_fence = null, secret = null
where tenant_id = %(tenant_id)s and message_id = %(message_id)s and done_at is null
"""

NOTE_BEGUN = """
update messages as m set wa_message_id = x.message_id, sender_lid = %(account_lid)s
from outbox as o
join whatsmeow.whatsmeow_message_secrets as x on x.our_jid = %(jid)s and x.key = o.secret
where o.tenant_id = %(tenant_id)s and o.session_id = %(session_id)s
    and o.done_at is null and o.claimed_at is not null
    and m.tenant_id = o.tenant_id and m.id = o.message_id
"""

BEGUN = """
select message_id from outbox
where tenant_id = %(tenant_id)s and session_id = %(session_id)s and done_at is null and claimed_at is not null
"""

MARK_IN_DOUBT = """
with doubtful as (
    update outbox set done_at = now()
    where tenant_id = %(tenant_id)s and message_id = any(%(message_ids)s::uuid[]) and done_at is null
    returning message_id
)
update messages as m set status = 'in_doubt', reason = 'no_proof' from doubtful
where m.tenant_id = %(tenant_id)s and m.id = doubtful.message_id and m.status = 'pending'
"""

# Once per row: the copy carries resends = 1 and is not copied again.
RESEND_UNREADABLE = (
    HIT  # noqa: S608 - constants only
    + """
unreadable as (
    update outbox as o set resends = 1, done_at = coalesce(o.done_at, now()) from hit
    where o.tenant_id = %(tenant_id)s and o.message_id = hit.id and o.resends = 0
        and o.claimed_at < %(client_started_at)s and o.expires_at > now() - interval '1 day'
    returning o.*
),
old as (
    update messages as m set status = 'failed', reason = 'unreadable' from unreadable as u
    where m.tenant_id = u.tenant_id and m.id = u.message_id
    returning m.*
),
copy as (
    insert into messages (tenant_id, id, session_id, conversation_id, direction, author, kind, text, status)
    select tenant_id, gen_random_uuid(), session_id, conversation_id, 'out', author, kind, text, 'pending'
    from old
    returning *
)
insert into outbox (
    tenant_id, message_id, session_id, conversation_id, author, account_lid, interruptions, resends,
    expires_at
)
select c.tenant_id, c.id, c.session_id, c.conversation_id, u.author, u.account_lid, chat.interruptions, 1,
    now() + interval '10 minutes'
from copy as c
join unreadable as u on u.conversation_id = c.conversation_id
join conversations as chat on chat.tenant_id = c.tenant_id and chat.id = c.conversation_id
"""
)

ANSWERED_BY = """
select wa_message_id from messages
where tenant_id = %(tenant_id)s and answered_by = %(message_id)s and wa_message_id is not null
"""

OVERDUE = """
select distinct tenant_id from outbox where done_at is null and expires_at < now() - interval '2 minutes'
"""

SETTLE_OVERDUE = """
with overdue as (
    update outbox set done_at = now()
    where tenant_id = %(tenant_id)s and done_at is null and expires_at < now() - interval '2 minutes'
    returning message_id, claimed_at
)
update messages as m set
    status = case when overdue.claimed_at is null then 'failed' else 'in_doubt' end,
    reason = case when overdue.claimed_at is null then 'expired' else 'no_proof' end
from overdue
where m.tenant_id = %(tenant_id)s and m.id = overdue.message_id and m.status = 'pending'
"""

NOW = "select now()"


@dataclass(frozen=True)
class NextSend:
    """The oldest unsent row of a session; `waiting` counts it and those behind it."""

    message_id: MessageId
    conversation_id: ConversationId
    chat_lid: str
    text: str
    waiting: int


def sessions_with_work(tx: Tx, session_ids: list[SessionId]) -> set[SessionId]:
    return {SessionId(i) for i in tx.scalars(UUID, WAITING, session_ids=session_ids)}


def next_send(tx: Tx, session_id: SessionId) -> NextSend | None:
    """What to send now; rows that must not go out any more are settled with their reason first."""
    tx.run(SETTLE_VOID, session_id=session_id)
    return tx.first(NextSend, NEXT, session_id=session_id)


def claim(tx: Tx, lease: Lease, send: NextSend, secret: bytes) -> bool:
    """Takes the row for sending; False when it must not go out (now), whatever was true a moment ago."""
    row = {"message_id": send.message_id, "conversation_id": send.conversation_id, "secret": secret}
    return tx.run(CLAIM, owner=lease.owner, fence=lease.fence, **row) == 1


def mark_sent(tx: Tx, account: Account, message_id: MessageId, wa_message_id: str) -> None:
    tx.run(MARK_SENT, message_id=message_id, wa_message_id=wa_message_id, account_lid=account.lid)


def mark_failed(tx: Tx, message_id: MessageId, reason: str) -> None:
    tx.run(MARK_FAILED, message_id=message_id, reason=reason)


def unclaim(tx: Tx, message_id: MessageId) -> None:
    """Gives back a row whose message is known not to have left."""
    tx.run(UNCLAIM, message_id=message_id)


def note_receipt(tx: Tx, account: Account, wa_message_ids: Sequence[str], status: ReceiptStatus) -> int:
    """Moves messages forward, never back; returns how many moved."""
    return tx.run(NOTE_RECEIPT, status=status, **_receipt(account, wa_message_ids))


def resend_unreadable(
    tx: Tx, account: Account, wa_message_ids: Sequence[str], client_started_at: datetime
) -> int:
    """Sends anew, once, what the customer's phone cannot read and this client cannot repeat."""
    receipt = _receipt(account, wa_message_ids)
    return tx.run(RESEND_UNREADABLE, client_started_at=client_started_at, **receipt)


def note_begun(tx: Tx, account: Account) -> None:
    """Notes under which ids unanswered sends went out, so that a late receipt finds them."""
    tx.run(NOTE_BEGUN, session_id=account.session_id, jid=account.jid, account_lid=account.lid)


def recover(tx: Tx, account: Account) -> list[MessageId]:
    """Sorts what a crash left behind: what never began may be sent anew; returns what did begin.

    Only for a process that sends nothing yet.
    """
    tx.run(UNCLAIM_NOT_BEGUN, session_id=account.session_id, jid=account.jid)
    note_begun(tx, account)
    return [MessageId(i) for i in tx.scalars(UUID, BEGUN, session_id=account.session_id)]


def mark_in_doubt(tx: Tx, message_ids: Sequence[MessageId]) -> int:
    """What began and was never proven; a late receipt still settles it."""
    return tx.run(MARK_IN_DOUBT, message_ids=list(message_ids))


def answered_by(tx: Tx, message_id: MessageId) -> list[str]:
    """WhatsApp's ids of the customer's messages that this reply answers."""
    return tx.scalars(str, ANSWERED_BY, message_id=message_id)


def tenants_with_overdue(tx: Tx) -> list[TenantId]:
    """Shops with rows that no shard will ever send, since their session is gone."""
    return [TenantId(i) for i in tx.scalars(UUID, OVERDUE)]


def settle_overdue(tx: Tx) -> int:
    return tx.run(SETTLE_OVERDUE)


def database_now(tx: Tx) -> datetime:
    now = tx.scalar(datetime, NOW)
    assert now is not None  # noqa: S101 - now() is never NULL
    return now


def _receipt(account: Account, wa_message_ids: Sequence[str]) -> dict[str, object]:
    return {
        "session_id": account.session_id,
        "jid": account.jid,
        "account_lid": account.lid,
        "wa_message_ids": list(wa_message_ids),
    }
