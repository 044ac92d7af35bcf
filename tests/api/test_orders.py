"""Orders: the list, and how the owner moves them on."""

from uuid import UUID

import pytest

from tests.api.owner import Owner, code_of, pointers

TAKEN = """
update orders set stock_taken = jsonb_build_object(%(product)s::text, 3)
where tenant_id = %(tenant_id)s and id = %(id)s
"""
ALLOWED = {
    ("draft", "cancelled"), ("confirmed", "processing"), ("confirmed", "cancelled"), ("processing", "ready"),
    ("processing", "cancelled"), ("ready", "done"), ("ready", "cancelled"),
}  # fmt: skip
STATES = ["draft", "confirmed", "processing", "ready", "done", "cancelled"]


def chat_of(owner: Owner, **message: object) -> UUID:
    return owner.hears(owner.link_whatsapp(), "nasgor 1", **message)


def test_an_order_is_shown_with_its_customer_and_its_sums(owner: Owner) -> None:
    chat = chat_of(owner)
    order_id = owner.has_order(chat)
    shown = owner.get(f"orders/{order_id}").json()
    assert owner.get("orders").json() == {"items": [shown], "next_cursor": None}
    assert shown["contact"] | {"id": ""} == {"id": "", "name": "Pelanggan", "phone": "6281200000001"}
    assert (shown["conversation_id"], shown["status"], shown["total"]) == (str(chat), "confirmed", 18000)
    assert shown["lines"] == [
        {"sku": "NASGOR", "name": "Nasi Goreng", "qty": 1, "unit_price": 18000, "note": ""}
    ]
    assert shown["confirmed_at"]


def test_orders_are_narrowed_by_status_and_paged(owner: Owner) -> None:
    chat = chat_of(owner)
    made = [str(owner.has_order(chat)) for _ in range(51)]
    owner.has_order(chat, "draft")
    first = owner.get("orders", status="confirmed").json()
    second = owner.get("orders", status="confirmed", cursor=first["next_cursor"]).json()
    assert [item["id"] for item in first["items"] + second["items"]] == made[::-1]
    assert second["next_cursor"] is None
    assert len(owner.get("orders", status="draft").json()["items"]) == 1


@pytest.mark.parametrize("after", STATES[2:])
@pytest.mark.parametrize("before", STATES)
def test_an_order_moves_forward_only(owner: Owner, before: str, after: str) -> None:
    order_id = owner.has_order(chat_of(owner), before)
    answer = owner.call("PATCH", f"orders/{order_id}", json={"status": after})
    if (before, after) in ALLOWED:
        assert (answer.status_code, answer.json()["status"]) == (200, after)
    else:
        assert (answer.status_code, code_of(answer)) == (409, "conflict")
        assert owner.get(f"orders/{order_id}").json()["status"] == before


def test_a_cancelled_order_gives_back_what_it_took_once(owner: Owner) -> None:
    order_id = owner.has_order(chat_of(owner))
    product = owner.post("products", {"name": "Nasi Goreng", "price": 18000, "stock": 2}).json()["id"]
    with owner.db.tenant_tx(owner.tenant_id) as tx:
        tx.run(TAKEN, id=order_id, product=product)
    for _ in range(2):
        owner.call("PATCH", f"orders/{order_id}", json={"status": "cancelled"})
    assert owner.get("products").json()["items"][0]["stock"] == 5


def test_what_is_not_counted_any_more_needs_nothing_back(owner: Owner) -> None:
    order_id = owner.has_order(chat_of(owner))
    product = owner.post("products", {"name": "Nasi Goreng", "price": 18000}).json()["id"]
    with owner.db.tenant_tx(owner.tenant_id) as tx:
        tx.run(TAKEN, id=order_id, product=product)
    assert owner.call("PATCH", f"orders/{order_id}", json={"status": "cancelled"}).status_code == 200
    assert owner.get("products").json()["items"][0]["stock"] is None


def test_moving_an_order_is_on_record(owner: Owner) -> None:
    order_id = owner.has_order(chat_of(owner))
    owner.call("PATCH", f"orders/{order_id}", json={"status": "processing"})
    entry = owner.get("audit-log").json()["items"][0]
    assert (entry["action"], entry["subject"]) == ("order_changed", {"type": "order", "id": str(order_id)})


@pytest.mark.parametrize("status", ["draft", "confirmed", "lunas", None, 1])
def test_a_status_that_an_owner_cannot_set_is_refused(owner: Owner, status: object) -> None:
    order_id = owner.has_order(chat_of(owner))
    assert pointers(owner.call("PATCH", f"orders/{order_id}", json={"status": status})) == ["/status"]
