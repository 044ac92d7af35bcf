"""Money as people write it in a chat."""

import pytest

from balas import rupiah


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("22rb", [22000]),
        ("22 rb", [22000]), ("22k", [22000]), ("22ribu", [22000]), ("18ribuan", [18000]),
        ("Rp 350.000,-", [350000]), ("Rp2.500.000", [2500000]), ("Rp. 18.000", [18000]),
        ("Rp18.000.", [18000]),
        ("Rp18.000,00", [18000]), ("IDR 18000", [18000]), ("18,5rb", [18500]), ("1,5 juta", [1500000]),
        ("1.5jt", [1500000]), ("18.000-25.000", [18000, 25000]), ("Rp18.000,Rp5.000", [18000, 5000]),
        ("500 rupiah", [500]), ("dua puluh lima ribu", [25000]), ("lima belas ribu lima ratus", [15500]),
        ("seratus ribu", [100000]), ("sejuta", [1000000]), ("seribu", [1000]), ("2000", [2000]),
        ("jam 08.00-21.00", []), ("tahun 2026", []), ("10%", []), ("level 5", []), ("1,5 liter", []),
        ("1500 ml", []), ("3 porsi", []), ("dua porsi", []), ("SKU18000", []), ("", []),
    ],
)  # fmt: skip
def test_sums_are_found_in_every_form(text: str, values: list[int]) -> None:
    assert [amount.value for amount in rupiah.amounts(text)] == values


def test_a_sum_knows_its_place() -> None:
    text = "Nasi goreng Rp18.000 ya"
    (amount,) = rupiah.amounts(text)
    assert text[amount.start : amount.end] == "Rp18.000"


@pytest.mark.parametrize(
    ("amount", "text"), [(0, "Rp0"), (500, "Rp500"), (36000, "Rp36.000"), (2500000, "Rp2.500.000")]
)
def test_sums_are_written_as_customers_read_them(amount: int, text: str) -> None:
    assert rupiah.write(amount) == text
