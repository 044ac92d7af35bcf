"""The table of the last run on each target: what was proven, what failed, what a target lacks and why."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.cloud.targets import TARGETS, Capability, Target

FOLDER = Path(__file__).parents[2] / "build" / "cloud"
WORST_FIRST = ("failed", "error", "passed", "skipped")
NOT_RUN = "not run"
Outcomes = Mapping[Capability, str]


@dataclass(frozen=True)
class Run:
    """The worst outcome of each capability, and when that was."""

    outcomes: Outcomes
    day: str


def worst(reports: Iterable[tuple[Capability, str]]) -> dict[Capability, str]:
    """The worst outcome of the tests of each capability."""
    found: dict[Capability, set[str]] = {}
    for capability, outcome in reports:
        found.setdefault(capability, set()).add(outcome)
    return {c: next(o for o in WORST_FIRST if o in outcomes) for c, outcomes in found.items()}


def save(target: Target, outcomes: Outcomes) -> None:
    """Keep a run for the tables of later runs on other targets."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    document = {"day": f"{datetime.now(UTC):%Y-%m-%d}", "outcomes": {c.name: o for c, o in outcomes.items()}}
    _file(target).write_text(json.dumps(document, indent=1) + "\n")


def load() -> dict[str, Run]:
    """The last run on each target that was ever run here."""
    return {target.name: _read(target) for target in TARGETS.values() if _file(target).exists()}


def render(runs: Mapping[str, Run], current: Target) -> list[str]:
    """The table's lines, and below it the reasons of what `current` lacks."""
    heads = [_head(name, runs) for name in TARGETS]
    lines = [_line("capability", heads), _line("-" * 30, ["-" * len(head) for head in heads])]
    for capability in Capability:
        cells = [_cell(capability, target, runs) for target in TARGETS.values()]
        lines.append(_line(capability, cells))
    reasons = [f"{current.name} lacks {capability}: {why}" for capability, why in current.lacks.items()]
    return [*lines, "", *reasons]


def _file(target: Target) -> Path:
    return FOLDER / f"{target.name}.json"


def _read(target: Target) -> Run:
    document = json.loads(_file(target).read_text())
    names = Capability.__members__
    outcomes = {names[name]: o for name, o in document["outcomes"].items() if name in names}
    return Run(outcomes, document["day"])


def _head(name: str, runs: Mapping[str, Run]) -> str:
    return f"{name} {runs[name].day}" if name in runs else name


def _cell(capability: Capability, target: Target, runs: Mapping[str, Run]) -> str:
    if capability in target.lacks:
        return "lacks it"
    run = runs.get(target.name)
    return run.outcomes.get(capability, NOT_RUN) if run else NOT_RUN


def _line(first: str, cells: Iterable[str]) -> str:
    return " ".join([f"{first:<32}", *(f"{cell:<29}" for cell in cells)]).rstrip()
