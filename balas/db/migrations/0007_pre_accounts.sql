-- What a user proves by a link in a mail, and who did what.

alter table users add column email_verified_at timestamptz;

-- The browser's family and its system, as its owner would name them; never the whole user agent.
alter table logins add column agent text not null default '';
-- squawk-ignore require-concurrent-index-creation -- nothing is released yet: the table is empty
create index logins_user on logins (tenant_id, user_id);

-- Links in mails, stored as hashes; each is used once. new_email: the address that the link's holder has.
create table account_tokens (
    tenant_id uuid not null references tenants,
    token_hash bytea not null,
    user_id uuid not null,
    purpose text not null check (purpose in ('reset', 'verify', 'change_email')),
    new_email text check (new_email = lower(new_email)),
    expires_at timestamptz not null,
    used_at timestamptz,
    primary key (tenant_id, token_hash),
    foreign key (tenant_id, user_id) references users (tenant_id, id) on delete cascade,
    check ((purpose = 'reset') = (new_email is null))
);
create index account_tokens_user on account_tokens (tenant_id, user_id);
call app.protect('account_tokens', 'none');

-- Who did what, for the shop's owner. Codes, ids and the names of fields; never what was in them.
-- user_id: who did it; NULL when nobody was signed in, or it was Balas itself.
create table audit_log (
    tenant_id uuid not null references tenants,
    id uuid not null default gen_random_uuid(),
    at timestamptz not null default now(),
    user_id uuid,
    action text not null,
    subject_type text,
    subject_id uuid,
    fields text[] not null default '{}',
    primary key (tenant_id, id),
    foreign key (tenant_id, user_id) references users (tenant_id, id) on delete set null (user_id),
    check ((subject_type is null) = (subject_id is null))
);
create index audit_log_newest on audit_log (tenant_id, at desc, id desc);
call app.protect('audit_log', 'none');
-- Written once: who gets hold of the functions' role cannot tidy up behind himself.
revoke update, delete on audit_log from balas_app;
