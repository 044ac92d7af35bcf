"""Form of the development split: the checks of the test split, run over evals/dev.

test_test_split.py is loaded a second time with this split's cases in place of its own, so both
splits are held to one set of checks and neither can drift from the other.
"""

import importlib.util
import inspect
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent
EVALS = HERE.parents[2] / "evals"
PATHS = sorted((EVALS / "dev").glob("*.jsonl"))
CASES: list[tuple[str, dict[str, Any]]] = [
    (path.stem, json.loads(line)) for path in PATHS for line in path.read_text("utf-8").splitlines()
]
SHOPS = {path.stem for path in PATHS}


def shared_checks() -> tuple[set[str], dict[str, Callable[[], None]]]:
    spec = importlib.util.spec_from_file_location("dev_split_checks", HERE / "test_test_split.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    held_out: set[str] = set(module.TEST_SHOPS)
    setattr(module, "CASES", CASES)  # noqa: B010
    # Every shop file of both splits: a lone split need not have the five shops and the
    # time zone that test_shops asks for.
    setattr(module, "TEST_SHOPS", set(module.SHOPS))  # noqa: B010
    return held_out, {
        name: check
        for name, check in inspect.getmembers(module, inspect.isfunction)
        if name.startswith("test_")
    }


HELD_OUT, CHECKS = shared_checks()


def shop_file(name: str) -> dict[str, Any]:
    return json.loads((EVALS / "shops" / f"{name}.json").read_text("utf-8"))


@pytest.mark.parametrize("name", sorted(CHECKS))
def test_the_checks_of_the_test_split(name: str):
    CHECKS[name]()


def test_no_shop_is_in_both_splits():
    assert not SHOPS & HELD_OUT


def test_dev_shops():
    assert len(SHOPS) >= 4
    profiles = [shop_file(name)["profile"] for name in SHOPS]
    assert {"Asia/Jakarta", "Asia/Jayapura"} <= {profile["timezone"] for profile in profiles}
    assert any(not spans for profile in profiles for spans in profile["hours"].values())


def test_ids():
    for _, case in CASES:
        assert re.fullmatch(r"dev-[a-z]+-[a-z]+-\d\d", case["id"]), case["id"]
        group = case["id"].split("-")[2]
        assert group in (case["kind"], "almost"), case["id"]


def test_dev_counts():
    assert len(CASES) >= 260
    assert sum(case["kind"] == "attack" for _, case in CASES) >= 40
    assert sum(case["kind"] == "complaint" for _, case in CASES) >= 35
    almost = [case for _, case in CASES if "-almost-" in case["id"]]
    assert len(almost) >= 25
    for case in almost:
        assert case["expect"]["complaint"] is False, case["id"]
    for shop in SHOPS:
        assert {case["kind"] for stem, case in CASES if stem == shop} == {
            "faq",
            "order",
            "complaint",
            "handover",
            "unknown",
            "followup",
            "attack",
            "chitchat",
        }, shop


def test_nothing_of_this_machine_is_named():
    for _, case in CASES:
        for turn in case["turns"]:
            assert not re.search(r"/(?:home|work|tmp|root|Users)/", turn["text"]), case["id"]
