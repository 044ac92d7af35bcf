-- Whom the agent answers, what an order took from the stock, and what the owner corrects and tries.

-- squawk-ignore-file constraint-missing-not-valid, adding-foreign-key-constraint, require-concurrent-index-creation
-- (Nothing is released yet: these tables are empty wherever this runs.)

-- Until when the customer knows that the shop is closed: told once per closed period.
alter table conversations add column closed_told_until timestamptz;

-- The owner wrote what the agent should have said.
alter table messages add column corrected_at timestamptz;

-- stock_taken: how many of which product were counted off when the order was confirmed, {product id: qty}.
alter table orders add column stock_taken jsonb not null default '{}';
drop trigger realtime_order_changed on orders;
create trigger realtime_order_changed after update on orders for each row
    when (
        (old.status, old.lines, old.fulfilment, old.delivery_area, old.address, old.note, old.total)
        is distinct from
        (new.status, new.lines, new.fulfilment, new.delivery_area, new.address, new.note, new.total)
    )
    execute function app.notify_realtime('order.changed', 'id');

create index customer_insights_month on customer_insights (tenant_id, created_at) where reply_id is not null;

-- What an owner's trials of the agent cost; nothing else of them is kept.
create table ai_trials (
    tenant_id uuid not null references tenants,
    id uuid not null default gen_random_uuid(),
    model text not null,
    prompt_tokens bigint not null,
    cached_tokens bigint not null,
    completion_tokens bigint not null,
    latency_ms bigint not null,
    cost_millirupiah bigint not null,
    created_at timestamptz not null default now(),
    primary key (tenant_id, id)
);
create index ai_trials_month on ai_trials (tenant_id, created_at);
call app.protect('ai_trials', 'none');

-- A chat that was there before Balas is the owner's until he lets go of it. Untouched (nothing of the shop
-- was said live, nobody took it over or released it), it goes to human hands with its first piece of history.
create function app.keep_old_chat() returns trigger
    language plpgsql as $$
begin
    if exists (
        select 1 from conversations
        where tenant_id = new.tenant_id and id = new.conversation_id and interruptions = 0
    ) and not exists (
        select 1 from messages
        where tenant_id = new.tenant_id and conversation_id = new.conversation_id
            and direction = 'out' and is_live
    ) then
        perform app.hand_to_human(new.conversation_id, 'before_linking', null, null);
    end if;
    return null;
end $$;
create trigger keep_old_chat after insert on messages for each row
    when (not new.is_live)
    execute function app.keep_old_chat();

-- A history sync makes hundreds of old chats at once: browsers find them at their next refetch.
drop trigger realtime_conversation on conversations;
create trigger realtime_conversation after update on conversations for each row
    when (
        (old.handling, old.handover_reason, old.resumes_at, old.mode, old.status, old.tags, old.unread)
        is distinct from
        (new.handling, new.handover_reason, new.resumes_at, new.mode, new.status, new.tags, new.unread)
        and (new.handover_reason is distinct from 'before_linking' or old.handover_reason = 'before_linking')
    )
    execute function app.notify_realtime('conversation.changed', 'id');
