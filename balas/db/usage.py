"""What a shop used, month by month: what the agent's turns cost, and how many messages went in and out."""

from dataclasses import dataclass

from balas.db.database import Tx

MONTHS = 12

# Months are the shop's own. `answers` are turns whose reply was stored; a turn without one cost tokens too.
AI = """
select to_char(created_at at time zone %(timezone)s, 'YYYY-MM') as month, model,
    count(*) as turns, count(reply_id) as answers, sum(prompt_tokens)::bigint as prompt_tokens,
    sum(cached_tokens)::bigint as cached_tokens, sum(completion_tokens)::bigint as completion_tokens
from customer_insights
where tenant_id = %(tenant_id)s
    and created_at >= date_trunc('month', now() at time zone %(timezone)s) at time zone %(timezone)s
        - %(months)s * interval '1 month'
group by month, model
order by month desc, model
"""

MESSAGES = """
select to_char(sent_at at time zone %(timezone)s, 'YYYY-MM') as month,
    count(*) filter (where direction = 'in') as inbound,
    count(*) filter (where status in ('sent', 'delivered', 'read')) as outbound
from messages
where tenant_id = %(tenant_id)s and is_live
    and sent_at >= date_trunc('month', now() at time zone %(timezone)s) at time zone %(timezone)s
        - %(months)s * interval '1 month'
group by month
order by month desc
"""


@dataclass(frozen=True)
class AiUsage:
    """The turns of one month with one model."""

    month: str
    model: str
    turns: int
    answers: int
    prompt_tokens: int
    cached_tokens: int
    completion_tokens: int


@dataclass(frozen=True)
class MessageUsage:
    month: str
    inbound: int
    outbound: int


def of_ai(tx: Tx, timezone: str) -> list[AiUsage]:
    """This month and the eleven before it, newest first, those without a turn left out."""
    return tx.all(AiUsage, AI, timezone=timezone, months=MONTHS - 1)


def of_messages(tx: Tx, timezone: str) -> list[MessageUsage]:
    """This month and the eleven before it, newest first, those without a message left out."""
    return tx.all(MessageUsage, MESSAGES, timezone=timezone, months=MONTHS - 1)
