"""A customer: a WhatsApp account known by its LID and, when WhatsApp told us, by its phone number."""

from dataclasses import dataclass
from datetime import datetime
from typing import NewType
from uuid import UUID

ContactId = NewType("ContactId", UUID)


@dataclass(frozen=True)
class Contact:
    """`lid` is the LID's user part, `phone` digits only, `is_saved` the owner's phone has it saved."""

    id: ContactId
    lid: str
    phone: str | None
    name: str | None
    is_saved: bool
    ai_off: bool
    opted_out_at: datetime | None
