"""The owner hears of the shop on the phone, and gives orders from there; neither is a customer's chat."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.fleet.emulator_fixtures import emulator, new_number
from tests.fleet.emulator_process import Emulator
from tests.fleet.fleet_fixtures import aws, fleet, queue
from tests.fleet.fleet_process import Fleet, Shop

__all__ = ["aws", "emulator", "fleet", "queue"]
pytestmark = pytest.mark.fleet

OWNER = """
update ai_configs set profile = profile || jsonb_build_object('owner_phone', %(phone)s::text)
where tenant_id = %(id)s returning tenant_id
"""
HAND_OVER = "select app.hand_to_human(id, 'refund', null, null) from conversations where id = %(id)s"
ENTER = "select set_config('app.tenant_id', %(id)s, false)"
AI_ENABLED = "select profile ->> 'ai_enabled' as is_on from ai_configs where tenant_id = %(id)s"
CHATS = """
select k.phone from conversations as c join contacts as k on k.id = c.contact_id where c.tenant_id = %(id)s
"""


@pytest.fixture
def open_shop(emulator: Emulator, fleet: Fleet) -> Callable[[], tuple[Shop, str, str]]:
    """A shop with its WhatsApp, the number of its owner, and that of a customer who has written."""

    def opened() -> tuple[Shop, str, str]:
        shop, owner, customer = (
            fleet.register(new_number("628120000")),
            new_number("628120000"),
            new_number("628130000"),
        )
        fleet.rows(OWNER, id=shop.tenant_id, phone=owner)
        fleet.link(shop)
        emulator.call("send_text", from_=customer, to=shop.phone, text="halo")
        fleet.await_message(shop, text="halo")
        return shop, owner, customer

    return opened


def hand_over(fleet: Fleet, shop: Shop) -> None:
    chat = fleet.await_message(shop, text="halo")["conversation_id"]
    fleet.rows(ENTER, id=str(shop.tenant_id))
    fleet.rows(HAND_OVER, id=chat)


def read_by(emulator: Emulator, since: int, **where: Any) -> str:
    """The next text that a phone receives."""
    return emulator.wait("message", since=since, **where)["text"]


def test_a_hand_over_reaches_the_owners_phone_and_makes_no_chat(
    emulator: Emulator, fleet: Fleet, open_shop: Callable[[], tuple[Shop, str, str]]
) -> None:
    shop, owner, customer = open_shop()
    since = emulator.now()
    hand_over(fleet, shop)
    text = read_by(emulator, since, from_=shop.phone, to=owner)
    assert text.splitlines()[:2] == [
        "🔔 Ada chat yang perlu Anda.",
        "Pelanggan menanyakan pengembalian uang.",
    ]
    assert "halo" not in text
    emulator.call("send_text", from_=owner, to=shop.phone, text="oke, saya lihat")
    emulator.call("send_text", from_=customer, to=shop.phone, text="gimana?")
    fleet.await_message(shop, text="gimana?")
    assert fleet.rows(CHATS, id=shop.tenant_id) == [{"phone": customer}]


def test_the_owner_turns_the_agent_off_and_on_from_the_phone(
    emulator: Emulator, fleet: Fleet, open_shop: Callable[[], tuple[Shop, str, str]]
) -> None:
    shop, owner, _ = open_shop()
    for order, answer, is_on in (
        ("AI mati sekarang", "AI dimatikan", "false"),
        ("AI nyala", "AI menyala", "true"),
    ):
        since = emulator.now()
        emulator.call("send_text", from_=owner, to=shop.phone, text=order)
        assert read_by(emulator, since, from_=shop.phone, to=owner).startswith(answer)
        assert fleet.rows(AI_ENABLED, id=shop.tenant_id) == [{"is_on": is_on}]
    assert len(fleet.rows(CHATS, id=shop.tenant_id)) == 1
