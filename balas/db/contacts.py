"""A shop's customers, as its owner sees them and decides how the agent treats them."""

from dataclasses import dataclass
from datetime import datetime

from balas.contact import ContactId
from balas.db.database import Tx
from balas.db.paging import Position, window
from balas.errors import NotFound

SHORTEST_PHONE_PART = 4

SELECT = """
select id, name, push_name, phone, lid, is_saved, ai_off, opted_out_at, created_at
from contacts
where tenant_id = %(tenant_id)s
"""

READ = SELECT + "and id = %(contact_id)s"

NEWEST = (
    SELECT
    + """
and (%(after_at)s::timestamptz is null or (created_at, id) < (%(after_at)s, %(after_id)s))
and (%(q)s::text is null or id in (select app.search_contacts(%(q)s, %(q_phone)s)))
order by created_at desc, id desc
limit %(limit)s
"""
)

# An empty name is none: the name that the customer chose is shown again.
CHANGE = """
update contacts set
    name = nullif(coalesce(%(name)s, name), ''),
    ai_off = coalesce(%(ai_off)s, ai_off),
    opted_out_at = case %(opted_out)s::boolean
        when true then coalesce(opted_out_at, now()) when false then null else opted_out_at
    end
where tenant_id = %(tenant_id)s and id = %(contact_id)s
"""

INTERRUPT = "select app.interrupt_contact(%(contact_id)s, %(reason)s)"


@dataclass(frozen=True)
class ContactRow:
    """`name` is the owner's, `push_name` the customer's own."""

    id: ContactId
    name: str | None
    push_name: str | None
    phone: str | None
    lid: str
    is_saved: bool
    ai_off: bool
    opted_out_at: datetime | None
    created_at: datetime


@dataclass(frozen=True)
class Change:
    """What an owner changes of a contact; None leaves it as it is, an empty `name` takes it away."""

    name: str | None = None
    ai_off: bool | None = None
    opted_out: bool | None = None


def newest(tx: Tx, q: str | None, after: Position | None) -> list[ContactRow]:
    """Contacts, newest first; `q` is part of a name or of a phone number."""
    return tx.all(ContactRow, NEWEST, q=q, q_phone=phone_part(q), **window(after))


def read(tx: Tx, contact: ContactId) -> ContactRow:
    row = tx.first(ContactRow, READ, contact_id=contact)
    if row is None:
        raise NotFound("Kontak ini tidak ditemukan.")
    return row


def change(tx: Tx, contact: ContactId, wanted: Change) -> None:
    """Silencing the agent, either way, also voids what it thinks of now and cancels what it had not sent."""
    tx.run(CHANGE, contact_id=contact, **vars(wanted))
    if wanted.opted_out or wanted.ai_off:
        tx.run(INTERRUPT, contact_id=contact, reason="opted_out" if wanted.opted_out else "ai_off")


def phone_part(q: str | None) -> str | None:
    """`q` as WhatsApp writes numbers: digits, the country code for a leading 0; None when it is no number."""
    digits = (q or "").strip().lstrip("+").replace("-", "").replace(" ", "")
    if not digits.isdecimal() or not digits.isascii() or len(digits) < SHORTEST_PHONE_PART:
        return None
    return f"62{digits[1:]}" if digits.startswith("0") else digits
