"""All that one turn of the agent starts from, read in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from balas import order_status
from balas.catalog import Faq, FaqId, Product, ProductId
from balas.contact import Contact, ContactId
from balas.conversation import (
    Author,
    Conversation,
    ConversationId,
    Direction,
    Handling,
    Kind,
    Message,
    MessageId,
)
from balas.db import ai_configs, orders, quotas
from balas.db.database import Tx
from balas.tenant import ShopProfile
from balas.turn import Turn

RECENT_LIMIT = 20
UNANSWERED_LIMIT = 20

CHAT = """
select c.id, c.handling, c.resumes_at, c.interruptions, c.closed_told_until,
    k.id as contact_id, k.lid, k.phone,
    coalesce(k.name, k.push_name) as name, k.is_saved, k.ai_off, k.opted_out_at
from conversations as c
join contacts as k on k.tenant_id = c.tenant_id and k.id = c.contact_id
join tenants as t on t.tenant_id = c.tenant_id and t.suspended_at is null
where c.tenant_id = %(tenant_id)s and c.id = %(conversation_id)s
"""

UNANSWERED = """
select id, direction, author, kind, text, sent_at, is_live, stored_at
from messages
where tenant_id = %(tenant_id)s and conversation_id = %(conversation_id)s
    and awaits_reply and answered_by is null
order by stored_at desc, id
limit %(limit)s
"""

RECENT = """
select id, direction, author, kind, text, sent_at, is_live, stored_at
from messages
where tenant_id = %(tenant_id)s and conversation_id = %(conversation_id)s
    and not (awaits_reply and answered_by is null)
    and kind not in ('gap', 'unreadable')
    and (status is null or status not in ('draft', 'cancelled'))
order by sent_at desc, id desc
limit %(limit)s
"""

PRODUCTS = """
select id, sku, name, price, stock, aliases, description, active
from products where tenant_id = %(tenant_id)s and active order by created_at, id
"""

FAQS = "select id, question, answer from faqs where tenant_id = %(tenant_id)s order by created_at, id"


@dataclass(frozen=True)
class Shop:
    """What the agent knows whoever the customer is."""

    profile: ShopProfile
    products: tuple[Product, ...]
    faqs: tuple[Faq, ...]


@dataclass(frozen=True)
class OpenTurn:
    """A turn with what it takes to store its outcome; `read` are the unanswered messages, oldest first."""

    turn: Turn
    read: tuple[MessageId, ...]
    oldest_read_at: datetime

    @property
    def newest(self) -> MessageId:
        return self.read[-1]


def read(tx: Tx, conversation_id: ConversationId) -> OpenTurn | None:
    """What the agent should answer now; None when nothing waits, or the shop is suspended or another."""
    chat = tx.first(_ChatRow, CHAT, conversation_id=conversation_id)
    waiting = tx.all(_MessageRow, UNANSWERED, conversation_id=conversation_id, limit=UNANSWERED_LIMIT)[::-1]
    if chat is None or not waiting:
        return None
    turn = _turn(tx, chat, waiting)
    return OpenTurn(turn, tuple(MessageId(row.id) for row in waiting), waiting[0].stored_at)


def read_quiet(tx: Tx, conversation_id: ConversationId) -> Turn | None:
    """The chat as it stands, with nothing to answer; None when the shop is suspended or another."""
    chat = tx.first(_ChatRow, CHAT, conversation_id=conversation_id)
    return chat and _turn(tx, chat, [])


def read_shop(tx: Tx) -> Shop:
    """The shop's profile, its active products and its FAQs."""
    return Shop(
        profile=ai_configs.get(tx),
        products=tuple(row.product() for row in tx.all(_ProductRow, PRODUCTS)),
        faqs=tuple(Faq(FaqId(row.id), row.question, row.answer) for row in tx.all(_FaqRow, FAQS)),
    )


@dataclass(frozen=True)
class _ChatRow:
    id: UUID
    handling: Handling
    resumes_at: datetime | None
    interruptions: int
    closed_told_until: datetime | None
    contact_id: UUID
    lid: str
    phone: str | None
    name: str | None
    is_saved: bool
    ai_off: bool
    opted_out_at: datetime | None

    def contact(self) -> Contact:
        return Contact(
            ContactId(self.contact_id),
            self.lid,
            self.phone,
            self.name,
            self.is_saved,
            self.ai_off,
            self.opted_out_at,
        )

    def conversation(self) -> Conversation:
        return Conversation(
            ConversationId(self.id), self.handling, self.resumes_at, self.interruptions,
            self.closed_told_until,
        )  # fmt: skip


@dataclass(frozen=True)
class _MessageRow:
    id: UUID
    direction: Direction
    author: Author
    kind: Kind
    text: str
    sent_at: datetime
    is_live: bool
    stored_at: datetime

    def message(self) -> Message:
        return Message(
            MessageId(self.id), self.direction, self.author, self.kind, self.text, self.sent_at, self.is_live
        )


@dataclass(frozen=True)
class _ProductRow:
    id: UUID
    sku: str
    name: str
    price: int
    stock: int | None
    aliases: list[str]
    description: str
    active: bool

    def product(self) -> Product:
        return Product(
            ProductId(self.id), self.sku, self.name, self.price, self.stock,
            tuple(self.aliases), self.description, self.active,
        )  # fmt: skip


@dataclass(frozen=True)
class _FaqRow:
    id: UUID
    question: str
    answer: str


def _turn(tx: Tx, chat: _ChatRow, waiting: Sequence[_MessageRow]) -> Turn:
    recent = tx.all(_MessageRow, RECENT, conversation_id=chat.id, limit=RECENT_LIMIT)[::-1]
    shop, contact, conversation_id = read_shop(tx), chat.contact(), ConversationId(chat.id)
    past = orders.past(tx, contact.id, shop.profile.timezone)
    return Turn(
        **vars(shop),
        contact=contact,
        conversation=chat.conversation(),
        unanswered=tuple(row.message() for row in waiting),
        recent=tuple(row.message() for row in recent),
        draft_order=orders.draft(tx, conversation_id),
        used=quotas.used(tx, conversation_id, shop.profile.timezone),
        facts=order_status.facts(past) if past else (),
    )
