"""What samconfig.toml tells `sam` about the AppStack is true."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from local.deploy import STACK, TEMPLATE

ROOT = Path(__file__).parents[2]
CONFIG: dict[str, Any] = tomllib.loads((ROOT / "samconfig.toml").read_text())
DEPLOYMENTS = [name for name in CONFIG if name not in ("version", "default")]


def log_groups(stage: str) -> set[str]:
    resources = json.loads(TEMPLATE.read_text())["Resources"].values()
    groups = [r["Properties"]["LogGroupName"] for r in resources if r["Type"] == "AWS::Logs::LogGroup"]
    return {"".join(part if isinstance(part, str) else stage for part in g["Fn::Join"][1]) for g in groups}


def test_validate_lints_the_committed_template():
    validate = CONFIG["default"]["validate"]["parameters"]
    assert (ROOT / validate["template"], validate["lint"]) == (TEMPLATE, True)


def test_the_local_deployment_is_the_one_of_make_run():
    assert CONFIG["local"]["global"]["parameters"]["stack_name"] == STACK


@pytest.mark.parametrize("stage", DEPLOYMENTS)
def test_logs_reads_every_log_group_of_the_stack(stage: str):
    not_written = {"/balas/local/access"}  # by MiniStack
    assert set(CONFIG[stage]["logs"]["parameters"]["cw_log_group"]) == log_groups(stage) - not_written
