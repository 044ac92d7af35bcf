"""Waiting for something to happen, with a deadline."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def until(what: Callable[[], T | None], limit_s: float = 30, every_s: float = 0.05) -> T:
    """The first answer of `what` that is truthy; fails the test when none came in time."""
    deadline = time.monotonic() + limit_s
    while not (answer := what()):
        assert time.monotonic() < deadline, f"it did not happen within {limit_s} s"
        time.sleep(every_s)
    return answer
