"""What an answer costs."""

import pytest

from balas import cost
from balas.cost import FREE, PRICES, Price, Tariff
from balas.errors import Misconfigured


def test_an_answers_cost_counts_cached_tokens_at_their_own_price() -> None:
    """3,000 read (2,000 of them cached) and 200 written: 0.00025 + 0.00005 + 0.0004 dollars."""
    tariff = Tariff(rupiah_per_usd=16_000)
    assert tariff.millirupiah("gpt-5-mini", prompt=3000, cached=2000, completion=200) == 11_200


def test_an_answer_may_cost_less_than_a_rupiah() -> None:
    assert Tariff().millirupiah("gpt-5-nano", prompt=1000, cached=0, completion=10) == 891


@pytest.mark.parametrize(
    "name", ["gpt-5-mini", "openai/gpt-5-mini", "GPT-5-mini-2025-08-07", "gpt-5-mini-latest"]
)
def test_a_model_is_known_by_its_name_with_maker_and_date(name: str) -> None:
    assert cost.price_of(name) == PRICES["gpt-5-mini"]


@pytest.mark.parametrize("name", ["offline", "", "gpt-5-mini-turbo", "test"])
def test_a_model_that_is_not_listed_is_free(name: str) -> None:
    assert cost.price_of(name) == FREE


def test_a_deployment_sets_its_own_price_and_rate() -> None:
    tariff = cost.tariff({"AI_PRICE": "1/0.5/2.5", "RUPIAH_PER_USD": "15000"})
    assert tariff == Tariff(Price(1, 0.5, 2.5), 15_000)
    assert tariff.millirupiah("gpt-5-mini", prompt=1_000_000, cached=0, completion=0) == 15_000_000


def test_without_settings_the_models_own_price_counts() -> None:
    assert cost.tariff({"AI_PRICE": "", "RUPIAH_PER_USD": ""}) == Tariff()


@pytest.mark.parametrize(
    "environment", [{"AI_PRICE": "0.25"}, {"AI_PRICE": "a/b/c"}, {"RUPIAH_PER_USD": "enam belas ribu"}]
)
def test_a_wrong_setting_is_named(environment: dict[str, str]) -> None:
    with pytest.raises(Misconfigured, match=next(iter(environment))):
        cost.tariff(environment)
