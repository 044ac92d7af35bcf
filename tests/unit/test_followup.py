"""When a quiet customer is written to once more: every reason not to, and every clock."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from balas import followup
from balas.contact import Contact, ContactId
from balas.conversation import Conversation, ConversationId
from balas.followup import Decision, Postpone, Send, Skip, SkipReason, State
from balas.quota import Used
from balas.tenant import ShopProfile
from balas.turn import Turn

NOON = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)  # Monday 12.00 in Jakarta
CHAT = UUID(int=120)  # two minutes past eight
PROFILE = ShopProfile(business_name="Warung Contoh", audience="everyone")
CONTACT = Contact(
    ContactId(UUID(int=1)), "77001", None, None, is_saved=False, ai_off=False, opted_out_at=None
)
CONVERSATION = Conversation(ConversationId(CHAT), "ai", None, 0)
STATE = State(
    turn=Turn(PROFILE, (), (), CONTACT, CONVERSATION, (), (), None),
    due_at=NOON,
    device="connected",
    last_customer_at=NOON - timedelta(days=1),
    customer_wrote=False,
    order_settled=False,
    already_followed_up=False,
    account_limited=False,
)


def wib(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of November 2026 in Jakarta."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC) - timedelta(hours=7)


def with_turn(**fields: object) -> State:
    return replace(STATE, turn=replace(STATE.turn, **fields))  # pyright: ignore[reportArgumentType] - its fields


def with_profile(**fields: object) -> State:
    return with_turn(profile=replace(PROFILE, **fields))  # pyright: ignore[reportArgumentType] - its fields


def with_answers(count: int, quota: int | None) -> State:
    return with_turn(profile=replace(PROFILE, monthly_answers=quota), used=Used(this_month=count))


def test_a_customer_who_went_quiet_is_written_to() -> None:
    assert followup.decide(STATE, NOON) == Send()


NO: dict[SkipReason, State] = {
    "follow_ups_off": with_profile(follow_ups=False),
    "ai_off": with_profile(ai_enabled=False),
    "opted_out": with_turn(contact=replace(CONTACT, opted_out_at=NOON)),
    "contact_ai_off": with_turn(contact=replace(CONTACT, ai_off=True)),
    "not_in_audience": with_profile(audience="test_list"),
    "human_handling": with_turn(conversation=replace(CONVERSATION, handling="human")),
    "customer_wrote": replace(STATE, customer_wrote=True),
    "order_settled": replace(STATE, order_settled=True),
    "already_followed_up": replace(STATE, already_followed_up=True),
    "too_old": replace(STATE, last_customer_at=NOON - timedelta(days=7, seconds=1)),
    "quota_used_up": with_answers(10, quota=10),
    "account_limited": replace(STATE, account_limited=True),
    "device_offline": replace(STATE, device="logged_out"),
}


@pytest.mark.parametrize(("reason", "state"), NO.items())
def test_each_reason_not_to_write_is_stated(reason: SkipReason, state: State) -> None:
    assert followup.decide(state, NOON) == Skip(reason)
    assert followup.sentence(reason)


def test_a_reason_is_stated_even_at_night() -> None:
    at_night = wib(23, 23)
    assert followup.decide(replace(NO["opted_out"], due_at=at_night), at_night) == Skip("opted_out")


@pytest.mark.parametrize(
    "state",
    [
        replace(STATE, last_customer_at=NOON - timedelta(days=7)),
        with_answers(9, quota=10),
        with_answers(100_000, quota=None),
        with_turn(conversation=Conversation(ConversationId(CHAT), "human", NOON, 0)),
    ],
)
def test_on_the_edge_it_is_still_written(state: State) -> None:
    assert followup.decide(state, NOON) == Send()


def test_a_customer_who_never_wrote_is_left_alone() -> None:
    assert followup.decide(replace(STATE, last_customer_at=None), NOON) == Skip("too_old")


def test_what_fires_early_waits_for_its_time() -> None:
    later = NOON + timedelta(hours=3)
    assert followup.decide(replace(STATE, due_at=later), NOON) == Postpone(later, "not_due")


def test_a_device_that_dials_is_waited_for() -> None:
    again = NOON + timedelta(minutes=15)
    assert followup.decide(replace(STATE, device="reconnecting"), NOON) == Postpone(
        again, "device_reconnecting"
    )


@pytest.mark.parametrize(
    ("timezone", "now", "decision"),
    [
        ("Asia/Jakarta", wib(23, 8), Send()),
        ("Asia/Jakarta", wib(23, 20, 59), Send()),
        ("Asia/Jakarta", wib(23, 21), Postpone(wib(24, 8, 2), "quiet_hours")),
        ("Asia/Jakarta", wib(23, 23, 59), Postpone(wib(24, 8, 2), "quiet_hours")),
        ("Asia/Jakarta", wib(24, 0), Postpone(wib(24, 8, 2), "quiet_hours")),
        ("Asia/Jakarta", wib(24, 7, 59), Postpone(wib(24, 8, 2), "quiet_hours")),
        ("Asia/Makassar", wib(23, 20), Postpone(wib(24, 7, 2), "quiet_hours")),  # there it is 21.00
        ("Asia/Makassar", wib(23, 7), Send()),
        ("Asia/Jayapura", wib(23, 19), Postpone(wib(24, 6, 2), "quiet_hours")),
        ("Asia/Jayapura", wib(23, 6), Send()),
    ],
)
def test_the_night_of_the_shops_own_clock_is_kept(timezone: str, now: datetime, decision: Decision) -> None:
    state = replace(with_profile(timezone=timezone), due_at=now)
    assert followup.decide(state, now) == decision


@pytest.mark.parametrize(
    ("now", "until"),
    [
        (wib(23, 12), wib(26, 8, 2)),
        (wib(22, 22), wib(26, 8, 2)),
        (wib(23, 3), wib(26, 8, 2)),
        (wib(25, 22), wib(26, 8, 2)),
    ],
)
def test_a_holiday_is_kept_too(now: datetime, until: datetime) -> None:
    state = with_profile(holidays=("2026-11-23", "2026-11-24", "2026-11-25"))
    assert followup.decide(replace(state, due_at=now), now) == Postpone(until, "quiet_hours")


def test_what_the_night_held_back_goes_out_when_the_morning_comes() -> None:
    held_back = followup.decide(replace(STATE, due_at=wib(23, 22)), wib(23, 22))
    assert isinstance(held_back, Postpone)
    assert followup.decide(replace(STATE, due_at=held_back.until), held_back.until) == Send()


def test_customers_are_spread_over_the_first_hour_of_the_morning() -> None:
    mornings = {followup.allowed_at(PROFILE, wib(23, 22), UUID(int=n * 7919)) for n in range(200)}
    assert len(mornings) > 100
    assert min(mornings) >= wib(24, 8)
    assert max(mornings) < wib(24, 9)


@pytest.mark.parametrize(
    ("hours", "due"),
    [
        (24, wib(24, 12)),
        (0, wib(23, 13)),
        (-5, wib(23, 13)),
        (1e9, wib(29, 12)),
        (10, wib(24, 8, 2)),
    ],
)
def test_a_wish_comes_due_neither_at_once_nor_too_late_nor_at_night(hours: float, due: datetime) -> None:
    assert followup.due_at(PROFILE, NOON, hours, CHAT) == due
