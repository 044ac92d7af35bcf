"""Plain SQL migrations, applied in order: `python -m balas.db.migrate [all|pre|post]`.

A file is `NNNN_{pre|post}_what.sql`: `pre` runs before the code that needs it is deployed, `post` after.
"""

import hashlib
import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

import psycopg
from psycopg import Connection

from balas.errors import BalasError, Misconfigured

FOLDER = Path(__file__).with_name("migrations")
LOCK = 0x62616C6173  # "balas"
NO_TRANSACTION = "-- migrate:no-transaction"

Phase = Literal["all", "pre", "post"]

LEDGER = """
create table if not exists schema_migrations (
    name text primary key, sha256 text not null, applied_at timestamptz not null default now()
)
"""


class MigrationRefused(BalasError):
    """The database and the files do not fit together; the message names the file and the way out."""

    code = "migration_refused"


@dataclass(frozen=True)
class Migration:
    name: str
    phase: str
    text: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()


def files(folder: Path = FOLDER) -> list[Migration]:
    """Every migration in `folder`, in order."""
    return [Migration(p.name, p.name.split("_")[1], p.read_text()) for p in sorted(folder.glob("*.sql"))]


def migrate(url: str, phase: Phase = "all", migrations: Iterable[Migration] | None = None) -> list[str]:
    """Applies what is pending and returns its names. `url` is the owner role's, never through a pooler."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("select pg_advisory_lock(%s)", [LOCK])
        connection.execute(LEDGER)
        pending = _pending(connection, list(files() if migrations is None else migrations))
        chosen = _choose(pending, phase)
        for migration in chosen:
            _apply(connection, migration)
        return [migration.name for migration in chosen]


def _pending(connection: Connection, migrations: list[Migration]) -> list[Migration]:
    applied = dict(
        cast(
            "list[tuple[str, str]]",
            connection.execute("select name, sha256 from schema_migrations").fetchall(),
        )
    )
    for migration in migrations:
        if applied.get(migration.name, migration.sha256) != migration.sha256:
            raise MigrationRefused(
                f"{migration.name} was changed after it ran here; restore it and add a new file"
            )
    missing = sorted(set(applied) - {m.name for m in migrations})
    if missing:
        raise MigrationRefused(
            f"this database has {missing[0]}, which this release lacks; deploy a newer release"
        )
    return [m for m in migrations if m.name not in applied]


def _choose(pending: list[Migration], phase: Phase) -> list[Migration]:
    if phase == "all":
        return pending
    chosen: list[Migration] = []
    for migration in pending:
        if migration.phase != phase:
            break
        chosen.append(migration)
    if phase == "pre" and any(m.phase == "pre" for m in pending[len(chosen) :]):
        raise MigrationRefused(f"run `post` first: {pending[len(chosen)].name} is still pending")
    return chosen


def _apply(connection: Connection, migration: Migration) -> None:
    statements = migration.text.encode()
    if migration.text.startswith(NO_TRANSACTION):
        connection.execute(statements)
        _record(connection, migration)
        return
    with connection.transaction():
        connection.execute("set local lock_timeout = '5s'")
        connection.execute(statements)
        _record(connection, migration)


def _record(connection: Connection, migration: Migration) -> None:
    connection.execute(
        "insert into schema_migrations (name, sha256) values (%s, %s)", [migration.name, migration.sha256]
    )


def main(argv: list[str]) -> int:
    url = os.environ.get("DATABASE_URL")
    if not url:
        raise Misconfigured("set DATABASE_URL to the URL of the role balas_owner")
    phase = argv[0] if argv else "all"
    if phase not in ("all", "pre", "post"):
        raise Misconfigured("say `python -m balas.db.migrate`, with `pre` or `post` around a deploy")
    for name in migrate(url, phase):
        sys.stdout.write(f"applied {name}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
