"""The process-wide gate in front of neonize.

Source: goneonize keeps its clients in Go maps without a lock; a start or stop beside any other call kills the
process ("concurrent map read and map write"). So starts and stops hold the gate, and every other call goes
through it first, without holding it: a send may wait 75 s for its ack.
"""

import threading
from collections.abc import Generator
from contextlib import contextmanager


class Gate:
    """One per process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    @contextmanager
    def held(self) -> Generator[None, None, None]:
        """For a start or a stop: nobody enters meanwhile."""
        with self._lock:
            yield

    def pass_through(self) -> None:
        """For every other call: returns once no start or stop is going on."""
        with self._lock:
            pass
