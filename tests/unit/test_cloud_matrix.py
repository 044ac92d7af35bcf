"""The table at the end of a cloud run."""

from pathlib import Path

import pytest

from tests.cloud import matrix
from tests.cloud.matrix import Run
from tests.cloud.targets import LOCALSTACK_HOST, MINISTACK, TARGETS, Capability


def row(lines: list[str], capability: Capability) -> str:
    (found,) = (line for line in lines if line.startswith(capability))
    return found


def test_a_capability_is_as_good_as_its_worst_test():
    reports = [
        (Capability.SECRETS, "passed"),
        (Capability.SECRETS, "failed"),
        (Capability.REDRIVE, "skipped"),
    ]
    assert matrix.worst(reports) == {Capability.SECRETS: "failed", Capability.REDRIVE: "skipped"}


def test_the_table_has_every_capability_every_target_and_the_reasons():
    lines = matrix.render({"ministack": Run({Capability.SECRETS: "passed"}, "2026-01-02")}, MINISTACK)
    assert all(name in lines[0] for name in TARGETS)
    assert "ministack 2026-01-02" in lines[0]
    assert "passed" in row(lines, Capability.SECRETS)
    assert "not run" in row(lines, Capability.FAIR_QUEUES)
    assert "lacks it" in row(lines, Capability.REDRIVE)
    reasons = lines[lines.index("") + 1 :]
    assert len(reasons) == len(MINISTACK.lacks)


def test_a_run_is_remembered_for_the_next_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(matrix, "FOLDER", tmp_path / "build")
    matrix.save(LOCALSTACK_HOST, {Capability.REDRIVE: "passed"})
    runs = matrix.load()
    assert set(runs) == {"localstack-host"}
    assert runs["localstack-host"].outcomes == {Capability.REDRIVE: "passed"}


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
def test_what_a_target_lacks_has_a_reason(target: matrix.Target):
    assert all(len(reason) > 20 for reason in target.lacks.values())
