"""Postgres's NOTIFY, so that a waiting program wakes at once instead of at its next poll."""

from collections.abc import Sequence

import psycopg
from psycopg import Connection, sql

from balas.errors import Unavailable


class Listener:
    """Listens on `channels`; opens its connection when first asked, and anew after it was lost.

    Not through a pooler. What was notified while the connection was down is not heard: poll as well.
    """

    def __init__(self, url: str, channels: Sequence[str]) -> None:
        self._url, self._channels = url, channels
        self._connection: Connection | None = None

    def wait(self, timeout_s: float) -> list[str]:
        """The payloads that came within `timeout_s`, returned with the first of them; may be empty.

        Raises Unavailable at once when Postgres went away.
        """
        try:
            connection = self._connection or self._connect()
            return [n.payload for n in connection.notifies(timeout=timeout_s, stop_after=1)]
        except psycopg.Error as error:
            self.close()
            raise Unavailable("lost the connection that listens to Postgres") from error

    def close(self) -> None:
        if self._connection:
            self._connection.close()
        self._connection = None

    def _connect(self) -> Connection:
        self._connection = psycopg.connect(self._url, autocommit=True, connect_timeout=2)
        for channel in self._channels:
            self._connection.execute(sql.SQL("listen {}").format(sql.Identifier(channel)))
        return self._connection
