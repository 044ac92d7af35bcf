"""How long a shard may trust its leases.

Postgres gives a lease 30 s from when it RECEIVED the renewal; the shard counts 20 s from when it SENT it, on
a clock that keeps running while the process is frozen. So it stops before anybody else may start.
"""

import time
from collections.abc import Callable

TRUST_S = 20.0
RENEW_AFTER_S = 10.0


class LeaseClock:
    """One for all leases of a process, since they are renewed together."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._sent_at = now()

    def sending(self) -> float:
        """To be called before a renewal or claim is sent; its result goes to `renewed`."""
        return self._now()

    def renewed(self, sent_at: float) -> None:
        """The renewal sent at `sent_at` succeeded."""
        self._sent_at = max(self._sent_at, sent_at)

    def is_due(self) -> bool:
        """It is time to renew."""
        return self._now() - self._sent_at >= RENEW_AFTER_S

    def is_expired(self) -> bool:
        """The leases must no longer be trusted: disconnect before doing anything else."""
        return self._now() - self._sent_at >= TRUST_S
