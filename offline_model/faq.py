"""Which of the owner's FAQs a customer asks."""

from collections import Counter
from collections.abc import Sequence
from math import log

from offline_model import words

_ENOUGH = 0.55


def best(text: str, faqs: Sequence[tuple[str, str]]) -> tuple[int, str] | None:
    """The number (from 1) and answer of the FAQ that `text` asks, by its rarer words; None when unsure."""
    common = set(words.vocabulary()["lists"]["common"].split()) | {","}
    questions = [
        [word for word in words.plain(question).split() if word not in common] for question, _ in faqs
    ]
    seen = Counter(word for question in questions for word in set(question))
    scores = [_score(question, text.split(), seen, len(faqs)) for question in questions]
    top = max(range(len(faqs)), key=lambda i: scores[i], default=-1)
    return (top + 1, faqs[top][1]) if top >= 0 and scores[top] >= _ENOUGH else None


def _score(question: Sequence[str], asked: Sequence[str], seen: Counter[str], count: int) -> float:
    """The share of the question's weight that the customer's words cover; rare words weigh more."""
    weight = {word.removesuffix("nya"): log(1 + count / seen[word]) for word in question}
    hit = sum(weight[word] for word in weight if any(_same(word, other) for other in asked))
    return hit / sum(weight.values()) if weight else 0.0


def _same(word: str, other: str) -> bool:
    return words.alike(word, other.removesuffix("nya")) or (len(word) > 4 and word in other)
