"""How a connection stands: set by its session's events, read by its sender and its shard."""

import threading
import time


class Line:
    """`synced_at`: since when (monotonic) all that waited on the server has come; None until it has."""

    def __init__(self) -> None:
        self.online = threading.Event()
        self.synced_at: float | None = None
        self._handlers = 0
        self._last_callback = time.monotonic()

    def handler_begins(self) -> None:
        self._handlers += 1

    def handler_ends(self) -> None:
        self._handlers -= 1
        self._last_callback = time.monotonic()

    def is_quiet(self, for_s: float) -> bool:
        """No handler runs, and none has for a while."""
        return self._handlers == 0 and time.monotonic() - self._last_callback >= for_s
