"""A shop's hours on its own clock."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from balas import opening_hours
from balas.tenant import Day, ShopProfile

SHOP = ShopProfile(
    business_name="Warung Contoh",
    hours={
        "mon": (("08:00", "12:00"), ("16:00", "21:00")),
        "fri": (("18:00", "02:00"),),
        "sat": (("10:00", "24:00"),),
    },
)


def _at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment in Jakarta (UTC+7); 23 November 2026 is a Monday."""
    return datetime(2026, 11, day, hour, minute, tzinfo=opening_hours.local(SHOP, datetime.now(UTC)).tzinfo)


@pytest.mark.parametrize(
    ("now", "closes"),
    [
        (_at(23, 7, 59), None),
        (_at(23, 8), _at(23, 12)),
        (_at(23, 12), None),
        (_at(23, 20, 59), _at(23, 21)),
        (_at(24, 12), None),
        (_at(27, 23), _at(28, 2)),
        (_at(28, 1, 59), _at(28, 2)),
        (_at(28, 2), None),
        (_at(28, 23, 59), _at(29, 0)),
    ],
)
def test_a_shop_is_open_within_its_spans(now: datetime, closes: datetime | None) -> None:
    assert opening_hours.closes_at(SHOP, now) == closes


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        (_at(23, 7), _at(23, 8)),
        (_at(23, 13), _at(23, 16)),
        (_at(23, 22), _at(27, 18)),
        (_at(29, 1), _at(30, 8)),
    ],
)
def test_the_next_opening_is_found_across_days(now: datetime, opens: datetime) -> None:
    assert opening_hours.opens_at(SHOP, now) == opens


def test_no_span_begins_on_a_holiday_but_last_nights_runs_on() -> None:
    shop = replace(SHOP, holidays=("2026-11-28", "2026-11-30"))
    assert opening_hours.closes_at(shop, _at(28, 1)) == _at(28, 2)
    assert opening_hours.closes_at(shop, _at(28, 12)) is None
    assert opening_hours.opens_at(shop, _at(28, 3)) == datetime(2026, 12, 4, 18, tzinfo=_at(28, 3).tzinfo)


@pytest.mark.parametrize(
    ("hours", "holidays", "is_closed"),
    [
        (SHOP.hours, (), False),
        (SHOP.hours, ("2026-11-23",), True),
        ({"tue": (("08:00", "12:00"),)}, (), True),
        ({}, (), False),
        ({}, ("2026-11-23",), True),
        ({}, ("2026-11-24",), False),
    ],
)
def test_a_shop_without_hours_is_closed_on_holidays_only(
    hours: Mapping[Day, tuple[tuple[str, str], ...]], holidays: tuple[str, ...], *, is_closed: bool
) -> None:
    shop = replace(SHOP, hours=hours, holidays=holidays)
    assert opening_hours.is_closed(shop, _at(23, 9)) == is_closed


def test_the_shops_zone_counts_not_the_servers() -> None:
    night = datetime(2026, 11, 23, 0, 30, tzinfo=UTC)  # 07.30 in Jakarta, 09.30 in Jayapura
    assert opening_hours.closes_at(SHOP, night) is None
    assert opening_hours.closes_at(replace(SHOP, timezone="Asia/Jayapura"), night) is not None


def test_a_shop_without_hours_never_opens() -> None:
    bare = ShopProfile(business_name="Toko")
    assert opening_hours.closes_at(bare, _at(23, 9)) is None
    assert opening_hours.opens_at(bare, _at(23, 9)) is None


def test_hours_are_told_in_indonesian() -> None:
    assert opening_hours.describe(SHOP, "mon") == "08.00-12.00 dan 16.00-21.00"
    assert opening_hours.describe(SHOP, "sun") == "tutup"
