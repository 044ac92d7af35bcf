"""Which of the shop's items and answers a turn needs."""

from collections.abc import Sequence

from rapidfuzz import fuzz, process, utils

from balas.catalog import Faq, Product
from balas.turn import Turn

WHOLE_MENU_ITEMS = (
    150  # Source: an item costs ~22 tokens; up to here the whole menu is cheaper than missing one
)
BEST_ITEMS = 20  # Source: 50 of 50 right on typo queries
WHOLE_FAQS = 60
BEST_FAQS = 30


def select(turn: Turn) -> tuple[Product, ...]:
    """The active items that the agent is told of: all of a normal menu, else those the customer may mean."""
    active = [product for product in turn.products if product.active]
    if len(active) <= WHOLE_MENU_ITEMS:
        return tuple(active)
    drafted = {line.sku for line in turn.draft_order.lines} if turn.draft_order else set[str]()
    wanted = [p for p in active if p.sku in drafted]
    ranked = rank(asked(turn), active)[:BEST_ITEMS]
    return (*wanted, *(product for product in ranked if product.sku not in drafted))


def select_faqs(turn: Turn) -> tuple[Faq, ...]:
    """The FAQs that the agent is told of: all, unless the owner imported a book of them."""
    if len(turn.faqs) <= WHOLE_FAQS:
        return turn.faqs
    best = process.extract(
        asked(turn), [f"{faq.question} {faq.answer}" for faq in turn.faqs],
        scorer=fuzz.token_set_ratio, processor=utils.default_process, limit=BEST_FAQS,
    )  # fmt: skip
    return tuple(turn.faqs[index] for _, _, index in best)


def asked(turn: Turn) -> str:
    """What the customer wrote: what waits for an answer, and his last words before."""
    before = [m.text for m in turn.recent if m.author == "contact"][-2:]
    return " ".join([*before, *(m.text for m in turn.unanswered)])[-1000:]


def rank(query: str, products: Sequence[Product]) -> list[Product]:
    """`products`, the likeliest meant by `query` first; typos and aliases count."""
    names = [(product, " ".join([product.name, *product.aliases])) for product in products]
    scored = process.extract(
        query, [name for _, name in names], scorer=fuzz.token_set_ratio,
        processor=utils.default_process, limit=None,
    )  # fmt: skip
    return [names[index][0] for _, _, index in scored]
