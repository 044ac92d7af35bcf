"""A chat with one customer: its messages and who handles it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NewType
from uuid import UUID

ConversationId = NewType("ConversationId", UUID)
MessageId = NewType("MessageId", UUID)

Handling = Literal["ai", "human"]
Status = Literal["open", "done"]
Direction = Literal["in", "out"]
Author = Literal["contact", "ai", "human", "owner_phone", "system"]
Kind = Literal[
    "text", "image", "audio", "video", "document", "sticker", "location",
    "contact", "reaction", "poll", "gap", "unreadable", "other",
]  # fmt: skip
MessageStatus = Literal["draft", "pending", "sent", "delivered", "read", "in_doubt", "failed", "cancelled"]

ANSWERABLE_KINDS: frozenset[Kind] = frozenset(
    {"text", "image", "audio", "video", "document", "sticker", "location", "contact", "poll"}
)


@dataclass(frozen=True)
class Message:
    """One bubble. `text` is a caption where `kind` is a medium; `is_live` is False for history."""

    id: MessageId
    direction: Direction
    author: Author
    kind: Kind
    text: str
    sent_at: datetime
    is_live: bool = True


@dataclass(frozen=True)
class Conversation:
    """`interruptions` grows with every takeover, human or owner-phone message, opt-out and erasure.

    `closed_told_until`: the customer knows that the shop is closed until then.
    """

    id: ConversationId
    handling: Handling
    resumes_at: datetime | None
    interruptions: int
    closed_told_until: datetime | None = None
