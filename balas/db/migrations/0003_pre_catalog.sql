-- What the agent knows of its shop.

create table ai_configs (
    tenant_id uuid primary key references tenants,
    profile jsonb not null,
    updated_at timestamptz not null default now()
);
call app.protect('ai_configs', 'tenant');

create table products (
    tenant_id uuid not null references tenants,
    id uuid not null default gen_random_uuid(),
    sku text not null check (length(sku) between 1 and 64),
    name text not null check (length(name) between 1 and 200),
    price bigint not null check (price between 1 and 1000000000),
    stock bigint check (stock >= 0),
    aliases text[] not null default '{}',
    description text not null default '',
    active boolean not null default true,
    created_at timestamptz not null default now(),
    primary key (tenant_id, id)
);
create unique index products_sku on products (tenant_id, sku);
create index products_newest on products (tenant_id, created_at desc, id desc);
call app.protect('products', 'none');

create table faqs (
    tenant_id uuid not null references tenants,
    id uuid not null default gen_random_uuid(),
    question text not null check (length(question) between 1 and 500),
    answer text not null check (length(answer) between 1 and 2000),
    created_at timestamptz not null default now(),
    primary key (tenant_id, id)
);
create index faqs_newest on faqs (tenant_id, created_at desc, id desc);
call app.protect('faqs', 'none');
