"""The shop's customers, and which of them the agent leaves alone."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel

from balas.contact import ContactId
from balas.db import audit_log, contacts
from balas.db.audit_log import Subject
from balas.db.contacts import Change, ContactRow
from balas.db.paging import Position
from functions.api import fields
from functions.api.deps import Db, Me
from functions.api.paging import After, Page, page_of

router = APIRouter(prefix="/contacts", tags=["contacts"])


class Contact(BaseModel):
    """`name` is the owner's, `push_name` the customer's own; `is_saved` on the owner's phone."""

    id: UUID
    name: str | None
    push_name: str | None
    phone: str | None
    lid: str
    is_saved: bool
    ai_off: bool
    opted_out: bool
    created_at: datetime

    @classmethod
    def of(cls, row: ContactRow) -> Self:
        return cls.model_validate({**vars(row), "opted_out": row.opted_out_at is not None})


class ContactChange(BaseModel):
    """What is left out stays as it is; `name: null` brings back the customer's own.

    `ai_off`: the agent does not answer this customer. `opted_out`: the customer asked not to be written to.
    """

    name: fields.Name | None = None
    ai_off: fields.Flag | None = None
    opted_out: fields.Flag | None = None

    def change(self) -> Change:
        name = self.name or "" if "name" in self.model_fields_set else None
        return Change(name, self.ai_off, self.opted_out)


@router.get("")
def list_contacts(
    who: Me, db: Db, after: After, q: Annotated[fields.Line | None, Query()] = None
) -> Page[Contact]:
    """The customers, newest first; `q` is part of a name, or of the phone number (four digits or more)."""
    with db.tenant_tx(who.tenant_id) as tx:
        rows = contacts.newest(tx, q, after)
    return page_of(rows, Contact.of, _position)


@router.get("/{contact_id}")
def get_contact(contact_id: UUID, who: Me, db: Db) -> Contact:
    """One customer."""
    with db.tenant_tx(who.tenant_id) as tx:
        return Contact.of(contacts.read(tx, ContactId(contact_id)))


@router.patch("/{contact_id}")
def change_contact(contact_id: UUID, body: ContactChange, who: Me, db: Db) -> Contact:
    """Changes a customer's name, or whether the agent writes to them; what it had not sent is cancelled."""
    contact = ContactId(contact_id)
    with db.tenant_tx(who.tenant_id) as tx:
        before = contacts.read(tx, contact)
        contacts.change(tx, contact, body.change())
        after = contacts.read(tx, contact)
        changed = audit_log.changed(before, after)
        audit_log.record(tx, who.user_id, "contact_changed", Subject("contact", contact), fields=changed)
    return Contact.of(after)


def _position(row: ContactRow) -> Position:
    return Position(row.created_at, row.id)
