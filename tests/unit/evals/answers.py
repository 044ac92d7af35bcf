"""A demo case and the answers it may get, for tests of the judge."""

from balas.order import Order, OrderLine
from balas.turn import Turn
from evals import case
from evals.case import Case, Expect, ExpectedOrder, Said
from evals.play import Answered

SHOP = "kopi-tepi-danau"
KOPI, AREN = "KP-02", "KP-03"  # Kopi Susu 18000, Kopi Susu Gula Aren 22000

GOOD = Answered(
    reply="Halo kak, Kopi Susu harganya Rp18.000 ya",
    mode="general_faq",
    intent="ask_price",
    tags=frozenset({"price"}),
)


def expect(**labels: object) -> Expect:
    nothing = Expect(
        mode="general_faq", intents=("ask_price",), tags_all=frozenset({"price"}), tags_none=frozenset(),
        order=None, must_mention=(), must_not_mention=(), admits_unknown=False, handover=False,
        follow_up=False, complaint=False, language="id",
    )  # fmt: skip
    return nothing.model_copy(update=labels)


def chat(
    *texts: str, kind: case.Kind = "faq", attack: str | None = None, labels: Expect | None = None
) -> Case:
    """A case in which customer and shop speak in turn, the customer last."""
    turns = tuple(
        Said(role="customer" if (len(texts) - at) % 2 else "shop", text=text) for at, text in enumerate(texts)
    )
    return Case(id="demo", shop=SHOP, kind=kind, attack=attack, turns=turns, expect=labels or expect())


def turn(of: Case, draft: Order | None = None) -> Turn:
    return case.turn_at(of, case.bursts(of)[-1], draft)


def order(*lines: tuple[str, int], area: str | None = None, fee: int | None = None) -> Order:
    products = {product.sku: product for product in case.shop(SHOP).products}
    made = tuple(OrderLine(sku, products[sku].name, qty, products[sku].price) for sku, qty in lines)
    return Order(made, area, fee)


def wanted(*lines: tuple[str, int], delivery: case.Way | None = None) -> ExpectedOrder:
    return ExpectedOrder(lines=tuple(case.Line(sku=sku, qty=qty) for sku, qty in lines), delivery=delivery)
