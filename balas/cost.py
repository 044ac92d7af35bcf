"""What a model's answer costs, in thousandths of a rupiah: one answer may cost less than one."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from balas.errors import Misconfigured


@dataclass(frozen=True)
class Price:
    """US dollars per million tokens: read anew, read from the provider's cache, and written."""

    prompt: float
    cached: float
    completion: float


# Source: the providers' price lists; a newer or another one is set with AI_PRICE.
PRICES: Mapping[str, Price] = {
    "gpt-5": Price(1.25, 0.125, 10),
    "gpt-5-mini": Price(0.25, 0.025, 2),
    "gpt-5-nano": Price(0.05, 0.005, 0.4),
    "gpt-4.1": Price(2, 0.5, 8),
    "gpt-4.1-mini": Price(0.4, 0.1, 1.6),
    "gpt-4.1-nano": Price(0.1, 0.025, 0.4),
    "gpt-4o": Price(2.5, 1.25, 10),
    "gpt-4o-mini": Price(0.15, 0.075, 0.6),
}
FREE = Price(0, 0, 0)
RUPIAH_PER_USD = 16_500
_FORM = re.compile(r"\d+(?:\.\d+)?(?:/\d+(?:\.\d+)?){2}")


@dataclass(frozen=True)
class Tariff:
    """What a deployment pays: `price` None takes the model's own, and a model that is not listed is free."""

    price: Price | None = None
    rupiah_per_usd: float = RUPIAH_PER_USD

    def millirupiah(self, model: str, *, prompt: int, cached: int, completion: int) -> int:
        """The cost of one answer; `cached` tokens are a part of the `prompt` ones."""
        price = self.price or price_of(model)
        read_anew = max(0, prompt - cached)
        usd = read_anew * price.prompt + cached * price.cached + completion * price.completion
        return round(usd * self.rupiah_per_usd / 1000)


def tariff(environment: Mapping[str, str]) -> Tariff:
    """The tariff that AI_PRICE ("0.25/0.025/2": US dollars per million tokens) and RUPIAH_PER_USD set."""
    price, rate = environment.get("AI_PRICE"), environment.get("RUPIAH_PER_USD") or RUPIAH_PER_USD
    if price and not _FORM.fullmatch(price):
        raise Misconfigured("AI_PRICE must be three US dollar prices per million tokens: 0.25/0.025/2")
    try:
        return Tariff(Price(*map(float, price.split("/"))) if price else None, float(rate))
    except ValueError:
        raise Misconfigured("RUPIAH_PER_USD must be a number, such as 16500") from None


def price_of(model: str) -> Price:
    """The price of a listed model, whatever maker stands before its name and date behind it; else FREE."""
    name = re.sub(r"-\d{4}-\d{2}-\d{2}$|-latest$", "", model.rpartition("/")[2].lower())
    return PRICES.get(name, FREE)
