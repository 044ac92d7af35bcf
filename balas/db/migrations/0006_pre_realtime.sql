-- Who watches a shop live, and what tells them that something changed.

-- Trades a signed-in request for one socket: a browser cannot send a header when it opens one.
create table ws_tickets (
    tenant_id uuid not null references tenants,
    ticket_hash bytea not null,
    user_id uuid not null,
    expires_at timestamptz not null,
    primary key (tenant_id, ticket_hash),
    foreign key (tenant_id, user_id) references users (tenant_id, id) on delete cascade
);
call app.protect('ws_tickets', 'none');

-- Open sockets; the fleet pushes to them, closes those that have expired, and deletes their rows.
create table ws_connections (
    tenant_id uuid not null references tenants,
    connection_id text not null,
    user_id uuid not null,
    connected_at timestamptz not null default now(),
    expires_at timestamptz not null,
    primary key (tenant_id, connection_id),
    foreign key (tenant_id, user_id) references users (tenant_id, id) on delete cascade,
    check (expires_at <= connected_at + interval '2 hours')
);
create index ws_connections_expiry on ws_connections (expires_at);
call app.protect('ws_connections', 'all');
grant delete on ws_connections to balas_fleet;

-- Tells the pusher ids, never content. Arguments: the event's type, the column that holds its id.
create function app.notify_realtime() returns trigger
    language plpgsql as $$
declare
    v_row constant jsonb := to_jsonb(new);
begin
    perform pg_notify('realtime', jsonb_strip_nulls(jsonb_build_object(
        'tenant_id', new.tenant_id, 'type', tg_argv[0], 'id', v_row ->> tg_argv[1],
        'conversation_id', nullif(v_row ->> 'conversation_id', v_row ->> tg_argv[1])
    ))::text);
    return null;
end $$;

-- Not its mere sign of life: last_seen_at and updated_at say nothing new to a browser.
create trigger realtime_device after update on whatsapp_sessions for each row
    when (
        (old.state, old.reason, old.wanted, old.attempt_id, old.qr, old.pair_code, old.jid, old.phone)
        is distinct from
        (new.state, new.reason, new.wanted, new.attempt_id, new.qr, new.pair_code, new.jid, new.phone)
    )
    execute function app.notify_realtime('device.changed', 'id');

-- Live messages only: a history sync stores thousands, which browsers find at their next refetch.
create trigger realtime_message_created after insert on messages for each row
    when (new.is_live)
    execute function app.notify_realtime('message.created', 'id');
-- A message that could not be read at first arrives anew.
create trigger realtime_message_read after update on messages for each row
    when (old.kind <> new.kind)
    execute function app.notify_realtime('message.created', 'id');
create trigger realtime_message_status after update on messages for each row
    when ((old.status, old.reason) is distinct from (new.status, new.reason))
    execute function app.notify_realtime('message.status', 'id');

-- Not its last message, of which message.created has told.
create trigger realtime_conversation after update on conversations for each row
    when (
        (old.handling, old.handover_reason, old.resumes_at, old.mode, old.status, old.tags, old.unread)
        is distinct from
        (new.handling, new.handover_reason, new.resumes_at, new.mode, new.status, new.tags, new.unread)
    )
    execute function app.notify_realtime('conversation.changed', 'id');
create trigger realtime_insight after insert on customer_insights for each row
    execute function app.notify_realtime('conversation.changed', 'conversation_id');

create trigger realtime_order_created after insert on orders for each row
    execute function app.notify_realtime('order.changed', 'id');
create trigger realtime_order_changed after update on orders for each row
    when (
        (old.status, old.lines, old.delivery_area, old.total)
        is distinct from (new.status, new.lines, new.delivery_area, new.total)
    )
    execute function app.notify_realtime('order.changed', 'id');

-- Whatever ends a sign-in (logout, a new password, a stolen token) ends its user's sockets and unused
-- tickets in the same transaction: no caller can forget it. The pusher then closes the sockets.
create function app.end_sockets() returns trigger
    language plpgsql as $$
begin
    delete from ws_tickets where tenant_id = new.tenant_id and user_id = new.user_id;
    update ws_connections set expires_at = now()
    where tenant_id = new.tenant_id and user_id = new.user_id and expires_at > now();
    return null;
end $$;
create trigger end_sockets after update of revoked_at on logins for each row
    when (old.revoked_at is null and new.revoked_at is not null)
    execute function app.end_sockets();
create trigger realtime_socket_ended after update of expires_at on ws_connections for each row
    execute function app.notify_realtime('socket.ended', 'connection_id');
