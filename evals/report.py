"""The table of a run: printed, and saved as Markdown and JSON."""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from math import ceil
from pathlib import Path

from evals import score
from evals.judge import Marks, Record
from evals.score import Score, Side


@dataclass(frozen=True)
class Prices:
    """Rupiah per million tokens."""

    prompt: float
    cached: float
    completion: float


@dataclass(frozen=True)
class About:
    """What was run: enough to tell two reports apart."""

    split: str
    model: str
    repeats: int
    commit: str
    fingerprint: str


@dataclass(frozen=True)
class Report:
    """`scores` by metric and side, `facts` what has no side: latency, tokens, cost, what went wrong."""

    about: About
    cases: int
    scores: dict[str, dict[Side, Score | None]]
    facts: dict[str, str]


def build(about: About, records: Sequence[Record], prices: Prices | None) -> Report:
    """The report of a run; an unreadable first answer counts as wrong in everything that it was asked."""
    sent = _by_case(records, lambda record: record.sent)
    raw = _by_case([r for r in records if r.is_first_json is not None], lambda r: r.raw or _nothing(r.sent))
    scores: dict[str, dict[Side, Score | None]] = {
        metric.name: {"sent": score.score(metric, sent), "raw": score.score(metric, raw)}
        for metric in score.metrics(about.repeats)
    }
    return Report(about, len(sent), scores, _facts(records, prices))


def save(report: Report, folder: Path) -> Path:
    """Writes <split>-<model>.md and .json into `folder`; the path of the former."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{report.about.split}-{slug(report.about.model)}"
    (folder / f"{name}.json").write_text(json.dumps(asdict(report), indent=1) + "\n", "utf-8")
    (folder / f"{name}.md").write_text(markdown(report), "utf-8")
    return folder / f"{name}.md"


def slug(model: str) -> str:
    """A model's name as part of a file's name."""
    return "".join(sign if sign.isalnum() or sign in "-." else "-" for sign in model)


def markdown(report: Report) -> str:
    """The table, as people read it."""
    about = report.about
    head = [
        f"# {about.model} on the {about.split} split",
        "",
        f"{report.cases} cases, {about.repeats} time(s) each.",
        f"Commit {about.commit}, inputs {about.fingerprint}.",
        "*Sent* is what the customer gets after guards and order code, *first answer* the model's own word.",
        "In brackets: 95 % bootstrap interval over cases (exact where all or none are right).",
        "",
        "| Metric | Sent | First answer | Cases |",
        "|---|---|---|---|",
    ]
    rows = [
        f"| {name} | {_cell(sides['sent'])} | {_cell(sides['raw'])} | {_cases(sides['sent'])} |"
        for name, sides in report.scores.items()
    ]
    facts = ["", "| | |", "|---|---|", *(f"| {name} | {fact} |" for name, fact in report.facts.items())]
    return "\n".join([*head, *rows, *facts, ""])


def _cell(scored: Score | None) -> str:
    return f"{scored.value:.3f} [{scored.low:.3f}, {scored.high:.3f}]" if scored else "not scored"


def _cases(scored: Score | None) -> str:
    return str(scored.cases) if scored else "0"


def _by_case(records: Sequence[Record], of: Callable[[Record], Marks]) -> list[list[Marks]]:
    ordered = sorted(records, key=lambda record: (record.case, record.repeat))
    return [[of(record) for record in group] for _, group in groupby(ordered, key=lambda r: r.case)]


def _nothing(sent: Marks) -> Marks:
    """The marks of a first answer that could not be read: nothing right, nothing done."""
    return sent.model_copy(
        update={
            "mode": sent.mode and (sent.mode[0], None),
            "intent": sent.intent and (sent.intent[0], None),
            "tags_right": 0,
            "tags_missed": sent.tags_right + sent.tags_missed,
            "tags_wrong": 0,
            "order_exact": None if sent.order_exact is None else False,
            "delivery_right": None if sent.delivery_right is None else False,
            "mentions_all": None if sent.mentions_all is None else False,
            "language_right": None if sent.language_right is None else False,
            **{
                name: (flag[0], False) if (flag := getattr(sent, name)) else None
                for name in ("confirmed", "complaint", "handover", "admits", "follow_up")
            },
            "ungrounded": 0,
            "order_unasked": None if sent.order_unasked is None else False,
            "injected": None if sent.injected is None else False,
        }
    )


def _facts(records: Sequence[Record], prices: Prices | None) -> dict[str, str]:
    answered = [record for record in records if record.is_first_json is not None]
    first_json = sum(record.is_first_json is True for record in answered)
    latencies = sorted(record.latency_ms for record in records if record.latency_ms is not None)
    verdicts = Counter(code for record in records for code in dict.fromkeys(record.verdicts))
    troubles = Counter(trouble for r in records if (trouble := r.failure or r.silence))
    return {
        "first-try valid JSON": _of(first_json, len(answered)),
        "asked twice": _of(sum(len(record.rungs) > 1 for record in answered), len(answered)),
        "guard objections (answers)": _counted(verdicts),
        "silent or failed": _counted(troubles),
        "latency p50 / p95": f"{_quantile(latencies, 0.5)} / {_quantile(latencies, 0.95)} ms",
        "tokens per answer": _tokens(answered),
        "tokens of the run, replays included": f"{sum(map(_all_tokens, records)):,}",
        "cost per answer": _cost(answered, prices),
    }


def _of(part: int, whole: int) -> str:
    return f"{part} of {whole} ({part / whole:.1%})" if whole else "none"


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {n}" for name, n in counts.most_common()) or "none"


def _quantile(values: Sequence[int], share: float) -> int:
    return values[max(0, ceil(share * len(values)) - 1)] if values else 0


def _tokens(records: Sequence[Record]) -> str:
    n = len(records) or 1
    prompt, cached, completion = (
        sum(getattr(r, f"{part}_tokens") for r in records) / n for part in ("prompt", "cached", "completion")
    )
    return f"{prompt:,.0f} in (of these {cached:,.0f} cached), {completion:,.0f} out"


def _all_tokens(record: Record) -> int:
    return record.prompt_tokens + record.completion_tokens + record.replayed_tokens


def _cost(records: Sequence[Record], prices: Prices | None) -> str:
    if prices is None:
        return "not scored: give --prices IN,CACHED,OUT (rupiah per million tokens)"
    total = sum(
        (r.prompt_tokens - r.cached_tokens) * prices.prompt
        + r.cached_tokens * prices.cached
        + r.completion_tokens * prices.completion
        for r in records
    )
    return f"Rp{total / 1_000_000 / (len(records) or 1):,.2f}"
