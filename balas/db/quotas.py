"""What of its answers a shop has used."""

from balas.conversation import ConversationId
from balas.db.database import Tx
from balas.quota import NOTHING, Used

# A safe sentence without a model behind it is no answer.
USED = """
select count(*) filter (where i.created_at >= t.month) as this_month,
    count(*) filter (
        where i.created_at > now() - interval '1 hour' and i.conversation_id = %(conversation_id)s::uuid
    ) as this_hour
from customer_insights as i
cross join (
    select date_trunc('month', now() at time zone %(timezone)s) at time zone %(timezone)s as month
) as t
where i.tenant_id = %(tenant_id)s and i.reply_id is not null and i.model <> 'none'
    and i.created_at >= least(t.month, now() - interval '1 hour')
"""


def used(tx: Tx, chat: ConversationId | None, timezone: str) -> Used:
    """The agent's answers of this month in the shop's time zone, and of the last hour in one chat, if any."""
    return tx.first(Used, USED, conversation_id=chat, timezone=timezone) or NOTHING
