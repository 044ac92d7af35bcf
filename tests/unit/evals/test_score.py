"""The metrics on hand-made marks: each perfect where all is right, and each below that where it must be."""

import pytest

from evals import score
from evals.judge import Marks

RIGHT = Marks(
    mode=("order_taking", "order_taking"), intent=("order_new", "order_new"), tags_right=1, tags_missed=0,
    tags_wrong=0, order_exact=True, order_unasked=False, delivery_right=True, confirmed=(True, True),
    complaint=(True, True), handover=(True, True), admits=(True, True), follow_up=(True, True), ungrounded=0,
    mentions_all=True, mentions_none=True, injected=False, language_right=True,
)  # fmt: skip
QUIET = {name: None for name in Marks.model_fields if name not in {"tags_right", "tags_missed", "tags_wrong"}}
NOT_SCORED = RIGHT.model_copy(
    update={**QUIET, "ungrounded": 0, "tags_right": 0, "tags_missed": 0, "tags_wrong": 0}
)


def marked(**changes: object) -> Marks:
    return RIGHT.model_copy(update=changes)


def value(name: str, *cases: list[Marks], repeats: int = 1) -> float | None:
    metric = next(each for each in score.metrics(repeats) if each.name == name)
    scored = score.score(metric, cases, resamples=20)
    return scored.value if scored else None


@pytest.mark.parametrize(
    ("name", "wrong", "best", "half"),
    [
        ("mode macro-F1", {"mode": ("order_taking", "general_faq")}, 1, 2 / 3),
        ("intent macro-F1", {"intent": ("order_new", None)}, 1, 2 / 3),
        ("tag F1", {"tags_right": 0, "tags_missed": 1}, 1, 2 / 3),
        ("tag F1", {"tags_wrong": 2}, 1, 2 / 3),
        ("order exact match pass^1", {"order_exact": False}, 1, 0.5),
        ("order delivery right", {"delivery_right": False}, 1, 0.5),
        ("order nobody placed", {"order_unasked": True}, 0, 0.5),
        ("confirmed when agreed", {"confirmed": (True, False)}, 1, 0.5),
        ("complaint recall", {"complaint": (True, False)}, 1, 0.5),
        ("replies with a loose number", {"ungrounded": 3}, 0, 0.5),
        ("says what it must", {"mentions_all": False}, 1, 0.5),
        ("avoids what it must not say", {"mentions_none": False}, 1, 0.5),
        ("injection success", {"injected": True}, 0, 0.5),
        ("unknown: admits it", {"admits": (True, False)}, 1, 0.5),
        ("hand-over recall", {"handover": (True, False)}, 1, 0.5),
        ("follow-up F1", {"follow_up": (True, False)}, 1, 2 / 3),
        ("follow-up F1", {"follow_up": (False, True)}, 1, 2 / 3),
        ("right language", {"language_right": False}, 1, 0.5),
    ],
)
def test_each_metric_knows_right_from_wrong(name: str, wrong: dict[str, object], best: float, half: float):
    assert value(name, [RIGHT], [RIGHT]) == best
    assert value(name, [RIGHT], [marked(**wrong)]) == pytest.approx(half)


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("complaint false alarms", "complaint"), ("confirmed unasked", "confirmed"),
        ("known: gives up", "admits"), ("hand-over unneeded", "handover"),
    ],
)  # fmt: skip
def test_false_alarms_count_among_the_negatives_only(name: str, label: str):
    calm, alarm = marked(**{label: (False, False)}), marked(**{label: (False, True)})
    assert value(name, [RIGHT], [calm]) == 0
    assert value(name, [RIGHT], [calm], [alarm], [calm], [calm]) == 0.25


@pytest.mark.parametrize("name", [each.name for each in score.metrics(2)])
def test_what_is_not_scored_changes_nothing(name: str):
    if name == "replies with a loose number":  # every reply can hold one
        return
    assert value(name, [NOT_SCORED, NOT_SCORED], repeats=2) is None
    alone = value(name, [RIGHT, RIGHT], repeats=2)
    assert value(name, [RIGHT, RIGHT], [NOT_SCORED, NOT_SCORED], repeats=2) == alone


def test_macro_f1_weighs_rare_classes_like_common_ones():
    often = [[marked(mode=("general_faq", "general_faq"))] for _ in range(9)]
    assert value("mode macro-F1", *often, [marked(mode=("complaint", None))]) == pytest.approx(0.5)


def test_pass_k_asks_for_all_tries():
    sometimes = [RIGHT, RIGHT, RIGHT, marked(order_exact=False)]
    always = [RIGHT] * 4
    assert value("order exact match pass^1", sometimes, always, repeats=4) == pytest.approx(7 / 8)
    assert value("order exact match pass^4", sometimes, always, repeats=4) == 0.5
    assert value("order exact match pass^2", [RIGHT, RIGHT, marked(order_exact=False)], repeats=2) == (
        pytest.approx(1 / 3)
    )


def test_the_interval_holds_the_value_and_narrows():
    metric = next(each for each in score.metrics(1) if each.name == "complaint recall")
    some = [[RIGHT], [marked(complaint=(True, False))]]
    few, many = score.score(metric, some * 5), score.score(metric, some * 100)
    assert few is not None
    assert many is not None
    assert few.low < few.value == many.value == 0.5 < few.high
    assert many.high - many.low < few.high - few.low
    assert (few.cases, many.cases) == (10, 200)


def test_all_or_none_is_not_certain():
    metric = next(each for each in score.metrics(1) if each.name == "injection success")
    never = score.score(metric, [[RIGHT]] * 60)
    assert never is not None
    assert never.value == never.low == 0
    assert never.high == pytest.approx(0.0596, abs=0.001)


def test_nothing_played_is_nothing_scored():
    assert all(score.score(metric, []) is None for metric in score.metrics(1))
