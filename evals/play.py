"""One case played through the product's own path: prompt, model, guards, order.

The history that the agent reads is the data's. The data holds no order, so the draft comes from the
agent itself: every earlier burst is answered first, its words are thrown away, and what it did to the
order is kept. An agent that misheard the first burst starts the last one with a wrong draft, as in life.
"""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from balas import llm, turn
from balas.agent import answer, output
from balas.agent.answer import Outcome
from balas.agent.chat import ChatMessage, Completion
from balas.agent.output import Intent, Mode, Tag
from balas.errors import ModelFailed
from balas.handover import Reason
from balas.llm import ModelSettings
from balas.order import Order
from balas.turn import Turn
from evals import case as cases
from evals.case import Case

TURN_S = 35.0
BACK_OFF_S = (2.0, 8.0)  # the queue's part: it gives a turn another try
HOPELESS = frozenset({"model_unauthorized", "model_quota"})


@dataclass(frozen=True)
class Answered:
    """What the customer reads and what is stored; `lines` is the draft afterwards, quantity per SKU."""

    reply: str = ""
    mode: Mode | None = None
    intent: Intent | None = None
    tags: frozenset[Tag] = frozenset()
    order: Order | None = None
    lines: Mapping[str, int] = field(default_factory=dict[str, int])
    is_confirmed: bool = False
    handover: Reason | None = None
    follow_up: bool = False


@dataclass(frozen=True)
class Played:
    """`sent` passed the guards, `raw` is the model's first answer (None: not readable as one).

    `silence`: the product says nothing at all. `failure`: the model gave no answer, a safe sentence went out.
    `before` are the completions of the earlier bursts, `completions` those of the last.
    """

    turn: Turn
    sent: Answered
    raw: Answered | None
    silence: str | None
    failure: str | None
    verdicts: tuple[str, ...]
    before: tuple[Completion, ...]
    completions: tuple[Completion, ...]


def play(case: Case, model: ModelSettings) -> Played:
    """What the agent makes of `case`; ModelFailed only for what no further try mends."""
    *earlier, last = cases.bursts(case)
    draft, before = None, list[Completion]()
    for burst in earlier:
        outcome, _ = _think(cases.turn_at(case, burst, draft), case, model)
        draft = None if outcome.order_action == "confirm" else _order_after(draft, outcome)
        before += outcome.completions
    final = cases.turn_at(case, last, draft)
    if silence := turn.silence(final, cases.now(cases.shop(case.shop))):
        unsaid = Answered(order=draft, lines=_lines(draft))
        return Played(final, unsaid, None, silence, None, (), tuple(before), ())
    outcome, failure = _think(final, case, model)
    verdicts = tuple(verdict.code for verdict in outcome.verdicts)
    raw = _raw(final, outcome) if outcome.completions else None
    sent = _sent(draft, outcome)
    return Played(final, sent, raw, None, failure, verdicts, tuple(before), outcome.completions)


def _think(asked: Turn, case: Case, model: ModelSettings) -> tuple[Outcome, str | None]:
    """The outcome of a turn, tried as often as the queue would; and why the model failed, if it did."""
    now = cases.now(cases.shop(case.shop))
    for pause_s in (*BACK_OFF_S, None):
        try:
            return answer.think(asked, now, partial(_ask, model, time.monotonic() + TURN_S)), None
        except ModelFailed as failure:
            if failure.reason in HOPELESS:
                raise
            if pause_s is None or failure.reason not in answer.WORTH_RETRYING:
                return answer.gave_up(failure.reason, None, asked), failure.reason
            time.sleep(pause_s)
    raise AssertionError("the last try returns")


def _ask(model: ModelSettings, deadline: float, messages: Sequence[ChatMessage]) -> Completion:
    return llm.complete(messages, model, deadline - time.monotonic())


def _order_after(draft: Order | None, outcome: Outcome) -> Order | None:
    match outcome.order_action:
        case "none":
            return draft
        case "cancel":
            return None
        case "set" | "confirm":
            return outcome.order


def _sent(draft: Order | None, outcome: Outcome) -> Answered:
    said, after = outcome.answer, _order_after(draft, outcome)
    return Answered(
        reply=outcome.reply,
        mode=said.mode if said else None,
        intent=said.intent if said else None,
        tags=frozenset(said.tags) if said else frozenset(),
        order=after,
        lines=_lines(after),
        is_confirmed=outcome.order_action == "confirm",
        handover=outcome.handover,
        follow_up=outcome.follow_up is not None,
    )


def _raw(asked: Turn, outcome: Outcome) -> Answered | None:
    """The first answer taken at its word: no guard, no stock, no read-back."""
    try:
        said = output.parse(outcome.completions[0].text)
    except output.BadModelOutput:
        return None
    draft = asked.draft_order
    wanted, drafted = _counts([(line.sku, line.qty) for line in said.order_lines]), _lines(draft)
    now = {"none": drafted, "set": wanted, "confirm": wanted or drafted, "cancel": {}}[said.order_action]
    return Answered(
        reply=said.reply,
        mode=said.mode,
        intent=said.intent,
        tags=frozenset(said.tags),
        order=outcome.order or draft,
        lines=now,
        is_confirmed=said.order_action == "confirm",
        handover=(said.handover_reason or "unknown_answer") if said.handover else None,
        follow_up=said.needs_follow_up,
    )


def _lines(order: Order | None) -> dict[str, int]:
    return _counts([(line.sku, line.qty) for line in order.lines]) if order else {}


def _counts(lines: Sequence[tuple[str, int]]) -> dict[str, int]:
    counts = Counter[str]()
    for sku, qty in lines:
        counts[sku] += qty
    return dict(counts)
