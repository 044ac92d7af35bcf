-- Customers, their chats, what was said, and what is still to be sent.

create table contacts (
    tenant_id uuid not null references tenants,
    id uuid not null default gen_random_uuid(),
    lid text not null,
    phone text,
    name text,
    push_name text,
    is_saved boolean not null default false,
    ai_off boolean not null default false,
    opted_out_at timestamptz,
    created_at timestamptz not null default now(),
    primary key (tenant_id, id)
);
create unique index contacts_lid on contacts (tenant_id, lid);
call app.protect('contacts', 'tenant');

create table conversations (
    tenant_id uuid not null references tenants,
    id uuid not null default gen_random_uuid(),
    session_id uuid not null,
    contact_id uuid not null,
    handling text not null default 'ai' check (handling in ('ai', 'human')),
    handover_reason text,
    handover_at timestamptz,
    resumes_at timestamptz,
    interruptions bigint not null default 0,
    mode text check (mode in ('general_faq', 'order_taking', 'complaint')),
    status text not null default 'open' check (status in ('open', 'done')),
    tags text[] not null default '{}',
    unread bigint not null default 0,
    last_message_at timestamptz,
    last_message_preview text not null default '',
    created_at timestamptz not null default now(),
    primary key (tenant_id, id),
    foreign key (tenant_id, session_id) references whatsapp_sessions (tenant_id, id),
    foreign key (tenant_id, contact_id) references contacts (tenant_id, id)
);
create unique index conversations_contact on conversations (tenant_id, session_id, contact_id);
create index conversations_newest on conversations (tenant_id, last_message_at desc nulls last, id desc);
call app.protect('conversations', 'tenant');

-- sender_lid: who wrote it on WhatsApp; NULL until our own message was sent.
-- awaits_reply: a customer wrote it, live, and it can be answered; answered_by: the reply that took it in.
create table messages (
    tenant_id uuid not null references tenants,
    id uuid not null default gen_random_uuid(),
    session_id uuid not null,
    conversation_id uuid not null,
    direction text not null check (direction in ('in', 'out')),
    author text not null check (author in ('contact', 'ai', 'human', 'owner_phone', 'system')),
    kind text not null default 'text' check (kind in (
        'text', 'image', 'audio', 'video', 'document', 'sticker', 'location',
        'contact', 'reaction', 'poll', 'gap', 'unreadable', 'other'
    )),
    text text not null default '',
    media jsonb,
    status text check (status in (
        'draft', 'pending', 'sent', 'delivered', 'read', 'in_doubt', 'failed', 'cancelled'
    )),
    reason text,
    wa_message_id text,
    sender_lid text,
    is_live boolean not null default true,
    awaits_reply boolean not null default false,
    answered_by uuid,
    queued_at timestamptz,
    sent_at timestamptz not null default now(),
    stored_at timestamptz not null default now(),
    primary key (tenant_id, id),
    foreign key (tenant_id, session_id) references whatsapp_sessions (tenant_id, id),
    foreign key (tenant_id, conversation_id) references conversations (tenant_id, id) on delete cascade,
    foreign key (tenant_id, answered_by) references messages (tenant_id, id),
    check ((direction = 'out') = (status is not null))
);
create unique index messages_wa_id on messages (tenant_id, session_id, sender_lid, wa_message_id);
create index messages_newest on messages (tenant_id, conversation_id, sent_at desc, id desc);
create index messages_unanswered on messages (tenant_id, conversation_id, stored_at)
    where awaits_reply and answered_by is null;
create index messages_unqueued on messages (stored_at) where awaits_reply and queued_at is null;
create index messages_lost on messages (queued_at) where awaits_reply and answered_by is null;
call app.protect('messages', 'tenant');

-- What a shard has yet to send, in order of seq within a conversation; done_at ends a row.
-- interruptions: the conversation's when the row was made; an 'ai' row is void once it has grown.
create table outbox (
    tenant_id uuid not null references tenants,
    message_id uuid not null,
    session_id uuid not null,
    conversation_id uuid not null,
    seq bigint generated always as identity,
    author text not null check (author in ('ai', 'human', 'system')),
    account_lid text not null,
    interruptions bigint not null default 0,
    expires_at timestamptz not null,
    secret bytea,
    claimed_at timestamptz,
    claimed_fence bigint,
    resends bigint not null default 0,
    done_at timestamptz,
    created_at timestamptz not null default now(),
    primary key (tenant_id, message_id),
    foreign key (tenant_id, message_id) references messages (tenant_id, id) on delete cascade,
    foreign key (tenant_id, session_id) references whatsapp_sessions (tenant_id, id),
    foreign key (tenant_id, conversation_id) references conversations (tenant_id, id) on delete cascade
);
create index outbox_open on outbox (session_id, seq) where done_at is null;
create index outbox_open_chat on outbox (tenant_id, conversation_id, seq) where done_at is null;
call app.protect('outbox', 'all');

create function app.notify_outbox() returns trigger
    language plpgsql as $$
begin
    perform pg_notify('outbox', new.session_id::text);
    return null;
end $$;
create trigger notify_outbox after insert on outbox for each row execute function app.notify_outbox();

-- One row per turn of the agent: what it understood and what it cost.
create table customer_insights (
    tenant_id uuid not null references tenants,
    id uuid not null default gen_random_uuid(),
    conversation_id uuid not null,
    reply_id uuid,
    read_message_ids uuid[] not null,
    mode text,
    intent text,
    tags text[] not null default '{}',
    sentiment text,
    confidence double precision,
    handover_reason text,
    sources text[] not null default '{}',
    verdicts text[] not null default '{}',
    model text not null,
    prompt_tokens bigint not null,
    cached_tokens bigint not null,
    completion_tokens bigint not null,
    latency_ms bigint not null,
    created_at timestamptz not null default now(),
    primary key (tenant_id, id),
    foreign key (tenant_id, conversation_id) references conversations (tenant_id, id) on delete cascade,
    foreign key (tenant_id, reply_id) references messages (tenant_id, id) on delete cascade
);
create index customer_insights_newest on customer_insights (tenant_id, conversation_id, created_at desc);
call app.protect('customer_insights', 'none');

-- lines: [{sku, name, qty, unit_price, note}]; every amount in rupiah, computed by balas.order.
create table orders (
    tenant_id uuid not null references tenants,
    id uuid not null default gen_random_uuid(),
    conversation_id uuid not null,
    status text not null default 'draft' check (status in ('draft', 'confirmed', 'cancelled')),
    lines jsonb not null,
    delivery_area text,
    delivery_fee bigint check (delivery_fee >= 0),
    total bigint not null check (total >= 0),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (tenant_id, id),
    foreign key (tenant_id, conversation_id) references conversations (tenant_id, id) on delete cascade
);
create unique index orders_draft on orders (tenant_id, conversation_id) where status = 'draft';
call app.protect('orders', 'none');
