"""The roles and the empty database, made once by an administrator before the first migration."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

import psycopg
from psycopg import Connection, sql
from psycopg.conninfo import conninfo_to_dict

ROLES = ("balas_owner", "balas_app", "balas_fleet", "balas_whatsmeow")


@dataclass(frozen=True)
class RoleUrls:
    """One connection URL per role, to the same database."""

    owner: str
    app: str
    fleet: str
    whatsmeow: str


def prepare(admin_url: str, database: str, passwords: Mapping[str, str]) -> RoleUrls:
    """Makes or repairs roles, database and whatsmeow's schema; may be repeated.

    `admin_url`: a role that may create roles and databases. `passwords`: one per name in `ROLES`.
    """
    with psycopg.connect(admin_url, autocommit=True) as admin:
        for role in ROLES:
            _make_role(admin, role, passwords[role])
        _settle_roles(admin)
        if not admin.execute("select 1 from pg_database where datname = %s", [database]).fetchone():
            name = sql.Identifier(database)
            admin.execute(sql.SQL("create database {} owner balas_owner").format(name))
        admin.execute(sql.SQL("revoke all on database {} from public").format(sql.Identifier(database)))
        for role in ROLES[1:]:
            grant = sql.SQL("grant connect on database {} to {}")
            admin.execute(grant.format(sql.Identifier(database), sql.Identifier(role)))
    with psycopg.connect(admin_url, dbname=database, autocommit=True) as admin:
        _make_whatsmeow_schema(admin)
    return role_urls(admin_url, database, passwords)


def role_urls(admin_url: str, database: str, passwords: Mapping[str, str]) -> RoleUrls:
    """The URLs under which the four roles reach `database` on the administrator's server."""
    return RoleUrls(*(_url(admin_url, role, passwords[role], database) for role in ROLES))


def _make_role(admin: Connection, role: str, password: str) -> None:
    name, secret = sql.Identifier(role), sql.Literal(password)
    if not admin.execute("select 1 from pg_roles where rolname = %s", [role]).fetchone():
        admin.execute(sql.SQL("create role {} login noinherit").format(name))
    admin.execute(sql.SQL("alter role {} login password {}").format(name, secret))
    # Needed by administrators that are not superusers (RDS) to make things in the role's name.
    admin.execute(sql.SQL("grant {} to current_user").format(name))


def _settle_roles(admin: Connection) -> None:
    for role in ("balas_app", "balas_fleet"):
        # Source: measured; generic plans under RLS lock every path, custom plans do not.
        admin.execute(
            sql.SQL("alter role {} set plan_cache_mode = force_custom_plan").format(sql.Identifier(role))
        )
    admin.execute("alter role balas_whatsmeow set search_path = whatsmeow")
    # whatsmeow keeps two idle connections per session for ever; see ARCHITECTURE.
    admin.execute("alter role balas_whatsmeow set idle_session_timeout = '30s'")


def _make_whatsmeow_schema(admin: Connection) -> None:
    admin.execute("create schema if not exists whatsmeow authorization balas_whatsmeow")
    admin.execute("grant usage on schema whatsmeow to balas_fleet")
    admin.execute("set role balas_whatsmeow")
    admin.execute("alter default privileges in schema whatsmeow grant select on tables to balas_fleet")


def _url(admin_url: str, role: str, password: str, database: str) -> str:
    """A URL, not a key-value string, since whatsmeow's driver takes only the former."""
    info = conninfo_to_dict(admin_url)
    host, port = str(info.get("host") or "127.0.0.1"), info.get("port") or 5432
    login = f"{role}:{quote(password, safe='')}"
    query = "" if info.get("sslmode") is None else f"&sslmode={info['sslmode']}"
    if host.startswith("/"):
        return f"postgresql://{login}@/{database}?host={quote(host, safe='')}&port={port}&sslmode=disable"
    return f"postgresql://{login}@{host}:{port}/{database}{query.replace('&', '?', 1)}"
