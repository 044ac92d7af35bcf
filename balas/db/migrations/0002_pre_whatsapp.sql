-- The link of a shop to WhatsApp, and which fleet process holds it.

create table whatsapp_sessions (
    tenant_id uuid not null references tenants,
    id uuid not null default gen_random_uuid(),
    wanted text not null default 'off' check (wanted in ('on', 'off')),
    state text not null default 'disconnected' check (state in (
        'disconnected', 'linking', 'connected', 'reconnecting',
        'logged_out', 'banned', 'replaced', 'link_expired', 'failed'
    )),
    reason text,
    attempt_id uuid,
    method text check (method in ('qr', 'code')),
    phone_to_link text,
    qr text,
    qr_expires_at timestamptz,
    pair_code text,
    jid text,
    lid text,
    phone text,
    last_seen_at timestamptz,
    updated_at timestamptz not null default now(),
    primary key (tenant_id, id)
);
-- One shop has one WhatsApp, and one WhatsApp account serves one shop.
create unique index whatsapp_sessions_tenant on whatsapp_sessions (tenant_id);
create unique index whatsapp_sessions_lid on whatsapp_sessions (lid) where lid is not null;
call app.protect('whatsapp_sessions', 'all');

-- Who may connect a session. The fence grows with every claim; each fleet UPDATE carries it.
create table session_leases (
    tenant_id uuid not null references tenants,
    session_id uuid not null,
    owner text,
    until timestamptz,
    fence bigint not null default 0,
    primary key (tenant_id, session_id),
    foreign key (tenant_id, session_id) references whatsapp_sessions (tenant_id, id) on delete cascade
);
call app.protect('session_leases', 'all');

-- Wakes the supervisor when an owner connects or disconnects.
create function app.notify_whatsapp_sessions() returns trigger
    language plpgsql as $$
begin
    perform pg_notify('whatsapp_sessions', new.id::text);
    return null;
end $$;
create trigger notify_whatsapp_sessions after update of wanted, attempt_id on whatsapp_sessions
    for each row execute function app.notify_whatsapp_sessions();
