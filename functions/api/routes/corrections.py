"""What the agent should have said."""

from uuid import UUID

from fastapi import APIRouter

from balas.conversation import MessageId
from balas.db import audit_log, faqs, messages
from balas.db.audit_log import Subject
from functions.api.deps import Db, Me
from functions.api.routes.faqs import Faq, FaqInput

router = APIRouter(prefix="/messages", tags=["messages"])


@router.post("/{message_id}/correction", status_code=201)
def correct_answer(message_id: UUID, body: FaqInput, who: Me, db: Db) -> Faq:
    """Turns the owner's correction of an agent's answer into an FAQ; a known question gets the new answer."""
    with db.tenant_tx(who.tenant_id) as tx:
        messages.mark_corrected(tx, MessageId(message_id))
        row = faqs.answer(tx, question=body.question, answer=body.answer)
        audit_log.record(tx, who.user_id, "answer_corrected", Subject("faq", row.id))
    return Faq.model_validate(row)
