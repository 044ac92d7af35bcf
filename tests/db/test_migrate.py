"""The migration runner: in order, once, and never over a file that was changed."""

import secrets
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql

from balas.db import bootstrap, migrate
from balas.db.migrate import Migration, MigrationRefused

FIRST = Migration("0001_pre_first.sql", "pre", "create table first (id int)")
SECOND = Migration("0002_post_second.sql", "post", "create table second (id int)")
THIRD = Migration("0003_pre_third.sql", "pre", "create table third (id int)")
BROKEN = Migration("0002_pre_broken.sql", "pre", "create table half (id int); select 1 / 0")
INDEX = Migration(
    "0002_pre_index.sql", "pre", "-- migrate:no-transaction\ncreate index concurrently i on first (id)"
)


@pytest.fixture
def empty_url(admin_url: str, passwords: dict[str, str]) -> Iterator[str]:
    """The owner's URL of a database with no tables."""
    name = f"balas_empty_{secrets.token_hex(4)}"
    yield bootstrap.prepare(admin_url, name, passwords).owner
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


def test_every_file_runs_once_and_in_order(empty_url: str) -> None:
    assert migrate.migrate(empty_url) == [m.name for m in migrate.files()]
    assert migrate.migrate(empty_url) == []


def test_a_changed_file_is_refused(empty_url: str) -> None:
    migrate.migrate(empty_url, migrations=[FIRST])
    changed = Migration(FIRST.name, "pre", "create table other (id int)")
    with pytest.raises(MigrationRefused, match=r"0001_pre_first\.sql was changed"):
        migrate.migrate(empty_url, migrations=[changed])


def test_a_database_newer_than_the_code_is_refused(empty_url: str) -> None:
    migrate.migrate(empty_url, migrations=[FIRST, SECOND])
    with pytest.raises(MigrationRefused, match="deploy a newer release"):
        migrate.migrate(empty_url, migrations=[FIRST])


def test_a_failing_file_leaves_nothing_behind(empty_url: str) -> None:
    with pytest.raises(psycopg.errors.DivisionByZero):
        migrate.migrate(empty_url, migrations=[FIRST, BROKEN])
    with psycopg.connect(empty_url) as connection:
        assert connection.execute("select to_regclass('half')").fetchone() == (None,)
    assert migrate.migrate(empty_url, migrations=[FIRST]) == []


def test_pre_stops_before_a_pending_post_and_refuses_to_jump_it(empty_url: str) -> None:
    assert migrate.migrate(empty_url, "pre", [FIRST, SECOND]) == [FIRST.name]
    with pytest.raises(MigrationRefused, match="run `post` first"):
        migrate.migrate(empty_url, "pre", [FIRST, SECOND, THIRD])
    assert migrate.migrate(empty_url, "post", [FIRST, SECOND, THIRD]) == [SECOND.name]
    assert migrate.migrate(empty_url, "pre", [FIRST, SECOND, THIRD]) == [THIRD.name]


def test_a_concurrent_index_runs_outside_a_transaction(empty_url: str) -> None:
    assert migrate.migrate(empty_url, migrations=[FIRST, INDEX]) == [FIRST.name, INDEX.name]


def test_a_second_runner_waits_for_the_first(empty_url: str) -> None:
    with psycopg.connect(empty_url, autocommit=True) as other:
        other.execute("select pg_advisory_lock(%s)", [migrate.LOCK])
        impatient = f"{empty_url}&options=-c%20lock_timeout%3D100"
        with pytest.raises(psycopg.errors.LockNotAvailable):
            migrate.migrate(impatient, migrations=[FIRST])
