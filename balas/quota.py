"""How many answers of the agent a shop and a customer have left."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from balas import opening_hours
from balas.tenant import ShopProfile

HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Used:
    """Answers of this month in the shop's time zone, and to this customer within the last hour."""

    this_month: int = 0
    this_hour: int = 0


NOTHING = Used()


def comes_back_at(profile: ShopProfile, used: Used, now: datetime) -> datetime | None:
    """When the agent may answer again; None when it may right now."""
    if profile.monthly_answers is not None and used.this_month >= profile.monthly_answers:
        return next_month(profile, now)
    return now + HOUR if used.this_hour >= profile.hourly_answers_per_customer else None


def next_month(profile: ShopProfile, now: datetime) -> datetime:
    """The first moment of the shop's next month."""
    return (month_of(profile, now) + timedelta(days=32)).replace(day=1)


def month_of(profile: ShopProfile, now: datetime) -> datetime:
    """The first moment of the shop's month, on its wall clock."""
    return opening_hours.local(profile, now).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
