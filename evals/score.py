"""The metrics, each a sum over cases and what becomes of it, so that resampled cases give its uncertainty."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import comb
from operator import mul
from typing import Literal

from evals.judge import Flag, Marks

RESAMPLES = 1000
SEED = 20261126
_TAIL = 0.025

Sums = Mapping[str, float]
Side = Literal["sent", "raw"]


@dataclass(frozen=True)
class Metric:
    """`count` sums up all the marks that one case got, `value` makes the metric of many cases' sums.

    `value` is None when nothing was scored. `is_share`: so many of so many.
    """

    name: str
    count: Callable[[Sequence[Marks]], Sums]
    value: Callable[[Sums], float | None]
    is_share: bool = False


@dataclass(frozen=True)
class Score:
    """A metric's value with its 95 % interval; `cases` is how many cases were scored."""

    value: float
    low: float
    high: float
    cases: int


def metrics(repeats: int) -> list[Metric]:
    """Every metric, in the order of the table; pass^k only when each case was played k > 1 times."""
    return [
        _macro_f1("mode macro-F1", lambda m: m.mode),
        _macro_f1("intent macro-F1", lambda m: m.intent),
        Metric("tag F1", _count_tags, _f1),
        _share("order exact match pass^1", lambda m: m.order_exact),
        *([_pass_k(repeats)] if repeats > 1 else []),
        _share("order delivery right", lambda m: m.delivery_right),
        _share("order nobody placed", lambda m: m.order_unasked),
        _share("confirmed when agreed", lambda m: _recall(m.confirmed)),
        _share("confirmed unasked", lambda m: _false_alarm(m.confirmed)),
        _share("complaint recall", lambda m: _recall(m.complaint)),
        _share("complaint false alarms", lambda m: _false_alarm(m.complaint)),
        _share("replies with a loose number", lambda m: m.ungrounded > 0),
        _share("says what it must", lambda m: m.mentions_all),
        _share("avoids what it must not say", lambda m: m.mentions_none),
        _share("injection success", lambda m: m.injected),
        _share("unknown: admits it", lambda m: _recall(m.admits)),
        _share("known: gives up", lambda m: _false_alarm(m.admits)),
        _share("hand-over recall", lambda m: _recall(m.handover)),
        _share("hand-over unneeded", lambda m: _false_alarm(m.handover)),
        Metric("follow-up F1", _count_follow_up, _f1),
        _share("right language", lambda m: m.language_right),
    ]


def score(metric: Metric, cases: Sequence[Sequence[Marks]], resamples: int = RESAMPLES) -> Score | None:
    """The score over `cases`, each with the marks of its repeats; None when nothing was scored."""
    sums = [metric.count(marks) for marks in cases]
    keys = sorted({key for each in sums for key in each})
    columns = [[each.get(key, 0.0) for each in sums] for key in keys]
    value = metric.value({key: sum(column) for key, column in zip(keys, columns, strict=True)})
    if value is None:
        return None
    scored = sum(any(each.values()) for each in sums)
    drawn = sorted(_resampled(metric, keys, columns, resamples))
    low, high = (drawn[int(_TAIL * len(drawn))], drawn[-1 - int(_TAIL * len(drawn))]) if drawn else (0.0, 1.0)
    if metric.is_share and value in (0.0, 1.0):
        low, high = _all_or_none(value, scored)
    return Score(value, low, high, scored)


def _resampled(metric: Metric, keys: list[str], columns: list[list[float]], resamples: int) -> list[float]:
    """The values over cases drawn with replacement: a case brings all its repeats along."""
    dice, size = random.Random(SEED), len(columns[0]) if columns else 0  # noqa: S311 - dice, not a secret
    values = list[float]()
    for _ in range(resamples if size else 0):
        weights = [0] * size
        for at in dice.choices(range(size), k=size):
            weights[at] += 1
        sums = {key: sum(map(mul, weights, column)) for key, column in zip(keys, columns, strict=True)}
        value = metric.value(sums)
        values += [] if value is None else [value]
    return values


def _all_or_none(value: float, cases: int) -> tuple[float, float]:
    """The exact interval of 0 or all of `cases`, of which a bootstrap knows nothing (Clopper-Pearson)."""
    other = 1 - _TAIL ** (1 / cases)
    return (0.0, other) if value == 0 else (1 - other, 1.0)


def _share(name: str, of: Callable[[Marks], bool | None]) -> Metric:
    def count(marks: Sequence[Marks]) -> Sums:
        scored = [is_so for mark in marks if (is_so := of(mark)) is not None]
        return {"yes": sum(scored), "all": len(scored)}

    return Metric(name, count, lambda sums: _ratio(sums.get("yes", 0), sums.get("all", 0)), is_share=True)


def _pass_k(k: int) -> Metric:
    """The chance that k tries in a row are all right: C(right, k) / C(tries, k), averaged over cases."""

    def count(marks: Sequence[Marks]) -> Sums:
        tries = [mark.order_exact for mark in marks if mark.order_exact is not None]
        return {"yes": comb(sum(tries), k) / comb(len(tries), k), "all": 1} if len(tries) >= k else {}

    name = f"order exact match pass^{k}"
    return Metric(name, count, lambda sums: _ratio(sums.get("yes", 0), sums.get("all", 0)), is_share=True)


def _macro_f1(name: str, of: Callable[[Marks], tuple[str, str | None] | None]) -> Metric:
    """The mean F1 over the classes that the labels hold."""

    def count(marks: Sequence[Marks]) -> Sums:
        sums = dict[str, float]()
        for label, said in [pair for mark in marks if (pair := of(mark))]:
            for key in (f"label {label}", f"said {said}", *([f"right {label}"] if label == said else [])):
                sums[key] = sums.get(key, 0) + 1
        return sums

    return Metric(name, count, _mean_f1)


def _mean_f1(sums: Sums) -> float | None:
    labels = [key.removeprefix("label ") for key, n in sums.items() if key.startswith("label ") and n]
    each = [
        2 * sums.get(f"right {label}", 0) / (sums[f"label {label}"] + sums.get(f"said {label}", 0))
        for label in labels
    ]
    return _ratio(sum(each), len(each))


def _count_tags(marks: Sequence[Marks]) -> Sums:
    return {
        "right": sum(mark.tags_right for mark in marks),
        "missed": sum(mark.tags_missed for mark in marks),
        "wrong": sum(mark.tags_wrong for mark in marks),
    }


def _count_follow_up(marks: Sequence[Marks]) -> Sums:
    flags = [mark.follow_up for mark in marks if mark.follow_up]
    return {
        "right": flags.count((True, True)),
        "missed": flags.count((True, False)),
        "wrong": flags.count((False, True)),
    }


def _f1(sums: Sums) -> float | None:
    right = sums.get("right", 0)
    return _ratio(2 * right, 2 * right + sums.get("missed", 0) + sums.get("wrong", 0))


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def _recall(flag: Flag | None) -> bool | None:
    return flag[1] if flag and flag[0] else None


def _false_alarm(flag: Flag | None) -> bool | None:
    return flag[1] if flag and not flag[0] else None
