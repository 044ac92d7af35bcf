"""The owner's own phone: what it says is no customer's message, and some of it is a command."""

from balas import owner_notice
from balas.db.database import Tx

OWNER_PHONE = "select profile ->> 'owner_phone' from ai_configs where tenant_id = %(tenant_id)s"
LID_OF_PHONE = "select split_part(lid, '@', 1) from whatsmeow.whatsmeow_lid_map where pn = %(phone)s"

SWITCH = """
update ai_configs set
    profile = jsonb_set(profile, '{ai_enabled}', to_jsonb(%(is_on)s::boolean)), updated_at = now()
where tenant_id = %(tenant_id)s
"""

# What the agent thinks of, and what it had not sent.
VOID_ANSWERS = """
update conversations set interruptions = interruptions + 1
where tenant_id = %(tenant_id)s and id in (
    select conversation_id from messages
    where tenant_id = %(tenant_id)s and awaits_reply and answered_by is null
    union
    select conversation_id from outbox
    where tenant_id = %(tenant_id)s and author = 'ai' and done_at is null and claimed_at is null
)
"""

CONFIRM = """
insert into owner_notices (tenant_id, kind, reason) values (%(tenant_id)s, 'switch', %(reason)s)
"""


def is_owners(tx: Tx, lid: str | None, phone: str | None) -> bool:
    """Whether the chat with this person is the one with the shop's owner."""
    owner_phone = tx.scalar(str, OWNER_PHONE)
    if not owner_phone:
        return False
    return phone == owner_phone if phone else lid == tx.scalar(str, LID_OF_PHONE, phone=owner_phone)


def obey(tx: Tx, text: str) -> None:
    """Turns the agent on or off when `text` says so, at once and for every chat, and confirms it."""
    is_on = owner_notice.command(text)
    if is_on is None:
        return
    tx.run(SWITCH, is_on=is_on)
    if not is_on:
        tx.run(VOID_ANSWERS)
    tx.run(CONFIRM, reason="ai_on" if is_on else "ai_off")
