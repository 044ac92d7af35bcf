-- The one call with which a shard stores what WhatsApp delivered.

-- Returns the new message's id, or NULL when the message was stored before. What could not be read
-- at first becomes the message itself when the sender's phone sends it again under the same id.
-- p_lid: the LID user part of the customer; p_sender_lid: of whoever wrote it (the customer, or the shop itself).
create function app.store_inbound(
    p_session_id uuid, p_lid text, p_phone text, p_push_name text, p_is_saved boolean,
    p_sender_lid text, p_wa_message_id text, p_author text, p_kind text, p_text text, p_media jsonb,
    p_sent_at timestamptz, p_is_live boolean
) returns uuid
    language plpgsql as $$
declare
    v_contact uuid;
    v_conversation uuid;
    v_message uuid;
    v_was_unreadable boolean;
    v_from_customer constant boolean := p_author = 'contact';
    v_awaits_reply constant boolean :=
        p_is_live and v_from_customer and p_kind not in ('reaction', 'gap', 'unreadable', 'other');
begin
    insert into contacts as c (tenant_id, lid, phone, push_name, is_saved)
    values (app.tenant(), p_lid, p_phone, p_push_name, p_is_saved)
    on conflict (tenant_id, lid) do update set
        phone = coalesce(excluded.phone, c.phone),
        push_name = coalesce(excluded.push_name, c.push_name),
        is_saved = excluded.is_saved
    returning id into v_contact;

    insert into conversations as c (tenant_id, session_id, contact_id)
    values (app.tenant(), p_session_id, v_contact)
    on conflict (tenant_id, session_id, contact_id) do update set session_id = c.session_id
    returning id into v_conversation;

    insert into messages (
        tenant_id, session_id, conversation_id, direction, author, kind, text, media, status,
        wa_message_id, sender_lid, is_live, awaits_reply, sent_at
    ) values (
        app.tenant(), p_session_id, v_conversation, case when v_from_customer then 'in' else 'out' end,
        p_author, p_kind, p_text, p_media, case when v_from_customer then null else 'sent' end,
        p_wa_message_id, p_sender_lid, p_is_live, v_awaits_reply, p_sent_at
    ) on conflict (tenant_id, session_id, sender_lid, wa_message_id) do update set
        kind = excluded.kind, text = excluded.text, media = excluded.media,
        awaits_reply = excluded.awaits_reply, stored_at = excluded.stored_at
        where messages.kind = 'unreadable' and excluded.kind <> 'unreadable'
    returning id, xmax <> 0 into v_message, v_was_unreadable;
    if v_message is null then
        return null;
    end if;

    update conversations set
        unread = case
            when not p_is_live or v_was_unreadable then unread when v_from_customer then unread + 1 else 0
        end,
        status = case when p_is_live and v_from_customer then 'open' else status end,
        last_message_at = greatest(last_message_at, p_sent_at),
        last_message_preview = case
            when p_sent_at >= coalesce(last_message_at, p_sent_at) then left(coalesce(nullif(p_text, ''), p_kind), 120)
            else last_message_preview
        end
    where tenant_id = app.tenant() and id = v_conversation;

    if p_is_live and not v_from_customer then
        perform app.hand_to_human(v_conversation, 'owner_phone', now() + interval '1 hour', v_message);
    end if;
    if v_awaits_reply then
        perform pg_notify('inbound', v_conversation::text);
    end if;
    return v_message;
end $$;

-- A human takes the chat: the agent is silent from here, its unsent replies are cancelled, and
-- p_answer (may be NULL) settles what the customer is waiting for.
create function app.hand_to_human(p_conversation_id uuid, p_reason text, p_resumes_at timestamptz, p_answer uuid)
    returns void
    language plpgsql as $$
begin
    update conversations set
        handling = 'human', handover_reason = p_reason, resumes_at = p_resumes_at,
        handover_at = case when handling = 'human' then coalesce(handover_at, now()) else now() end,
        interruptions = interruptions + 1
    where tenant_id = app.tenant() and id = p_conversation_id;

    with cancelled as (
        update outbox set done_at = now()
        where tenant_id = app.tenant() and conversation_id = p_conversation_id
            and author = 'ai' and done_at is null and claimed_at is null
        returning message_id
    )
    update messages set status = 'cancelled', reason = p_reason
    from cancelled
    where messages.tenant_id = app.tenant() and messages.id = cancelled.message_id;

    if p_answer is not null then
        update messages set answered_by = p_answer
        where tenant_id = app.tenant() and conversation_id = p_conversation_id
            and awaits_reply and answered_by is null;
    end if;
end $$;

-- What the publisher has to queue: ids only, with the moment at which the shop's pause is over.
-- Besides new messages these are lost ones: queued two minutes ago and neither answered nor handed over.
-- A lost one is queued again until it is ten minutes old, too old to be answered, so four times at most.
create function app.unqueued_messages(p_limit integer)
    returns table (tenant_id uuid, conversation_id uuid, message_id uuid, due_at timestamptz)
    language sql stable security definer set search_path = pg_catalog, public
    begin atomic
        select m.tenant_id, m.conversation_id, m.id,
            m.stored_at + make_interval(secs => coalesce((c.profile ->> 'pause_s')::double precision, 4))
        from messages as m left join ai_configs as c on c.tenant_id = m.tenant_id
        where m.awaits_reply and m.queued_at is null
        union all
        select m.tenant_id, m.conversation_id, m.id, m.queued_at
        from messages as m join conversations as c on c.tenant_id = m.tenant_id and c.id = m.conversation_id
        where m.awaits_reply and m.answered_by is null
            and m.queued_at between now() - interval '10 minutes' and now() - interval '2 minutes'
            and m.stored_at > now() - interval '10 minutes'
            and (c.handling = 'ai' or c.resumes_at <= now())
        order by 4
        limit p_limit;
    end;
revoke execute on function app.unqueued_messages(integer) from public;
grant execute on function app.unqueued_messages(integer) to balas_fleet;

-- Whether the owner's phone has this customer saved: what whatsmeow heard in the session of device p_jid.
create function app.is_saved(p_jid text, p_lid text, p_phone text) returns boolean
    language plpgsql stable as $$
begin
    if to_regclass('whatsmeow.whatsmeow_contacts') is null then
        return false;
    end if;
    return exists (
        select 1 from whatsmeow.whatsmeow_contacts
        where our_jid = p_jid and their_jid in (p_lid || '@lid', p_phone || '@s.whatsapp.net')
            and coalesce(full_name, '') <> ''
    );
end $$;
