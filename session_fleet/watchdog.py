"""A shard's pulse: a thread that never waits for Postgres or WhatsApp."""

import os
import threading
import time
from collections.abc import Callable

from balas import log
from session_fleet.lease_clock import LeaseClock

logger = log.get("fleet.watchdog")

BEAT_S = 0.25
STUCK_LIMIT_S = 90
"""A main loop that stands still for this long gives no more sign of life, and the supervisor ends it."""
ORPHAN_LIMIT_S = 30


class Watchdog:
    """Beats on the supervisor's pipe, and calls `on_expired` when the leases must not be trusted.

    Frozen and thawed, this is what runs first: it looks at the clock before anything else.
    """

    def __init__(self, clock: LeaseClock, heartbeat_fd: int, on_expired: Callable[[], None]) -> None:
        self._clock, self._fd, self._on_expired = clock, heartbeat_fd, on_expired
        self._ticked_at = time.monotonic()

    def start(self) -> None:
        threading.Thread(target=self._run, daemon=True).start()

    def tick(self) -> None:
        """The main loop is alive."""
        self._ticked_at = time.monotonic()

    def _run(self) -> None:
        while True:
            if self._clock.is_expired():
                self._on_expired()
            if time.monotonic() - self._ticked_at < STUCK_LIMIT_S:
                self._beat()
            time.sleep(BEAT_S)

    def _beat(self) -> None:
        try:
            os.write(self._fd, b".")
        except BlockingIOError:
            return
        except BrokenPipeError:
            logger.warning("the supervisor is gone")
            time.sleep(ORPHAN_LIMIT_S)  # it has told us to stop when it died; this is for when we hang
            os._exit(1)
