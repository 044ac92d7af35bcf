"""What the publisher has yet to queue, across all shops: ids only."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from balas.conversation import ConversationId, MessageId
from balas.db.database import Database, Tx
from balas.tenant import TenantId

LIST_UNQUEUED = """
select tenant_id, conversation_id, message_id, due_at from app.unqueued_messages(%(limit)s)
"""

MARK_QUEUED = """
update messages set queued_at = now() where tenant_id = %(tenant_id)s and id = any(%(message_ids)s::uuid[])
"""


@dataclass(frozen=True)
class UnqueuedMessage:
    """`due_at`: when the shop's pause is over, in which the customer finishes his bubbles."""

    tenant_id: TenantId
    conversation_id: ConversationId
    message_id: MessageId
    due_at: datetime


def list_unqueued(tx: Tx, limit: int) -> list[UnqueuedMessage]:
    """New messages, and lost ones: queued before, and never answered nor handed over."""
    return tx.all(UnqueuedMessage, LIST_UNQUEUED, limit=limit)


def mark_queued(db: Database, messages: Iterable[UnqueuedMessage]) -> None:
    """One transaction per shop, inside its fence."""
    by_tenant: dict[TenantId, list[MessageId]] = {}
    for message in messages:
        by_tenant.setdefault(message.tenant_id, []).append(message.message_id)
    for tenant_id, message_ids in by_tenant.items():
        with db.tenant_tx(tenant_id) as tx:
            tx.run(MARK_QUEUED, message_ids=message_ids)
