"""Every reason has its sentence for the owner."""

from typing import get_args

from balas import handover
from balas.errors import ModelFailure


def _reasons() -> set[str]:
    groups = (handover.ByCustomer, handover.ByAgent, ModelFailure, handover.ByOwner, handover.BySystem)
    return {reason for group in groups for reason in get_args(group)}


def test_every_reason_has_a_sentence() -> None:
    assert set(handover.SENTENCES) == _reasons()
    assert all(text.endswith(".") for text in handover.SENTENCES.values())
