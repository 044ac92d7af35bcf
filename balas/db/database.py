"""A pool of connections as one role, and transactions that stay inside one tenant."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import LiteralString, TypeVar

import psycopg
from psycopg import Connection
from psycopg.rows import class_row, scalar_row
from psycopg_pool import ConnectionPool, PoolTimeout

from balas.errors import Unavailable
from balas.tenant import TenantId

T = TypeVar("T")

ENTER_TENANT = "select app.enter_tenant(%(tenant_id)s)"


class Tx:
    """One open transaction. Every statement may use `%(tenant_id)s` besides its own parameters."""

    def __init__(self, connection: Connection, tenant_id: TenantId | None) -> None:
        self._connection = connection
        self._bound = {"tenant_id": tenant_id}

    def run(self, sql: LiteralString, **params: object) -> int:
        """How many rows the statement touched."""
        return self._connection.execute(sql, {**self._bound, **params}).rowcount

    def all(self, row: type[T], sql: LiteralString, **params: object) -> list[T]:
        """Every row, its columns given by name to `row`, a dataclass."""
        with self._connection.cursor(row_factory=class_row(row)) as cursor:
            return cursor.execute(sql, {**self._bound, **params}).fetchall()

    def first(self, row: type[T], sql: LiteralString, **params: object) -> T | None:
        """The first row as `row`, or None."""
        with self._connection.cursor(row_factory=class_row(row)) as cursor:
            return cursor.execute(sql, {**self._bound, **params}).fetchone()

    def scalars(self, of: type[T], sql: LiteralString, **params: object) -> list[T]:
        """The first column of every row; the caller names its type."""
        with self._connection.cursor(row_factory=scalar_row) as cursor:
            return [_typed(of, v) for v in cursor.execute(sql, {**self._bound, **params}).fetchall()]

    def scalar(self, of: type[T], sql: LiteralString, **params: object) -> T | None:
        """The first column of the first row; None when it is NULL or there is no row."""
        with self._connection.cursor(row_factory=scalar_row) as cursor:
            value = cursor.execute(sql, {**self._bound, **params}).fetchone()
        return None if value is None else _typed(of, value)


class Database:
    """Postgres as one role. Connections are opened when first needed and checked before each use.

    `wait_s`: how long a transaction waits for a connection before it raises Unavailable.
    """

    def __init__(self, url: str, max_connections: int = 1, wait_s: float = 8) -> None:
        self._pool = ConnectionPool(
            url,
            min_size=0,
            max_size=max_connections,
            open=True,
            timeout=wait_s,
            max_idle=120,
            check=ConnectionPool.check_connection,
            kwargs={"prepare_threshold": None, "options": "-c statement_timeout=5000 -c timezone=UTC"},
        )

    @contextmanager
    def tenant_tx(self, tenant_id: TenantId) -> Generator[Tx, None, None]:
        """A transaction that sees this tenant's rows only."""
        with self._connection() as connection:
            connection.execute(ENTER_TENANT, {"tenant_id": tenant_id})
            yield Tx(connection, tenant_id)

    @contextmanager
    def routing_tx(self) -> Generator[Tx, None, None]:
        """A transaction in no tenant: routing tables, rate limits and the listed look-ups only."""
        with self._connection() as connection:
            yield Tx(connection, None)

    def close(self) -> None:
        self._pool.close()

    @contextmanager
    def _connection(self) -> Generator[Connection, None, None]:
        try:
            with self._pool.connection() as connection:
                yield connection
        except (PoolTimeout, psycopg.OperationalError) as error:
            raise Unavailable("the database did not answer; try again in a moment") from error


def _typed(of: type[T], value: object) -> T:
    if not isinstance(value, of):
        raise TypeError(f"the statement returned {type(value).__name__}, not {of.__name__}")
    return value
