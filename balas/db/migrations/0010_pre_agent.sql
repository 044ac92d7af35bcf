-- What the agent plans, sells, costs and tells the owner.

-- squawk-ignore-file ban-drop-constraint, constraint-missing-not-valid, require-concurrent-index-creation
-- (Nothing is released yet: these tables are empty wherever this runs.)

-- cost in thousandths of a rupiah: one answer may cost less than one.
alter table customer_insights
    add column product_interest text[] not null default '{}',
    add column cost_millirupiah bigint not null default 0,
    add column needs_follow_up boolean not null default false,
    add column follow_up_reason text;

-- An order's life: draft -> confirmed (the customer agreed to what was read back) -> the owner moves it on.
alter table orders
    drop constraint orders_status_check,
    add constraint orders_status_check check (
        status in ('draft', 'confirmed', 'processing', 'ready', 'done', 'cancelled')
    ),
    add column fulfilment text check (fulfilment in ('delivery', 'pickup')),
    add column address text not null default '',
    add column note text not null default '',
    add column confirmed_at timestamptz;
create index orders_newest on orders (tenant_id, created_at desc, id desc);

-- One wish of the agent to write again; decided anew when it is due. reason: why; outcome: what came of it.
create table follow_ups (
    tenant_id uuid not null references tenants,
    id uuid not null default gen_random_uuid(),
    conversation_id uuid not null,
    due_at timestamptz not null,
    reason text not null,
    state text not null default 'pending' check (state in ('pending', 'sent', 'skipped', 'cancelled')),
    outcome text,
    message_id uuid,
    created_at timestamptz not null default now(),
    decided_at timestamptz,
    primary key (tenant_id, id),
    foreign key (tenant_id, conversation_id) references conversations (tenant_id, id) on delete cascade,
    foreign key (tenant_id, message_id) references messages (tenant_id, id) on delete set null (message_id)
);
create unique index follow_ups_pending on follow_ups (tenant_id, conversation_id) where state = 'pending';
create unique index follow_ups_message on follow_ups (tenant_id, message_id) where message_id is not null;
create index follow_ups_due on follow_ups (due_at) where state = 'pending';
create index follow_ups_newest on follow_ups (tenant_id, due_at desc, id desc);
call app.protect('follow_ups', 'tenant');

-- What the owner is to be told on the phone: codes and ids only, so that no customer's words travel.
create table owner_notices (
    tenant_id uuid not null references tenants,
    id uuid not null default gen_random_uuid(),
    kind text not null check (kind in ('handover', 'complaint', 'order', 'device_down', 'quota', 'digest')),
    reason text,
    conversation_id uuid,
    state text not null default 'pending' check (state in ('pending', 'claimed', 'sent', 'skipped', 'failed')),
    created_at timestamptz not null default now(),
    claimed_at timestamptz,
    decided_at timestamptz,
    primary key (tenant_id, id),
    foreign key (tenant_id, conversation_id) references conversations (tenant_id, id) on delete cascade
);
create index owner_notices_pending on owner_notices (created_at) where state = 'pending';
call app.protect('owner_notices', 'all');
