-- Finding a customer, a chat or a word, and what an owner notes about them.

-- squawk-ignore-file require-concurrent-index-creation
-- (Nothing is released yet: these tables are empty wherever this runs.)

-- Both are trusted extensions: the database's owner may create them, on RDS too.
create extension if not exists pg_trgm;
create extension if not exists btree_gin;

alter table conversations add column note text not null default '';

create index contacts_newest on contacts (tenant_id, created_at desc, id desc);
create index messages_by_time on messages (tenant_id, sent_at) where is_live;
create index customer_insights_by_time on customer_insights (tenant_id, created_at);

-- The tenant comes first, so that a small shop never wades through a large one's matches.
create index messages_search on messages using gin (tenant_id, text gin_trgm_ops);
create index contacts_search on contacts using gin (
    tenant_id,
    (coalesce(name, '') || e'\n' || coalesce(push_name, '') || e'\n' || coalesce(phone, '')) gin_trgm_ops
);

-- Under row-level security `ilike` may use no index, since it is not leakproof: hence definers, which
-- carry the tenant's fence inside. p_query: any part of a text, in any case. p_phone: digits, or NULL.
create function app.search_contacts(p_query text, p_phone text) returns setof uuid
    language plpgsql stable security definer set search_path = pg_catalog, public as $$
declare
    v_pattern constant text := '%' || regexp_replace(p_query, '([\\%_])', '\\\1', 'g') || '%';
begin
    return query
        select k.id
        from contacts as k
        cross join lateral (select
            coalesce(k.name, '') || e'\n' || coalesce(k.push_name, '') || e'\n' || coalesce(k.phone, '')
        ) as called (text)
        where k.tenant_id = app.tenant()
            and (called.text ilike v_pattern or called.text like '%' || p_phone || '%');
end $$;
revoke execute on function app.search_contacts(text, text) from public;
grant execute on function app.search_contacts(text, text) to balas_app;

-- Chats with such a customer, or in which that was said; what was said is searched from three characters on.
create function app.search_conversations(p_query text, p_phone text) returns setof uuid
    language plpgsql stable security definer set search_path = pg_catalog, public as $$
declare
    v_pattern constant text := '%' || regexp_replace(p_query, '([\\%_])', '\\\1', 'g') || '%';
begin
    return query
        select c.id from conversations as c
        where c.tenant_id = app.tenant() and c.contact_id in (select app.search_contacts(p_query, p_phone))
        union
        select m.conversation_id from messages as m
        where m.tenant_id = app.tenant() and m.text ilike v_pattern and length(p_query) >= 3;
end $$;
revoke execute on function app.search_conversations(text, text) from public;
grant execute on function app.search_conversations(text, text) to balas_app;

-- The agent is to leave this customer alone: what it thinks of now is void, what it had not sent is cancelled.
create function app.interrupt_contact(p_contact_id uuid, p_reason text) returns void
    language plpgsql as $$
begin
    update conversations set interruptions = interruptions + 1
    where tenant_id = app.tenant() and contact_id = p_contact_id;

    with cancelled as (
        update outbox as o set done_at = now()
        from conversations as c
        where c.tenant_id = app.tenant() and c.contact_id = p_contact_id
            and o.tenant_id = c.tenant_id and o.conversation_id = c.id
            and o.author = 'ai' and o.done_at is null and o.claimed_at is null
        returning o.message_id
    )
    update messages set status = 'cancelled', reason = p_reason
    from cancelled
    where messages.tenant_id = app.tenant() and messages.id = cancelled.message_id;
end $$;

-- A chat shows its note and its customer.
create trigger realtime_conversation_note after update of note on conversations for each row
    when (old.note is distinct from new.note)
    execute function app.notify_realtime('conversation.changed', 'id');

create function app.notify_contact() returns trigger
    language plpgsql as $$
begin
    perform pg_notify('realtime', jsonb_build_object(
        'tenant_id', c.tenant_id, 'type', 'conversation.changed', 'id', c.id
    )::text)
    from conversations as c where c.tenant_id = new.tenant_id and c.contact_id = new.id;
    return null;
end $$;
create trigger realtime_contact after update of name, ai_off, opted_out_at on contacts for each row
    when ((old.name, old.ai_off, old.opted_out_at) is distinct from (new.name, new.ai_off, new.opted_out_at))
    execute function app.notify_contact();
