"""An order from the first wish to the stock that it takes."""

import threading
import time
from uuid import UUID

import pytest

from balas.db import orders
from balas.order import OrderId
from tests.flow.scene import Scene

ORDERS = "select status || ' ' || total from orders where tenant_id = %(tenant_id)s order by created_at"
IDS = "select id::text from orders where tenant_id = %(tenant_id)s"
STOCK = "select coalesce(stock, -1) from products where tenant_id = %(tenant_id)s order by sku"
COUNT = "update products set stock = 3 where sku = 'NASGOR'"
SOMEBODY_WAITS = "select exists (select 1 from pg_locks where not granted)"
FULFILMENT = """
select concat_ws('|', fulfilment, address, delivery_area) from orders where tenant_id = %(tenant_id)s
"""


def wants(scene: Scene, *lines: tuple[str, int], **fields: object) -> None:
    """What the model understands from now on: the whole order."""
    wish: dict[str, object] = {"reply": "Siap kak!", "mode": "order_taking", "intent": "order_new"}
    wanted = [{"sku": sku, "qty": qty, "note": ""} for sku, qty in lines]
    scene.model.says(**{**wish, "order_action": "set", "order_lines": wanted, **fields})


def agrees(scene: Scene) -> None:
    wants(scene, intent="order_confirm", order_action="confirm")


def ordered(scene: Scene, qty: int = 2) -> None:
    """A draft of so many plates that was read back to the customer."""
    wants(scene, ("NASGOR", qty))
    assert scene.work(scene.customer_says(f"pesan nasi goreng {qty}")) == "replied"


def test_a_confirmed_order_takes_from_the_stock_what_is_counted(scene: Scene) -> None:
    scene.run(COUNT)
    wants(scene, ("NASGOR", 2), ("ESTEH", 1))
    scene.work(scene.customer_says("pesan nasi goreng 2 es teh 1"))
    assert scene.read(int, STOCK) == [-1, 3], "a draft takes nothing"
    agrees(scene)
    scene.work(scene.customer_says("ya betul"))
    assert scene.read(str, ORDERS) == ["confirmed 41000"]
    assert scene.read(int, STOCK) == [-1, 1]
    assert "sudah kami catat" in scene.replies[-1].text


def test_a_changed_order_stays_the_one_draft(scene: Scene) -> None:
    ordered(scene)
    wants(scene, ("NASGOR", 3), intent="order_change")
    scene.work(scene.customer_says("2 jadiin 3 nasi gorengnya"))
    assert scene.read(str, ORDERS) == ["draft 54000"]


def test_how_and_where_an_order_goes_is_kept(scene: Scene) -> None:
    scene.sets(delivery=[{"area": "Depok", "fee": 10000}])
    wants(scene, ("NASGOR", 1), delivery_area="Depok", fulfilment="delivery", address="Jl. Melati 5")
    scene.work(scene.customer_says("pesan nasi goreng 1 antar ke Depok, Jl. Melati 5"))
    assert scene.read(str, FULFILMENT) == ["delivery|Jl. Melati 5|Depok"]
    agrees(scene)
    scene.work(scene.customer_says("ya betul"))
    assert scene.read(str, ORDERS) == ["confirmed 28000"]


@pytest.mark.parametrize(
    "meanwhile",
    [
        "update products set stock = 1 where sku = 'NASGOR'",
        "update products set active = false where sku = 'NASGOR'",
        "delete from products where sku = 'NASGOR'",
    ],
)
def test_what_ran_out_while_the_model_thought_is_not_promised(meanwhile: str, scene: Scene) -> None:
    scene.run(COUNT)
    ordered(scene)
    agrees(scene)
    scene.work(scene.customer_says("ya betul"), meanwhile=lambda: scene.run(meanwhile))
    assert scene.read(str, ORDERS) == ["draft 36000"]
    assert (scene.chat.handling, scene.chat.handover_reason) == ("human", "order_unclear")
    assert "sudah kami catat" not in scene.replies[-1].text


def test_a_draft_that_the_owner_cancelled_is_not_confirmed(scene: Scene) -> None:
    ordered(scene)
    agrees(scene)
    cancel = "update orders set status = 'cancelled' where status = 'draft'"
    scene.work(scene.customer_says("ya betul"), meanwhile=lambda: scene.run(cancel))
    assert scene.read(str, ORDERS) == ["cancelled 36000"]
    assert scene.chat.handover_reason == "order_unclear"


def test_the_last_plates_go_to_one_of_two_customers_at_once(scene: Scene) -> None:
    """The second confirms before the first has committed: it waits, and finds too few."""
    scene.run(COUNT)
    ordered(scene)
    chats = [scene.customer_says("halo", lid=lid).conversation_id for lid in ("77001", "77002")]
    with scene.app.tenant_tx(scene.shop.tenant_id) as tx:
        draft = orders.draft(tx, chats[0])
        assert draft
        orders.keep_draft(tx, chats[1], draft)
    results: dict[int, bool] = {}

    def confirm(number: int) -> None:
        with scene.app.tenant_tx(scene.shop.tenant_id) as tx:
            results[number] = orders.confirm(tx, chats[number])

    with scene.app.tenant_tx(scene.shop.tenant_id) as tx:
        results[0] = orders.confirm(tx, chats[0])
        second = threading.Thread(target=confirm, args=(1,))
        second.start()
        deadline = time.monotonic() + 20
        while not tx.scalar(bool, SOMEBODY_WAITS):
            assert time.monotonic() < deadline, "the second never came to wait"
    second.join(timeout=20)
    assert results == {0: True, 1: False}
    assert scene.read(int, STOCK)[1] == 1


def test_an_owner_who_cancels_gets_his_stock_back(scene: Scene) -> None:
    scene.run(COUNT)
    ordered(scene)
    agrees(scene)
    scene.work(scene.customer_says("ya betul"))
    (order_id,) = scene.read(str, IDS)
    with scene.app.tenant_tx(scene.shop.tenant_id) as tx:
        orders.move(tx, OrderId(UUID(order_id)), "cancelled")
    assert scene.read(int, STOCK)[1] == 3


def test_the_agent_knows_what_the_customer_ordered_before(scene: Scene) -> None:
    ordered(scene)
    agrees(scene)
    scene.work(scene.customer_says("ya betul"))
    scene.run("update orders set address = 'Jl. Melati 5'")
    scene.model.says()
    scene.work(scene.customer_says("halo kak"))
    sent = str(scene.model.requests[-1])
    for fact in ("jumlah pesanan sebelumnya: 1", "2 x Nasi Goreng", "Jl. Melati 5"):
        assert fact in sent
