"""No operation that takes an id tells another shop's thing from one that does not exist."""

from collections.abc import Iterator
from typing import cast
from uuid import uuid4

import pytest

from functions.api.app import routed
from tests.api.owner import Owner

PLAN = """
insert into follow_ups (tenant_id, conversation_id, due_at, reason)
values (%(tenant_id)s, %(chat)s, now(), 'Rahasia')
"""
BODIES: dict[str, object] = {
    "replace_product": {"name": "Curian", "price": 1},
    "replace_faq": {"question": "Apa?", "answer": "Curian."},
    "change_conversation": {"tags": ["curian"], "note": "Curian.", "status": "done", "unread": 0},
    "change_follow_up": {"due_at": "2099-01-01T00:00:00Z"},
    "change_contact": {"name": "Curian", "ai_off": True, "opted_out": True},
    "change_order": {"status": "cancelled"},
    "correct_answer": {"question": "Apa?", "answer": "Curian."},
    "send_draft": {"text": "Curian."},
    "send_message": {"id": str(uuid4()), "text": "Curian."},
}
WITHOUT_BODY = {
    "delete_product", "delete_faq", "delete_follow_up", "get_conversation", "take_over", "release",
    "list_messages", "get_contact", "revoke_session", "get_order", "discard_draft",
}  # fmt: skip


def operations() -> Iterator[tuple[str, str, str]]:
    """Every operation with an id in its path: its name, method and path."""
    paths = cast("dict[str, dict[str, dict[str, object]]]", routed().openapi()["paths"])
    for path, methods in paths.items():
        for method, operation in methods.items():
            if "{" in path:
                yield str(operation["operationId"]), method.upper(), path.removeprefix("/api/v1/")


def everything_of(owner: Owner) -> dict[str, str]:
    """One thing of each kind that an id can name, by the name of that parameter."""
    heard = owner.hears(owner.link_whatsapp(), "Rahasia")
    chat = str(heard)
    return {
        "order_id": str(owner.has_order(heard)),
        "message_id": str(owner.has_draft(heard, "Rahasia")),
        "follow_up_id": follow_up_of(owner, chat),
        "product_id": owner.post("products", {"name": "Rahasia", "price": 1}).json()["id"],
        "faq_id": owner.post("faqs", {"question": "Apa?", "answer": "Rahasia."}).json()["id"],
        "conversation_id": chat,
        "contact_id": owner.get(f"conversations/{chat}").json()["contact"]["id"],
        "session_id": owner.get("auth/sessions").json()["items"][0]["id"],
    }


def follow_up_of(owner: Owner, chat: str) -> str:
    with owner.db.tenant_tx(owner.tenant_id) as tx:
        tx.run(PLAN, chat=chat)
    return owner.get("follow-ups").json()["items"][0]["id"]


def picture_of(owner: Owner, ids: dict[str, str]) -> list[object]:
    paths = [
        "products",
        "faqs",
        "contacts",
        "conversations",
        "auth/sessions",
        "audit-log",
        "follow-ups",
        "orders",
        f"conversations/{ids['conversation_id']}/messages",
    ]
    return [owner.get(path).json() for path in paths]


@pytest.mark.parametrize(("name", "method", "path"), list(operations()))
def test_another_shops_id_is_as_unknown_as_any(
    owner: Owner, stranger: Owner, name: str, method: str, path: str
) -> None:
    assert name in BODIES or name in WITHOUT_BODY, f"say in BODIES or WITHOUT_BODY what {name} is sent"
    mine = everything_of(owner)
    before = picture_of(owner, mine)
    stranger.link_whatsapp()
    foreign = stranger.call(method, path.format(**mine), json=BODIES.get(name))
    unknown = stranger.call(method, path.format(**dict.fromkeys(mine, uuid4())), json=BODIES.get(name))
    assert (foreign.status_code, foreign.json()) == (404, unknown.json())
    assert picture_of(owner, mine) == before
    assert owner.call(method, path.format(**mine), json=BODIES.get(name)).status_code < 300


@pytest.mark.parametrize("path", ["products", "faqs", "conversations", "contacts", "orders", "follow-ups"])
def test_lists_hold_ones_own_only(owner: Owner, stranger: Owner, path: str) -> None:
    everything_of(owner)
    assert stranger.get(path).json()["items"] == []


def test_device_and_profile_are_ones_own(owner: Owner, stranger: Owner) -> None:
    owner.link_whatsapp()
    owner.put("ai-config", {"business_name": "Milik sendiri"})
    assert stranger.get("device/status").json()["state"] == "disconnected"
    assert stranger.get("ai-config").json()["business_name"] == "Warung Uji"
