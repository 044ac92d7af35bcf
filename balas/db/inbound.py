"""What WhatsApp delivered, on its way into the inbox: one call of `app.store_inbound` per message."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

import psycopg

from balas.conversation import Kind, MessageId
from balas.db import owner_phone
from balas.db.database import Tx
from balas.errors import InvalidInput
from balas.whatsapp_session import SessionId

STORE = """
select app.store_inbound(
    %(session_id)s, %(lid)s, %(phone)s, %(push_name)s, app.is_saved(%(jid)s, %(lid)s, %(phone)s),
    %(sender_lid)s, %(wa_message_id)s, %(author)s, %(kind)s, %(text)s, %(media)s::jsonb,
    %(sent_at)s, %(is_live)s
)
"""

LID_OF_PHONE = "select split_part(lid, '@', 1) from whatsmeow.whatsmeow_lid_map where pn = %(phone)s"


@dataclass(frozen=True)
class Account:
    """The shop's own side: its session, the device that hears, and the account's LID user part."""

    session_id: SessionId
    jid: str
    lid: str


@dataclass(frozen=True)
class InboundMessage:
    """One message as WhatsApp delivered it: `lid` and `phone` are the customer's user parts.

    At least one of the two is known. `text` fits the column; `is_live` is False for history.
    """

    lid: str | None
    phone: str | None
    push_name: str | None
    wa_message_id: str
    author: Literal["contact", "owner_phone"]
    kind: Kind
    text: str
    media: Mapping[str, str | int] | None
    sent_at: datetime
    is_live: bool


def store(tx: Tx, account: Account, messages: Sequence[InboundMessage]) -> list[MessageId]:
    """Stores what was not stored before and returns the ids of that; what the owner orders is obeyed.

    Raises InvalidInput when Postgres cannot hold one of them; nothing is stored then.
    """
    try:
        ids = [_store(tx, account, message) for message in messages]
    except psycopg.DataError as error:
        raise InvalidInput("Postgres cannot hold this message") from error
    return [MessageId(i) for i in ids if i is not None]


def _store(tx: Tx, account: Account, message: InboundMessage) -> UUID | None:
    is_owners = message.lid == account.lid or owner_phone.is_owners(tx, message.lid, message.phone)
    if message.is_live and (is_owners or message.author == "owner_phone"):
        owner_phone.obey(tx, message.text)
    if is_owners:
        return None
    lid = message.lid or _lid_of(tx, message.phone or "")
    return tx.scalar(
        UUID,
        STORE,
        session_id=account.session_id,
        jid=account.jid,
        lid=lid,
        phone=message.phone,
        push_name=message.push_name,
        sender_lid=lid if message.author == "contact" else account.lid,
        wa_message_id=message.wa_message_id,
        author=message.author,
        kind=message.kind,
        text=message.text,
        media=None if message.media is None else json.dumps(dict(message.media)),
        sent_at=message.sent_at,
        is_live=message.is_live,
    )


def _lid_of(tx: Tx, phone: str) -> str:
    """The LID behind a number from the session's own event; `pn:<digits>` while WhatsApp has told none."""
    return tx.scalar(str, LID_OF_PHONE, phone=phone) or f"pn:{phone}"
