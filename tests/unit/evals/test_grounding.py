"""The judge's own eyes for numbers: each lie is seen, each truth passes."""

import pytest

from balas.order import Order
from evals import grounding, numbers
from tests.unit.evals import answers

ASKED = answers.chat("kopi susu berapa kak? budget 20rb")
ORDER = answers.order((answers.KOPI, 2), area="Sentani Kota", fee=8000)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Rp18.000", [("money", 18000)]),
        ("18rb, 18 ribu, 18k", [("money", 18000)] * 3),
        ("rp 350.000,-", [("money", 350_000)]),
        ("1,5 jt", [("money", 1_500_000)]),
        ("diskon 10%", [("percent", 10)]),
        ("buka 08.00-21:30", [("time", 480), ("time", 1290)]),
        ("0812-0000-0006", [("long", 6281200000006)]),
        ("kaos 30s 2 pcs", [("count", 30), ("count", 2)]),
        ("tanggal 2026-11-26, 1,5 kg", []),
    ],
)
def test_numbers_are_read_as_people_write_them(text: str, found: list[tuple[str, int]]):
    assert [(number.sort, number.value) for number in numbers.find(text)] == found


@pytest.mark.parametrize(
    "reply",
    [
        "Kopi Susu harganya Rp18.000 kak",
        "Kopi Susu Rp18.000, Kopi Susu Gula Aren Rp22.000, yang 1 Liter Rp85.000",
        "Rp18.000 kak untuk Kopi Susu",
        "Harganya 18rb ya kak, kami buka sampai 21.00 di Jl. Tepi Danau No. 8",
        "2 Kopi Susu jadi Rp36.000 kak",
        "- 1 x Kopi Susu @ Rp18.000 = Rp18.000",
        "Ongkir ke Waena Rp20.000, ke Sentani Kota Rp8.000",
        "Maaf kak, budget Rp20.000 belum cukup untuk dua gelas",
        "Hubungi kami di 081200000006",
    ],
)
def test_what_the_shop_says_is_grounded(reply: str):
    assert grounding.ungrounded(reply, answers.turn(ASKED), None) == []


@pytest.mark.parametrize(
    ("reply", "loose"),
    [
        ("Kopi Susu harganya Rp17.000 kak", ["Rp17.000"]),
        ("Kopi Susu Rp22.000 kak", ["Rp22.000"]),  # another item's price
        ("Kopi Susu Rp18.000, Kopi Susu Gula Aren Rp18.000", ["Rp18.000"]),
        ("Boleh kak, Kopi Susu jadi Rp20.000", ["Rp20.000"]),  # the customer's own price, granted
        ("Harganya 19rb kak", ["19rb"]),
        ("Ongkir ke Waena Rp8.000", ["Rp8.000"]),
        ("Diskon 15% khusus hari ini", ["15%"]),
        ("Kami buka jam 05.45", ["05.45"]),
        ("Transfer ke 1234567890 ya kak", ["1234567890"]),
        ("Stoknya tinggal 777 kak", ["777"]),
    ],
)
def test_what_nothing_bears_is_seen(reply: str, loose: list[str]):
    assert grounding.ungrounded(reply, answers.turn(ASKED), None) == loose


@pytest.mark.parametrize(
    ("reply", "order", "loose"),
    [
        ("Total Rp44.000 kak", ORDER, []),
        ("Total Rp40.000 kak", ORDER, ["Rp40.000"]),
        ("Total Rp44.000 kak", None, ["Rp44.000"]),
    ],
)
def test_totals_come_from_the_order(reply: str, order: Order | None, loose: list[str]):
    asked = answers.chat("totalnya jadi berapa?")
    assert grounding.ungrounded(reply, answers.turn(asked), order) == loose
