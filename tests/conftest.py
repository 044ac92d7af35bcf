"""A real Postgres for every test that asks for one: a fresh database per test, as the roles of production."""

import os
import secrets
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql

from balas.db import bootstrap, migrate
from balas.db.bootstrap import RoleUrls
from balas.db.database import Database
from local import postgres

TEMPLATE = "balas_template"


@pytest.fixture(scope="session")
def passwords() -> dict[str, str]:
    return {role: secrets.token_hex(16) for role in bootstrap.ROLES}


@pytest.fixture(scope="session")
def admin_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server's administrator: `DATABASE_URL` when set, otherwise a throw-away server of our own."""
    if given := os.environ.get("DATABASE_URL"):
        yield given
        return
    server = postgres.start(tmp_path_factory.mktemp("postgres") / "data", durable=False, max_connections=200)
    yield server.admin_url
    server.stop()


@pytest.fixture(scope="session")
def template(admin_url: str, passwords: dict[str, str]) -> str:
    """The name of a migrated, empty database that each test's own is copied from."""
    name = f"{TEMPLATE}_{secrets.token_hex(4)}"
    urls = bootstrap.prepare(admin_url, name, passwords)
    migrate.migrate(urls.owner)
    return name


@pytest.fixture
def urls(admin_url: str, template: str, passwords: dict[str, str]) -> Iterator[RoleUrls]:
    """A database of this test's own, one URL per role."""
    name = f"balas_test_{secrets.token_hex(4)}"
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute(
            sql.SQL("create database {} template {} strategy file_copy owner balas_owner").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
    yield bootstrap.role_urls(admin_url, name, passwords)
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@pytest.fixture
def app_db(urls: RoleUrls) -> Iterator[Database]:
    """The database as the functions see it."""
    database = Database(urls.app, max_connections=4)
    yield database
    database.close()


@pytest.fixture
def fleet_db(urls: RoleUrls) -> Iterator[Database]:
    """The database as the session fleet sees it."""
    database = Database(urls.fleet, max_connections=4)
    yield database
    database.close()
