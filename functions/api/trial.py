"""The agent's answer to a chat that an owner made up: its own way, with only the cost stored."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal, NamedTuple
from uuid import UUID, uuid4

from balas import llm
from balas.agent import answer
from balas.agent.answer import Outcome
from balas.agent.chat import Ask, ChatMessage, Completion
from balas.contact import Contact, ContactId
from balas.conversation import Conversation, ConversationId, Message, MessageId
from balas.db import turns, usage
from balas.db.database import Database
from balas.db.turns import Shop
from balas.errors import ModelFailed
from balas.llm import ModelSettings
from balas.tenant import TenantId
from balas.turn import Turn

TRIAL_S = 25.0
"""Below the function's 29 s."""

NOBODY = Contact(
    ContactId(UUID(int=0)), lid="0", phone=None, name=None, is_saved=False, ai_off=False, opted_out_at=None
)
CHAT = Conversation(ConversationId(UUID(int=0)), "ai", None, 0)


class Said(NamedTuple):
    """One bubble of the made-up chat."""

    role: Literal["user", "assistant"]
    text: str


def run(db: Database, tenant: TenantId, chat: Sequence[Said], model: ModelSettings) -> Outcome:
    """What the agent would send now; a model in trouble shows as it would to a customer."""
    now = datetime.now(UTC)
    with db.tenant_tx(tenant) as tx:
        turn = _turn(turns.read_shop(tx), chat, now)
    outcome = _think(turn, model, now)
    with db.tenant_tx(tenant) as tx:
        for call in outcome.completions:
            usage.store_trial(tx, call)
    return outcome


def _think(turn: Turn, model: ModelSettings, now: datetime) -> Outcome:
    try:
        return answer.think(turn, now, _ask(model))
    except ModelFailed as failure:
        return answer.gave_up(failure.reason, turn=turn)


def _ask(model: ModelSettings) -> Ask:
    ends_at = time.monotonic() + TRIAL_S

    def ask(messages: Sequence[ChatMessage]) -> Completion:
        return llm.complete(messages, model, ends_at - time.monotonic())

    return ask


def _turn(shop: Shop, chat: Sequence[Said], now: datetime) -> Turn:
    """The customer's last bubbles wait for an answer, what stands before them is the chat so far."""
    waiting = next((n for n, said in enumerate(reversed(chat)) if said.role == "assistant"), len(chat))
    messages = [_message(said, now) for said in chat]
    split = len(chat) - waiting
    return Turn(
        **vars(shop),
        contact=NOBODY,
        conversation=CHAT,
        unanswered=tuple(messages[split:]),
        recent=tuple(messages[:split]),
        draft_order=None,
    )


def _message(said: Said, now: datetime) -> Message:
    if said.role == "user":
        return Message(MessageId(uuid4()), "in", "contact", "text", said.text, now)
    return Message(MessageId(uuid4()), "out", "ai", "text", said.text, now)
