"""When the agent's answers are used up, and when they come back."""

from datetime import UTC, datetime

import pytest

from balas import quota
from balas.quota import Used
from balas.tenant import ShopProfile

SHOP = ShopProfile("Warung Uji", monthly_answers=100, hourly_answers_per_customer=5, timezone="Asia/Jayapura")
NOW = datetime(2026, 11, 30, 14, 30, tzinfo=UTC)  # 23.30 in Jayapura (UTC+9)


@pytest.mark.parametrize(
    ("used", "back_at"),
    [
        (Used(99, 4), None),
        (Used(100, 0), datetime(2026, 11, 30, 15, tzinfo=UTC)),
        (Used(99, 5), datetime(2026, 11, 30, 15, 30, tzinfo=UTC)),
    ],
)
def test_the_agent_comes_back_with_the_shops_month_or_in_an_hour(
    used: Used, back_at: datetime | None
) -> None:
    assert quota.comes_back_at(SHOP, used, NOW) == back_at


def test_a_shop_without_a_cap_never_uses_it_up() -> None:
    assert quota.comes_back_at(ShopProfile("Warung Uji", monthly_answers=None), Used(10**9, 0), NOW) is None


def test_december_is_followed_by_january() -> None:
    december = datetime(2026, 12, 31, 16, tzinfo=UTC)
    assert quota.next_month(ShopProfile("Warung Uji"), december) == datetime(2026, 12, 31, 17, tzinfo=UTC)
