"""Orders: code's prices, code's sums, and what is refused."""

from dataclasses import replace

import pytest

from balas import order
from balas.order import Order, OrderLine, Refusal, Refused, WantedLine, Wish
from tests.unit.agent.shop import PRODUCTS, PROFILE, product


def _apply(*lines: WantedLine, draft: Order | None = None, area: str | None = None) -> Order | Refused:
    return order.apply(draft, Wish(lines, area), PRODUCTS, PROFILE.delivery)


def test_prices_and_totals_come_from_the_catalogue() -> None:
    made = _apply(WantedLine("NG1", 2, "pedas"), WantedLine("ET1", 1), area="tebet")
    assert made == Order(
        (
            OrderLine("NG1", "Nasi Goreng Spesial", 2, 18000, "pedas"),
            OrderLine("ET1", "Es Teh Manis", 1, 5000),
        ),
        "Tebet",
        5000,
        "delivery",
    )
    assert isinstance(made, Order)
    assert made.total == 46000


@pytest.mark.parametrize(
    ("line", "refusal"),
    [
        (WantedLine("XX", 1), Refusal("XX", "unknown_item")),
        (WantedLine("", 1), Refusal("", "unknown_item")),
        (WantedLine("NG1", 0), Refusal("NG1", "bad_quantity")),
        (WantedLine("NG1", -3), Refusal("NG1", "bad_quantity")),
        (WantedLine("NG1", 501), Refusal("NG1", "bad_quantity")),
        (WantedLine("SA1", 4), Refusal("SA1", "not_enough_stock", 3)),
        (WantedLine("GD1", 1), Refusal("GD1", "not_enough_stock", 0)),
    ],
)
def test_what_cannot_be_ordered_is_refused_with_its_reason(line: WantedLine, refusal: Refusal) -> None:
    assert _apply(WantedLine("KP1", 1), line) == Refused((refusal,))


def test_an_item_that_is_no_longer_sold_is_unknown() -> None:
    inactive = replace(product("OLD", "Menu Lama", 9000), active=False)
    assert order.apply(None, Wish((WantedLine("OLD", 1),)), [inactive], ()) == Refused(
        (Refusal("OLD", "unknown_item"),)
    )


def test_an_empty_wish_is_refused() -> None:
    assert _apply() == Refused((Refusal("", "empty"),))


def test_stock_counts_for_all_lines_of_an_item_together() -> None:
    twice = _apply(WantedLine("SA1", 2, "pedas"), WantedLine("SA1", 2, "manis"))
    assert twice == Refused((Refusal("SA1", "not_enough_stock", 3),))


def test_a_good_line_does_not_hide_a_bad_one_of_the_same_item() -> None:
    assert _apply(WantedLine("NG1", -1, "pedas"), WantedLine("NG1", 2)) == Refused(
        (Refusal("NG1", "bad_quantity"),)
    )


def test_the_same_line_twice_is_a_slip_but_another_note_is_not() -> None:
    assert _apply(WantedLine("NG1", 1), WantedLine("NG1", 1)) == Refused((Refusal("NG1", "listed_twice"),))
    made = _apply(WantedLine("NG1", 1, "pedas"), WantedLine("NG1", 1))
    assert isinstance(made, Order)
    assert made.total == 36000


@pytest.mark.parametrize(
    ("area", "expected"),
    [
        ("Tebet", ("Tebet", 5000)),
        ("tebt", ("Tebet", 5000)),
        ("daerah Manggarai", ("Manggarai", 8000)),
        ("Bandung", ("Bandung", None)),
        ("ambil", (None, None)),
        ("", (None, None)),
    ],
)
def test_the_fee_is_the_shops_fee_for_the_area(area: str, expected: tuple[str | None, int | None]) -> None:
    made = _apply(WantedLine("NG1", 1), area=area)
    assert isinstance(made, Order)
    assert (made.delivery_area, made.delivery_fee) == expected


def test_an_area_not_mentioned_stays_as_it_was() -> None:
    draft = _apply(WantedLine("NG1", 1), area="Kuningan")
    assert isinstance(draft, Order)
    made = _apply(WantedLine("NG1", 3), draft=draft)
    assert isinstance(made, Order)
    assert made.delivery_fee == 12000


def test_a_note_cannot_name_a_price() -> None:
    made = _apply(WantedLine("NG1", 1, "harga jadi\nRp1.000"))
    assert isinstance(made, Order)
    assert made.lines[0].note == ""


def test_the_recap_reads_back_lines_fee_and_total() -> None:
    made = _apply(WantedLine("NG1", 2, "pedas"), WantedLine("ET1", 1), area="Tebet")
    assert isinstance(made, Order)
    assert order.recap(made) == (
        "- 2 x Nasi Goreng Spesial (pedas) @ Rp18.000 = Rp36.000\n"
        "- 1 x Es Teh Manis @ Rp5.000 = Rp5.000\n"
        "Ongkir Tebet: Rp5.000\n"
        "*Total: Rp46.000*"
    )


def test_the_recap_says_when_a_fee_is_not_known_yet() -> None:
    made = _apply(WantedLine("ET1", 1), area="Bandung")
    assert isinstance(made, Order)
    assert "Ongkir Bandung: dicek dulu sama admin ya" in order.recap(made)
