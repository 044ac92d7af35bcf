"""What a shop used, month by month: what the agent's turns cost, and how many messages went in and out."""

from dataclasses import dataclass

from balas.agent.chat import Completion
from balas.db.database import Tx

MONTHS = 12

# Months are the shop's own. A turn without a stored reply cost tokens too, and so did the owner's trials; a
# safe sentence without a model behind it is no answer.
AI = """
with spent as (
    select created_at, model, 1 as turns, (reply_id is not null and model <> 'none')::int as answers,
        prompt_tokens, cached_tokens, completion_tokens, cost_millirupiah
    from customer_insights where tenant_id = %(tenant_id)s
    union all
    select created_at, model, 0, 0, prompt_tokens, cached_tokens, completion_tokens, cost_millirupiah
    from ai_trials where tenant_id = %(tenant_id)s
)
select to_char(created_at at time zone %(timezone)s, 'YYYY-MM') as month, model,
    sum(turns)::bigint as turns, sum(answers)::bigint as answers, sum(prompt_tokens)::bigint as prompt_tokens,
    sum(cached_tokens)::bigint as cached_tokens, sum(completion_tokens)::bigint as completion_tokens,
    sum(cost_millirupiah)::bigint as cost_millirupiah
from spent
where created_at >= date_trunc('month', now() at time zone %(timezone)s) at time zone %(timezone)s
    - %(months)s * interval '1 month'
group by month, model
order by month desc, model
"""

STORE_TRIAL = """
insert into ai_trials (
    tenant_id, model, prompt_tokens, cached_tokens, completion_tokens, latency_ms, cost_millirupiah
) values (
    %(tenant_id)s, %(model)s, %(prompt_tokens)s, %(cached_tokens)s, %(completion_tokens)s, %(latency_ms)s,
    %(cost_millirupiah)s
)
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
    """The turns and trials of one month with one model; cost in thousandths of a rupiah."""

    month: str
    model: str
    turns: int
    answers: int
    prompt_tokens: int
    cached_tokens: int
    completion_tokens: int
    cost_millirupiah: int


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


def store_trial(tx: Tx, call: Completion) -> None:
    """Keeps what a call of the model on an owner's trial cost, and nothing of what was said."""
    tx.run(
        STORE_TRIAL,
        model=call.model,
        prompt_tokens=call.prompt_tokens,
        cached_tokens=call.cached_tokens,
        completion_tokens=call.completion_tokens,
        latency_ms=call.latency_ms,
        cost_millirupiah=call.cost_millirupiah,
    )
