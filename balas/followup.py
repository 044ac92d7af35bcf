"""Whether a customer who went quiet is written to once more: decided anew when the time has come."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Literal, NewType
from uuid import UUID

from balas import opening_hours, quota, turn
from balas.tenant import ShopProfile
from balas.turn import Turn
from balas.whatsapp_session import State as DeviceState

FollowUpId = NewType("FollowUpId", UUID)

FollowUpState = Literal["pending", "sent", "skipped", "cancelled"]
SkipReason = Literal[
    "follow_ups_off", "ai_off", "opted_out", "contact_ai_off", "not_in_audience", "human_handling",
    "customer_wrote", "order_settled", "already_followed_up", "too_old", "quota_used_up",
    "account_limited", "device_offline",
]  # fmt: skip
PostponeReason = Literal["not_due", "device_reconnecting", "quiet_hours"]
Outcome = SkipReason | PostponeReason | Literal["drafted", "no_longer_wanted", "cancelled_by_owner"]

SENTENCES: dict[Outcome, str] = {
    "follow_ups_off": "Tindak lanjut Anda matikan.",
    "ai_off": "AI sedang dimatikan.",
    "opted_out": "Pelanggan tidak mau dihubungi lagi.",
    "contact_ai_off": "AI dimatikan untuk pelanggan ini.",
    "not_in_audience": "Pelanggan ini tidak termasuk yang dibalas AI.",
    "human_handling": "Percakapan ini sedang Anda tangani sendiri.",
    "customer_wrote": "Pelanggan sudah menulis lagi.",
    "order_settled": "Pelanggan sudah memesan.",
    "already_followed_up": "Sudah ditindaklanjuti satu kali sejak pesan terakhir pelanggan.",
    "too_old": "Pesan terakhir pelanggan sudah lebih dari 7 hari.",
    "quota_used_up": "Kuota balasan AI bulan ini habis.",
    "account_limited": "WhatsApp sedang membatasi nomor toko untuk memulai percakapan.",
    "device_offline": "WhatsApp toko tidak tersambung.",
    "not_due": "Belum waktunya.",
    "device_reconnecting": "Ditunda sampai WhatsApp toko tersambung lagi.",
    "quiet_hours": "Ditunda ke pagi hari: malam hari dan hari libur pelanggan tidak diganggu.",
    "drafted": "Disimpan sebagai draf: kirim sendiri dari percakapan.",
    "no_longer_wanted": "Percakapan berlanjut, jadi tidak perlu lagi.",
    "cancelled_by_owner": "Anda membatalkannya.",
}

QUIET_FROM, QUIET_UNTIL = time(21), time(8)
MORNING = timedelta(hours=1)
"""Whom the night held back is written to within so long after it, not all in one minute."""
TOO_OLD = timedelta(days=7)
"""Source: WhatsApp limits accounts that write to people who did not write lately."""
LOCK = timedelta(days=1)
"""For so long after WhatsApp refused to start a chat (error 463) nothing is sent unasked."""
RECONNECT_PAUSE = timedelta(minutes=15)
HOUR = timedelta(hours=1)
SOONEST, LATEST = timedelta(hours=1), timedelta(days=6)


@dataclass(frozen=True)
class State:
    """What is true when a follow-up is decided; `turn` is the chat, with nothing to answer."""

    turn: Turn
    due_at: datetime
    device: DeviceState
    last_customer_at: datetime | None
    customer_wrote: bool
    order_settled: bool
    already_followed_up: bool
    account_limited: bool


@dataclass(frozen=True)
class Send:
    """Now."""


@dataclass(frozen=True)
class Skip:
    """Never."""

    reason: SkipReason


@dataclass(frozen=True)
class Postpone:
    """Not now: to be decided again at `until`."""

    until: datetime
    reason: PostponeReason


Decision = Send | Skip | Postpone


def decide(state: State, now: datetime) -> Decision:
    """What becomes of the follow-up at `now`."""
    if now < state.due_at:
        return Postpone(state.due_at, "not_due")
    if reason := _skip(state, now):
        return Skip(reason)
    if state.device == "reconnecting":
        return Postpone(now + RECONNECT_PAUSE, "device_reconnecting")
    allowed = allowed_at(state.turn.profile, now, state.turn.conversation.id)
    return Send() if allowed == now else Postpone(allowed, "quiet_hours")


def due_at(profile: ShopProfile, now: datetime, hours: float, chat: UUID) -> datetime:
    """When a wish to write again in `hours` comes due: not at once, not too late, not at night."""
    wait = timedelta(hours=min(max(hours, SOONEST / HOUR), LATEST / HOUR))
    return allowed_at(profile, now + wait, chat)


def allowed_at(profile: ShopProfile, wanted: datetime, chat: UUID) -> datetime:
    """`wanted`, or the morning after, when that is in the shop's night or on its holiday.

    `chat` spreads the customers over the first hour of the morning, each at a minute of his own.
    """
    moment = opening_hours.local(profile, wanted)
    day = moment.date()
    is_day = QUIET_UNTIL <= moment.time() < QUIET_FROM
    if is_day and day.isoformat() not in profile.holidays:
        return wanted
    if is_day or moment.time() >= QUIET_FROM:
        day += timedelta(days=1)
    while day.isoformat() in profile.holidays:
        day += timedelta(days=1)
    morning = datetime.combine(day, QUIET_UNTIL, moment.tzinfo)
    return (morning + timedelta(seconds=chat.int % int(MORNING.total_seconds()))).astimezone(UTC)


def sentence(outcome: str) -> str | None:
    """What the owner reads about what came of a follow-up; None for what has no sentence."""
    return next((text for code, text in SENTENCES.items() if code == outcome), None)


def _skip(state: State, now: datetime) -> SkipReason | None:
    profile, contact = state.turn.profile, state.turn.contact
    reasons: dict[SkipReason, bool] = {
        "follow_ups_off": not profile.follow_ups,
        "ai_off": not profile.ai_enabled,
        "opted_out": contact.opted_out_at is not None,
        "contact_ai_off": contact.ai_off,
        "not_in_audience": not turn.is_in_audience(contact, profile),
        "human_handling": turn.is_human_handling(state.turn.conversation, now),
        "customer_wrote": state.customer_wrote,
        "order_settled": state.order_settled,
        "already_followed_up": state.already_followed_up,
        "too_old": state.last_customer_at is None or now - state.last_customer_at > TOO_OLD,
        "quota_used_up": quota.comes_back_at(profile, state.turn.used, now) is not None,
        "account_limited": state.account_limited,
        "device_offline": state.device not in ("connected", "reconnecting"),
    }
    return next((reason for reason, holds in reasons.items() if holds), None)
