"""The lease clock counts from when a renewal was sent, not from when it was answered."""

import pytest

from session_fleet.lease_clock import LeaseClock


class Time:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


def test_a_slow_answer_does_not_lengthen_the_trust(time: Time) -> None:
    clock = LeaseClock(time)
    time.now = 10
    sent_at = clock.sending()
    time.now = 19
    clock.renewed(sent_at)
    time.now = 29.9
    assert not clock.is_expired()
    time.now = 30
    assert clock.is_expired()


def test_an_older_answer_that_comes_last_changes_nothing(time: Time) -> None:
    clock = LeaseClock(time)
    time.now = 10
    early = clock.sending()
    time.now = 15
    clock.renewed(clock.sending())
    clock.renewed(early)
    time.now = 34
    assert not clock.is_expired()


@pytest.mark.parametrize(
    ("elapsed", "is_due", "is_expired"), [(9, False, False), (10, True, False), (20, True, True)]
)
def test_renewal_is_due_halfway(time: Time, elapsed: float, is_due: bool, is_expired: bool) -> None:  # noqa: FBT001
    clock = LeaseClock(time)
    time.now = elapsed
    assert (clock.is_due(), clock.is_expired()) == (is_due, is_expired)


def test_a_process_that_was_frozen_finds_its_leases_expired(time: Time) -> None:
    clock = LeaseClock(time)
    time.now = 3600
    assert clock.is_expired()
