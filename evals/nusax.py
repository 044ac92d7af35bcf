"""`python -m evals.nusax`: the agent's negative sentiment on NusaX-Indonesian, data that others labelled.

The data is the Indonesian sentiment part of NusaX (Winata et al., EACL 2023), CC-BY-SA-4.0. It is no part
of this project: download `datasets/sentiment/indonesian/test.csv` (400 rows) from the repository
IndoNLP/nusax on GitHub, and give its path in NUSAX_CSV. Its rows are reviews, not chats, so it measures
sentiment, not complaints. It was drawn from SmSA: a model trained on SmSA has seen most of it.
"""

import argparse
import csv
import os
import sys
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import cast, get_args

from balas import llm
from balas.agent import output, prompt
from balas.agent.output import Sentiment
from balas.errors import ModelFailed
from balas.llm import ModelSettings
from evals import case, play, run
from evals.case import Case, Expect, Said

SHOP = "kopi-tepi-danau"  # any shop will do: a review names none of its goods
HOW_TO = "set NUSAX_CSV to the path of NusaX's datasets/sentiment/indonesian/test.csv"


@dataclass(frozen=True)
class Row:
    """A review and what its readers felt in it."""

    text: str
    label: Sentiment


@dataclass(frozen=True)
class Scores:
    """`unread`: the model gave no readable answer, which counts as no sentiment."""

    precision: float
    recall: float
    f1: float
    accuracy: float
    rows: int
    unread: int


class BadFile(Exception):
    """The file is not NusaX's; the message says what it lacks."""


def read(path: Path) -> list[Row]:
    """The rows of a NusaX sentiment file: a header, then at least the columns text and label."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        if not {"text", "label"} <= set(reader.fieldnames or ()):
            raise BadFile(f"{path.name} has no columns text and label: {HOW_TO}")
        rows = [(row["text"], row["label"].strip().lower()) for row in reader]
    strange = {label for _, label in rows} - set(get_args(Sentiment))
    if strange:
        raise BadFile(f"{path.name} has labels that NusaX does not have: {sorted(strange)}")
    return [Row(text, cast("Sentiment", label)) for text, label in rows]


def feel(row: Row, model: ModelSettings) -> Sentiment | None:
    """The sentiment of the model's first answer to a customer who writes that; None when there is none."""
    said = (Said(role="customer", text=row.text),)
    expect = Expect(
        mode="general_faq", intents=("other",), tags_all=frozenset(), tags_none=frozenset(), order=None,
        must_mention=(), must_not_mention=(), admits_unknown=None, handover=None, follow_up=None,
        complaint=None, language="id",
    )  # fmt: skip
    chat = Case(id="nusax", shop=SHOP, kind="chitchat", attack=None, turns=said, expect=expect)
    turn = case.turn_at(chat, range(1), None)
    try:
        completion = llm.complete(prompt.messages(turn, case.now(case.shop(SHOP))), model, play.TURN_S)
        return output.parse(completion.text).sentiment
    except ModelFailed as failure:
        if failure.reason in play.HOPELESS:
            raise
        return None


def score(labels: Sequence[Sentiment], felt: Sequence[Sentiment | None]) -> Scores:
    """How well "negative" was felt, and how often all three were right."""
    pairs = Counter(zip(labels, felt, strict=True))
    right = pairs["negative", "negative"]
    said = sum(n for (_, feeling), n in pairs.items() if feeling == "negative")
    real = sum(n for (label, _), n in pairs.items() if label == "negative")
    return Scores(
        precision=right / said if said else 0.0,
        recall=right / real if real else 0.0,
        f1=2 * right / (said + real) if said + real else 0.0,
        accuracy=sum(n for (label, feeling), n in pairs.items() if label == feeling) / (len(labels) or 1),
        rows=len(labels),
        unread=sum(feeling is None for feeling in felt),
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when the anchor was measured; 2 when it could not be."""
    parser = argparse.ArgumentParser(prog="evals.nusax", description=__doc__)
    parser.add_argument("--model", default="")
    parser.add_argument("--base-url", default="", help="without both the offline model is started")
    parser.add_argument("--parallel", type=int, default=2)
    given = parser.parse_args(arguments)
    path = os.environ.get("NUSAX_CSV", "")
    if not path or not Path(path).is_file():
        sys.stderr.write(f"evals.nusax: {HOW_TO}\n")
        return 2
    try:
        rows = read(Path(path))
        with run.model_at(given.base_url, given.model) as model, ThreadPoolExecutor(given.parallel) as pool:
            felt = list(pool.map(partial(feel, model=model), rows))
    except (BadFile, ModelFailed, run.Stopped) as error:
        sys.stderr.write(f"evals.nusax: {error}\n")
        return 2
    sys.stdout.write(table(score([row.label for row in rows], felt), model.model))
    return 0


def table(scores: Scores, model: str) -> str:
    """The scores as Markdown, with the attribution that the licence asks for."""
    return (
        f"# {model} on NusaX-Indonesian (CC-BY-SA-4.0, Winata et al.), {scores.rows} rows\n\n"
        "| Negative sentiment | |\n|---|---|\n"
        f"| precision | {scores.precision:.3f} |\n| recall | {scores.recall:.3f} |\n"
        f"| F1 | {scores.f1:.3f} |\n"
        f"| all three right | {scores.accuracy:.3f} |\n| unreadable answers | {scores.unread} |\n"
    )


if __name__ == "__main__":
    sys.exit(main())
