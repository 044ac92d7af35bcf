"""Who a shop is: its id, and the profile that its agent speaks from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NewType
from uuid import UUID

TenantId = NewType("TenantId", UUID)
UserId = NewType("UserId", UUID)
LoginId = NewType("LoginId", UUID)
"""One sign-in: the family of its refresh tokens."""

OutsideHours = Literal["answer", "silent", "message"]
Audience = Literal["everyone", "unsaved", "test_list"]
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True)
class DeliveryArea:
    """A place the shop delivers to; `fee` in rupiah."""

    area: str
    fee: int


@dataclass(frozen=True)
class Modes:
    """Which jobs the agent may do; what is off goes to a human."""

    general_faq: bool = True
    order_taking: bool = True
    complaint: bool = True


@dataclass(frozen=True)
class ShopProfile:
    """The `ai-config` document: all that the owner told the agent, save products and FAQs.

    `hours` maps a day to its open spans, local "HH:MM" pairs; a day that is absent or empty is closed.
    `holidays` are local dates, "YYYY-MM-DD", on which the shop is closed. `handover_ends_after_min`: when the
    agent returns by itself; None: when a human lets go. `monthly_answers` None: no cap.
    """

    business_name: str
    description: str = ""
    address: str = ""
    phone: str = ""
    hours: Mapping[Day, tuple[tuple[str, str], ...]] = field(
        default_factory=dict[Day, tuple[tuple[str, str], ...]]
    )
    timezone: str = "Asia/Jakarta"
    tone: str = "ramah dan santai"
    greeting: str = ""
    delivery: tuple[DeliveryArea, ...] = ()
    payments: tuple[str, ...] = ()
    modes: Modes = Modes()
    audience: Audience = "unsaved"
    test_numbers: tuple[str, ...] = ()
    draft_only: bool = False
    ai_enabled: bool = True
    pause_s: int = 4
    handover_rules: tuple[str, ...] = ()
    forbidden_topics: tuple[str, ...] = ()
    holidays: tuple[str, ...] = ()
    outside_hours: OutsideHours = "answer"
    outside_hours_message: str = ""
    handover_ends_after_min: int | None = None
    owner_phone: str = ""
    tells_owner: bool = True
    follow_ups: bool = True
    reads_images: bool = False
    transcribes_audio: bool = False
    monthly_answers: int | None = 3000
    hourly_answers_per_customer: int = 30
