-- The fence between shops: who may see which rows, and the tables of a shop and its users.

create schema app;
grant usage on schema app to balas_app, balas_fleet;

-- The tenant of this transaction; NULL (so: no rows) when none was entered.
-- nullif: after a transaction the setting is '', not NULL, and ''::uuid would raise.
create function app.tenant() returns uuid
    language sql stable parallel safe
    return nullif(current_setting('app.tenant_id', true), '')::uuid;

create function app.enter_tenant(p_tenant_id uuid) returns void
    language sql
    begin atomic
        select set_config('app.tenant_id', p_tenant_id::text, true);
    end;

-- Puts one table behind the fence. p_fleet says what the session fleet sees of it:
-- 'none', 'tenant' (the tenant that it entered) or 'all' (routing tables only).
create procedure app.protect(p_table regclass, p_fleet text)
    language plpgsql as $$
begin
    execute format('alter table %s enable row level security', p_table);
    execute format('alter table %s force row level security', p_table);
    execute format('create policy owner_all on %s to balas_owner using (true) with check (true)', p_table);
    execute format('create policy app_tenant on %s to balas_app
                    using (tenant_id = app.tenant()) with check (tenant_id = app.tenant())', p_table);
    execute format('grant select, insert, update, delete on %s to balas_app', p_table);
    if p_fleet = 'none' then
        return;
    end if;
    execute format('grant select, insert, update on %s to balas_fleet', p_table);
    if p_fleet = 'all' then
        execute format('create policy fleet_all on %s to balas_fleet using (true) with check (true)', p_table);
    else
        execute format('create policy fleet_tenant on %s to balas_fleet
                        using (tenant_id = app.tenant()) with check (tenant_id = app.tenant())', p_table);
    end if;
end $$;

create table tenants (
    tenant_id uuid primary key,
    name text not null check (length(name) between 1 and 200),
    created_at timestamptz not null default now()
);
call app.protect('tenants', 'none');

create table users (
    tenant_id uuid not null references tenants,
    id uuid not null default gen_random_uuid(),
    email text not null check (email = lower(email)),
    name text not null,
    password_hash text not null,
    created_at timestamptz not null default now(),
    primary key (tenant_id, id)
);
create unique index users_email on users (email);
call app.protect('users', 'none');

-- One row per refresh token; the tokens of one sign-in share a family.
create table logins (
    tenant_id uuid not null references tenants,
    id uuid not null default gen_random_uuid(),
    user_id uuid not null,
    family_id uuid not null,
    token_hash bytea not null,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    rotated_at timestamptz,
    revoked_at timestamptz,
    primary key (tenant_id, id),
    foreign key (tenant_id, user_id) references users (tenant_id, id) on delete cascade
);
create unique index logins_token on logins (tenant_id, token_hash);
create index logins_family on logins (tenant_id, family_id);
call app.protect('logins', 'none');

-- Counters behind the sign-in limits. No tenant is known yet when they are read; keys are hashes.
create table rate_limits (
    key bytea primary key,
    window_started_at timestamptz not null,
    hits bigint not null
);
grant select, insert, update, delete on rate_limits to balas_app;

-- The one look-up without a tenant.
create function app.find_login(p_email text)
    returns table (tenant_id uuid, user_id uuid, password_hash text)
    language sql stable security definer set search_path = pg_catalog, public
    begin atomic
        select u.tenant_id, u.id, u.password_hash from users as u where u.email = p_email;
    end;
revoke execute on function app.find_login(text) from public;
grant execute on function app.find_login(text) to balas_app;
