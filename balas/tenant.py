"""Who a shop is: its id, and the profile that its agent speaks from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NewType
from uuid import UUID

TenantId = NewType("TenantId", UUID)
UserId = NewType("UserId", UUID)
LoginId = NewType("LoginId", UUID)
"""One sign-in: the family of its refresh tokens."""

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
