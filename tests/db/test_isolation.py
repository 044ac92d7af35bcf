"""No tenant sees, counts, changes or plants a row of another, in any table, as any role but the owner's."""

from typing import LiteralString

import psycopg
import pytest
from psycopg import Connection, sql
from psycopg.types.json import Jsonb

from balas.db.bootstrap import RoleUrls
from balas.db.database import Database
from tests import shops

FLEET_NONE, FLEET_TENANT, FLEET_ALL = "none", "tenant", "all"
TENANT_TABLES = {
    "tenants": FLEET_NONE,
    "users": FLEET_NONE,
    "logins": FLEET_NONE,
    "whatsapp_sessions": FLEET_ALL,
    "session_leases": FLEET_ALL,
    "ai_configs": FLEET_TENANT,
    "products": FLEET_NONE,
    "faqs": FLEET_NONE,
    "contacts": FLEET_TENANT,
    "conversations": FLEET_TENANT,
    "messages": FLEET_TENANT,
    "outbox": FLEET_ALL,
    "customer_insights": FLEET_NONE,
    "orders": FLEET_NONE,
    "follow_ups": FLEET_TENANT,
    "owner_notices": FLEET_ALL,
    "ai_trials": FLEET_NONE,
    "account_tokens": FLEET_NONE,
    "audit_log": FLEET_NONE,
    "ws_tickets": FLEET_NONE,
    "ws_connections": FLEET_ALL,
}
APPEND_ONLY = {"audit_log"}
WITHOUT_ROW_SECURITY = {"schema_migrations", "rate_limits"}
DEFINER_FUNCTIONS = {
    "find_login", "unqueued_messages", "search_contacts", "search_conversations",
    "due_follow_ups", "unsent_device_notices", "undigested_shops",
}  # fmt: skip

FILL = """
insert into users (tenant_id, email, name, password_hash) values (%(t)s, %(t)s || '@toko.test', 'Admin', 'x');
insert into logins (tenant_id, user_id, family_id, token_hash, expires_at)
    select tenant_id, id, id, 'x', now() from users where tenant_id = %(t)s;
insert into account_tokens (tenant_id, token_hash, user_id, purpose, expires_at)
    select tenant_id, 'x', id, 'reset', now() from users where tenant_id = %(t)s;
insert into audit_log (tenant_id, action) values (%(t)s, 'signed_in');
insert into products (tenant_id, sku, name, price) values (%(t)s, 'NASGOR', 'Nasi goreng', 18000);
insert into faqs (tenant_id, question, answer) values (%(t)s, 'Bisa COD?', 'Bisa.');
insert into contacts (tenant_id, lid) values (%(t)s, '77');
insert into conversations (tenant_id, session_id, contact_id)
    select tenant_id, %(s)s, id from contacts where tenant_id = %(t)s;
insert into messages (tenant_id, session_id, conversation_id, direction, author, status)
    select tenant_id, %(s)s, id, 'out', 'ai', 'pending' from conversations where tenant_id = %(t)s;
insert into outbox (tenant_id, message_id, session_id, conversation_id, author, account_lid, expires_at)
    select tenant_id, id, %(s)s, conversation_id, 'ai', '1', now() from messages where tenant_id = %(t)s;
insert into customer_insights (
    tenant_id, conversation_id, read_message_ids, model,
    prompt_tokens, cached_tokens, completion_tokens, latency_ms
) select tenant_id, id, '{}', 'm', 1, 1, 1, 1 from conversations where tenant_id = %(t)s;
insert into orders (tenant_id, conversation_id, lines, total)
    select tenant_id, id, '[]', 0 from conversations where tenant_id = %(t)s;
insert into follow_ups (tenant_id, conversation_id, due_at, reason)
    select tenant_id, id, now(), 'gajian' from conversations where tenant_id = %(t)s;
insert into ai_trials (
    tenant_id, model, prompt_tokens, cached_tokens, completion_tokens, latency_ms, cost_millirupiah
) values (%(t)s, 'm', 1, 1, 1, 1, 1);
insert into owner_notices (tenant_id, kind) values (%(t)s, 'quota');
insert into ws_tickets (tenant_id, ticket_hash, user_id, expires_at)
    select tenant_id, 'x', id, now() from users where tenant_id = %(t)s;
insert into ws_connections (tenant_id, connection_id, user_id, expires_at)
    select tenant_id, tenant_id::text, id, now() from users where tenant_id = %(t)s;
"""


@pytest.fixture
def victim(urls: RoleUrls, app_db: Database) -> shops.TestShop:
    """A shop with one row in every tenant table."""
    shop = shops.make(app_db)
    with psycopg.connect(urls.owner) as owner, psycopg.ClientCursor(owner) as cursor:
        cursor.execute(FILL, {"t": str(shop.tenant_id), "s": shop.session_id})
    return shop


@pytest.fixture
def stranger(app_db: Database) -> shops.TestShop:
    return shops.make(app_db)


def enter(connection: Connection, shop: shops.TestShop | None) -> None:
    if shop is not None:
        connection.execute("select set_config('app.tenant_id', %s, false)", [str(shop.tenant_id)])


def rows_of(connection: Connection, table: str, victim: shops.TestShop) -> int:
    query = sql.SQL("select count(*) from {} where tenant_id = %s").format(sql.Identifier(table))
    row = connection.execute(query, [victim.tenant_id]).fetchone()
    assert row is not None
    return row[0]


@pytest.mark.parametrize("table", TENANT_TABLES)
@pytest.mark.parametrize("who", ["another tenant", "no tenant"])
def test_the_functions_role_cannot_touch_another_tenants_rows(
    table: str, who: str, urls: RoleUrls, victim: shops.TestShop, stranger: shops.TestShop
) -> None:
    """Read, count, update and delete find nothing; an insert in the victim's name is refused."""
    name = sql.Identifier(table)
    with psycopg.connect(urls.owner) as owner:
        assert rows_of(owner, table, victim) == 1, "the victim must have a row to lose"
        copied = owner.execute(
            sql.SQL("select to_jsonb(t) from {} as t where tenant_id = %s").format(name), [victim.tenant_id]
        ).fetchone()
    assert copied is not None
    with psycopg.connect(urls.app, autocommit=True) as app:
        enter(app, stranger if who == "another tenant" else None)
        assert (
            app.execute(
                sql.SQL("select 1 from {} where tenant_id = %s").format(name), [victim.tenant_id]
            ).fetchall()
            == []
        )
        assert rows_of(app, table, victim) == 0
        if table not in APPEND_ONLY:
            change = sql.SQL("update {} set tenant_id = tenant_id where tenant_id = %s").format(name)
            assert app.execute(change, [victim.tenant_id]).rowcount == 0
            remove = sql.SQL("delete from {} where tenant_id = %s").format(name)
            assert app.execute(remove, [victim.tenant_id]).rowcount == 0
        plant = sql.SQL("insert into {} overriding user value select (jsonb_populate_record(null::{}, %s)).*")
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
            app.execute(plant.format(name, name), [Jsonb(copied[0])])
    with psycopg.connect(urls.owner) as owner:
        assert rows_of(owner, table, victim) == 1


@pytest.mark.parametrize("table", sorted(APPEND_ONLY))
@pytest.mark.parametrize("change", ["update {} set tenant_id = tenant_id", "delete from {}"])
def test_what_is_written_once_cannot_be_changed_even_by_its_own_shop(
    table: str, change: LiteralString, urls: RoleUrls, victim: shops.TestShop
) -> None:
    with psycopg.connect(urls.app) as app:
        enter(app, victim)
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="permission denied"):
            app.execute(sql.SQL(change).format(sql.Identifier(table)))


@pytest.mark.parametrize(("table", "sight"), TENANT_TABLES.items())
def test_the_fleets_role_sees_routing_tables_whole_and_content_by_tenant(
    table: str, sight: str, urls: RoleUrls, victim: shops.TestShop, stranger: shops.TestShop
) -> None:
    with psycopg.connect(urls.fleet, autocommit=True) as fleet:
        enter(fleet, stranger)
        if sight == FLEET_NONE:
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="permission denied"):
                rows_of(fleet, table, victim)
            return
        assert rows_of(fleet, table, victim) == (1 if sight == FLEET_ALL else 0)
        enter(fleet, victim)
        assert rows_of(fleet, table, victim) == 1


def test_a_row_cannot_point_at_another_tenants_row(
    urls: RoleUrls, victim: shops.TestShop, stranger: shops.TestShop
) -> None:
    with psycopg.connect(urls.owner) as owner:
        contact = owner.execute("select id from contacts where tenant_id = %s", [victim.tenant_id]).fetchone()
    assert contact is not None
    with psycopg.connect(urls.app) as app:
        enter(app, stranger)
        with pytest.raises(psycopg.errors.ForeignKeyViolation):
            app.execute(
                "insert into conversations (tenant_id, session_id, contact_id) values (%s, %s, %s)",
                [stranger.tenant_id, stranger.session_id, contact[0]],
            )


def test_every_table_is_either_forced_or_named_here(urls: RoleUrls) -> None:
    with psycopg.connect(urls.owner) as owner:
        tables = owner.execute(
            "select relname, relrowsecurity and relforcerowsecurity from pg_class"
            " where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')"
        ).fetchall()
    assert {name for name, is_forced in tables if is_forced} == set(TENANT_TABLES)
    assert {name for name, is_forced in tables if not is_forced} == WITHOUT_ROW_SECURITY


def test_no_policy_speaks_to_everybody(urls: RoleUrls) -> None:
    with psycopg.connect(urls.owner) as owner:
        open_policies = owner.execute(
            "select tablename from pg_policies where 'public' = any(roles)"
        ).fetchall()
    assert open_policies == []


def test_the_definer_functions_are_the_listed_ones_and_closed_to_the_public(urls: RoleUrls) -> None:
    with psycopg.connect(urls.owner) as owner:
        functions = owner.execute(
            "select proname, proowner::regrole::text, has_function_privilege('public', oid, 'execute')"
            " from pg_proc where prosecdef and pronamespace not in ('pg_catalog'::regnamespace)"
        ).fetchall()
    assert {name for name, _, _ in functions} == DEFINER_FUNCTIONS
    assert {owner for _, owner, _ in functions} == {"balas_owner"}
    assert not any(is_public for _, _, is_public in functions)


def test_no_role_of_ours_can_step_over_row_security(urls: RoleUrls) -> None:
    with psycopg.connect(urls.owner) as owner:
        mighty = owner.execute(
            "select rolname from pg_roles where rolname like 'balas%'"
            " and (rolsuper or rolbypassrls or rolcreaterole)"
        ).fetchall()
    assert mighty == []


def test_the_functions_role_cannot_read_whatsapp_keys(urls: RoleUrls) -> None:
    with psycopg.connect(urls.owner) as owner:
        allowed = owner.execute(
            "select has_schema_privilege('balas_app', 'whatsmeow', 'usage'),"
            " has_schema_privilege('balas_fleet', 'whatsmeow', 'create')"
        ).fetchone()
    assert allowed == (False, False)
