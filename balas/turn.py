"""One turn of the agent: what it knows when it answers, and whether it may answer at all."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Literal

from rapidfuzz import fuzz

from balas import opening_hours, quota
from balas.catalog import Faq, Product
from balas.contact import Contact
from balas.conversation import ANSWERABLE_KINDS, Conversation, Message
from balas.order import Order
from balas.quota import Used
from balas.tenant import ShopProfile

TOO_OLD = timedelta(minutes=10)
LOOP_TURNS = 3
LOOP_SIMILARITY = 95  # percent; Source: notes on bot loops seen in the wild

Silence = Literal[
    "nothing_to_answer", "too_old", "owner_chat", "ai_off", "human_handling", "contact_ai_off",
    "opted_out", "not_in_audience", "bot_loop", "outside_hours", "quota_used_up",
]  # fmt: skip


@dataclass(frozen=True)
class Turn:
    """Everything read in one transaction before the model is asked.

    `unanswered` are the customer's messages that wait for an answer, `recent` the chat before them;
    both oldest first. `facts` tell what the shop knows of the customer: earlier orders, his address.
    `pictures` are what waits to be seen as data URLs, where the shop's model reads images.
    """

    profile: ShopProfile
    products: tuple[Product, ...]
    faqs: tuple[Faq, ...]
    contact: Contact
    conversation: Conversation
    unanswered: tuple[Message, ...]
    recent: tuple[Message, ...]
    draft_order: Order | None
    used: Used = quota.NOTHING
    facts: tuple[str, ...] = ()
    pictures: tuple[str, ...] = ()


def silence(turn: Turn, now: datetime) -> Silence | None:  # noqa: PLR0911 - a flat list of reasons
    """None when the agent may answer; otherwise why it must stay silent."""
    answerable = [m for m in turn.unanswered if m.is_live and m.kind in ANSWERABLE_KINDS]
    if not answerable:
        return "nothing_to_answer"
    if now - answerable[-1].sent_at > TOO_OLD:
        return "too_old"
    if is_owner(turn.contact, turn.profile):
        return "owner_chat"
    if not turn.profile.ai_enabled:
        return "ai_off"
    if is_human_handling(turn.conversation, now):
        return "human_handling"
    if unwelcome := _unwelcome(turn.contact, turn.profile):
        return unwelcome
    if is_bot_loop((*turn.recent, *turn.unanswered)):
        return "bot_loop"
    if turn.profile.outside_hours != "answer" and opening_hours.is_closed(turn.profile, now):
        return "outside_hours"
    return "quota_used_up" if quota.comes_back_at(turn.profile, turn.used, now) else None


def _unwelcome(contact: Contact, profile: ShopProfile) -> Silence | None:
    """Why the agent does not write to this customer, whatever is said."""
    if contact.ai_off:
        return "contact_ai_off"
    if contact.opted_out_at is not None:
        return "opted_out"
    return None if is_in_audience(contact, profile) else "not_in_audience"


def is_owner(contact: Contact, profile: ShopProfile) -> bool:
    """Whether this is the number that the shop's notices go to: its owner is no customer."""
    return bool(profile.owner_phone) and contact.phone == profile.owner_phone


def is_human_handling(conversation: Conversation, now: datetime) -> bool:
    """Whether a human holds the chat; a hand-over with `resumes_at` ends by itself."""
    return conversation.handling == "human" and not (
        conversation.resumes_at and conversation.resumes_at <= now
    )


def is_in_audience(contact: Contact, profile: ShopProfile) -> bool:
    """Whether the owner wants this customer answered by the agent."""
    match profile.audience:
        case "everyone":
            return True
        case "unsaved":
            return not contact.is_saved
        case "test_list":
            return contact.phone in profile.test_numbers


def is_bot_loop(messages: tuple[Message, ...]) -> bool:
    """Whether the other side has answered our last replies with the same words over and over."""
    answers = [b.text for a, b in pairwise(messages) if a.author == "ai" and b.author == "contact" and b.text]
    last = answers[-LOOP_TURNS:]
    return len(last) == LOOP_TURNS and all(fuzz.ratio(last[-1], text) >= LOOP_SIMILARITY for text in last)
