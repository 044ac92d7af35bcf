"""When a shop is open, on its own clock."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from balas.tenant import DAYS, Day, ShopProfile

DAY_NAMES: dict[Day, str] = {
    "mon": "Senin", "tue": "Selasa", "wed": "Rabu", "thu": "Kamis",
    "fri": "Jumat", "sat": "Sabtu", "sun": "Minggu",
}  # fmt: skip


def local(profile: ShopProfile, now: datetime) -> datetime:
    """`now` on the shop's wall clock."""
    return now.astimezone(ZoneInfo(profile.timezone))


def is_closed(profile: ShopProfile, now: datetime) -> bool:
    """Whether nobody is in the shop: a holiday, or outside its hours where the owner listed any."""
    if any(profile.hours.values()):
        return closes_at(profile, now) is None
    return _is_holiday(profile, local(profile, now))


def closes_at(profile: ShopProfile, now: datetime) -> datetime | None:
    """When the shop closes, on its wall clock; None while it is closed.

    A span whose end is not after its start runs past midnight ("18:00" to "02:00").
    """
    moment = local(profile, now)
    for day_offset in (-1, 0):
        for opens, closes in _spans(profile, moment + timedelta(days=day_offset)):
            if opens <= moment < closes:
                return closes
    return None


def opens_at(profile: ShopProfile, now: datetime) -> datetime | None:
    """The next opening after `now`, on the shop's wall clock; None when the owner listed no hours."""
    moment = local(profile, now)
    for day_offset in range(8 + len(profile.holidays)):
        for opens, _ in sorted(_spans(profile, moment + timedelta(days=day_offset))):
            if opens > moment:
                return opens
    return None


def closed_notice(profile: ShopProfile, now: datetime) -> str:
    """What a customer is told while the shop is closed: the owner's words, or ours with the next opening."""
    if profile.outside_hours_message.strip():
        return profile.outside_hours_message
    opens = opens_at(profile, now)
    when = f" Kami buka lagi {DAY_NAMES[day_of(opens)]} jam {opens:%H.%M}." if opens else ""
    return f"Halo kak, maaf kami sedang tutup 🙏{when} Pesannya sudah kami terima ya."


def describe(profile: ShopProfile, day: Day) -> str:
    """One day's hours in Indonesian: "08.00-21.00", "08.00-12.00 dan 16.00-21.00", "tutup"."""
    spans = profile.hours.get(day, ())
    return " dan ".join(f"{a}-{b}".replace(":", ".") for a, b in spans) or "tutup"


def day_of(moment: datetime) -> Day:
    """The day of the week that a local time falls on."""
    return DAYS[moment.weekday()]


def _spans(profile: ShopProfile, moment: datetime) -> list[tuple[datetime, datetime]]:
    """The open spans that begin on the local date of `moment`; on a holiday none does."""
    if _is_holiday(profile, moment):
        return []
    spans = list[tuple[datetime, datetime]]()
    for first, last in profile.hours.get(day_of(moment), ()):
        opens, closes = _at(moment, first), _at(moment, last)
        spans.append((opens, closes if closes > opens else closes + timedelta(days=1)))
    return spans


def _is_holiday(profile: ShopProfile, moment: datetime) -> bool:
    return moment.date().isoformat() in profile.holidays


def _at(moment: datetime, clock: str) -> datetime:
    """`clock` ("HH:MM", also "24:00") on the local date of `moment`."""
    hours, minutes = (int(part) for part in clock.split(":"))
    midnight = datetime.combine(moment.date(), time(), moment.tzinfo)
    return midnight + timedelta(hours=hours, minutes=minutes)
