-- When a planned follow-up ends by itself, what the sweep looks for, and what the owner is told on the phone.

-- squawk-ignore-file ban-drop-constraint, constraint-missing-not-valid, require-concurrent-index-creation
-- (Nothing is released yet: these tables are empty wherever this runs.)

create trigger realtime_follow_up_created after insert on follow_ups for each row
    execute function app.notify_realtime('follow_up.changed', 'id');
create trigger realtime_follow_up_changed after update on follow_ups for each row
    when (
        (old.state, old.due_at, old.reason, old.outcome)
        is distinct from
        (new.state, new.due_at, new.reason, new.outcome)
    )
    execute function app.notify_realtime('follow_up.changed', 'id');

-- The customer wrote: nobody needs to be reminded, neither by what is planned nor by what waits to be sent.
create function app.customer_wrote() returns trigger
    language plpgsql as $$
begin
    update follow_ups set state = 'cancelled', outcome = 'customer_wrote', decided_at = now()
    where tenant_id = new.tenant_id and conversation_id = new.conversation_id and state = 'pending';

    with cancelled as (
        update outbox as o set done_at = now()
        from follow_ups as f
        where f.tenant_id = new.tenant_id and f.conversation_id = new.conversation_id
            and o.tenant_id = f.tenant_id and o.message_id = f.message_id
            and o.done_at is null and o.claimed_at is null
        returning o.message_id
    )
    update messages as m set status = 'cancelled', reason = 'customer_wrote'
    from cancelled
    where m.tenant_id = new.tenant_id and m.id = cancelled.message_id;
    return null;
end $$;
create trigger customer_wrote after insert on messages for each row
    when (new.author = 'contact' and new.is_live and new.kind <> 'reaction')
    execute function app.customer_wrote();

-- A human took the chat, or the customer wants to be left alone.
create function app.chat_interrupted() returns trigger
    language plpgsql as $$
begin
    update follow_ups as f set
        state = 'cancelled', decided_at = now(),
        outcome = case
            when k.opted_out_at is not null then 'opted_out'
            when k.ai_off then 'contact_ai_off'
            else 'human_handling'
        end
    from contacts as k
    where f.tenant_id = new.tenant_id and f.conversation_id = new.id and f.state = 'pending'
        and k.tenant_id = new.tenant_id and k.id = new.contact_id;
    return null;
end $$;
create trigger chat_interrupted after update of interruptions on conversations for each row
    when (old.interruptions <> new.interruptions)
    execute function app.chat_interrupted();

-- What should have been decided by `p_now`: schedules may be lost. Ids only.
create function app.due_follow_ups(p_now timestamptz, p_limit integer)
    returns table (tenant_id uuid, follow_up_id uuid)
    language sql stable security definer set search_path = pg_catalog, public
    begin atomic
        select f.tenant_id, f.id from follow_ups as f
        where f.state = 'pending' and f.due_at <= p_now
        order by f.due_at
        limit p_limit;
    end;
revoke execute on function app.due_follow_ups(timestamptz, integer) from public;
grant execute on function app.due_follow_ups(timestamptz, integer) to balas_app;

-- outcome: why it was not sent, or with what else. counts: numbers of a digest. digest_on: the day it tells of.
-- switch: answers the owner who turned the agent on or off by a message.
alter table owner_notices
    drop constraint owner_notices_kind_check,
    add constraint owner_notices_kind_check check (
        kind in ('handover', 'complaint', 'order', 'device_down', 'quota', 'digest', 'switch')
    ),
    add column outcome text,
    add column counts jsonb,
    add column digest_on date,
    add constraint owner_notices_digest_check check ((kind = 'digest') = (digest_on is not null));
create unique index owner_notices_digest on owner_notices (tenant_id, digest_on) where kind = 'digest';
create index owner_notices_sent on owner_notices (tenant_id, decided_at) where state = 'sent';

-- The owner is told of what the agent hands over, not of what he took himself.
create function app.tell_of_handover() returns trigger
    language plpgsql as $$
begin
    insert into owner_notices (tenant_id, kind, reason, conversation_id)
    values (
        new.tenant_id,
        case new.handover_reason
            when 'complaint' then 'complaint' when 'quota_used_up' then 'quota' else 'handover'
        end,
        new.handover_reason, new.id
    );
    return null;
end $$;
create trigger tell_of_handover after update of handover_at on conversations for each row
    when (
        new.handover_at is distinct from old.handover_at
        and new.handover_reason not in ('takeover', 'human_reply', 'owner_phone', 'before_linking')
    )
    execute function app.tell_of_handover();

create function app.tell_of_order() returns trigger
    language plpgsql as $$
begin
    insert into owner_notices (tenant_id, kind, conversation_id)
    values (new.tenant_id, 'order', new.conversation_id);
    return null;
end $$;
create trigger tell_of_new_order after insert on orders for each row
    when (new.status = 'confirmed')
    execute function app.tell_of_order();
create trigger tell_of_order after update of status on orders for each row
    when (old.status = 'draft' and new.status = 'confirmed')
    execute function app.tell_of_order();

-- Only of a device that served: who is linking one sits before the dashboard.
create function app.tell_of_device() returns trigger
    language plpgsql as $$
begin
    insert into owner_notices (tenant_id, kind, reason) values (new.tenant_id, 'device_down', new.state);
    return null;
end $$;
create trigger tell_of_device after update of state on whatsapp_sessions for each row
    when (
        old.state in ('connected', 'reconnecting') and old.wanted = 'on'
        and new.state in ('logged_out', 'banned', 'replaced', 'failed')
    )
    execute function app.tell_of_device();

-- Whom to mail that the device is down: no WhatsApp leaves it. What a mailer took and never sent counts again.
create function app.unsent_device_notices(p_now timestamptz, p_limit integer)
    returns table (tenant_id uuid, notice_id uuid)
    language sql stable security definer set search_path = pg_catalog, public
    begin atomic
        select n.tenant_id, n.id from owner_notices as n
        where n.kind = 'device_down' and n.created_at > p_now - interval '1 day'
            and (n.state = 'pending' or (n.state = 'claimed' and n.claimed_at < p_now - interval '10 minutes'))
        order by n.created_at
        limit p_limit;
    end;
revoke execute on function app.unsent_device_notices(timestamptz, integer) from public;
grant execute on function app.unsent_device_notices(timestamptz, integer) to balas_app;

-- Shops on whose clock it is past eight in the morning and whose owner was not told of yesterday yet.
create function app.undigested_shops(p_now timestamptz, p_limit integer)
    returns table (tenant_id uuid, day date)
    language sql stable security definer set search_path = pg_catalog, public
    begin atomic
        select c.tenant_id, clock.at::date - 1
        from ai_configs as c
        join tenants as t on t.tenant_id = c.tenant_id and t.suspended_at is null
        cross join lateral (
            select p_now at time zone coalesce(nullif(c.profile ->> 'timezone', ''), 'Asia/Jakarta') as at
        ) as clock
        where extract(hour from clock.at) between 8 and 11
            and coalesce((c.profile ->> 'tells_owner')::boolean, true)
            and coalesce(c.profile ->> 'owner_phone', '') <> ''
            and not exists (
                select 1 from owner_notices as n
                where n.tenant_id = c.tenant_id and n.kind = 'digest' and n.digest_on = clock.at::date - 1
            )
        limit p_limit;
    end;
revoke execute on function app.undigested_shops(timestamptz, integer) from public;
grant execute on function app.undigested_shops(timestamptz, integer) to balas_app;
