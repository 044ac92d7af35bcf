"""The committed template becomes real resources."""

import json
from typing import TYPE_CHECKING

import boto3
import pytest

from local.deploy import TEMPLATE
from tests.cloud.app_stack import AppStack
from tests.cloud.targets import Capability

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient


def resources(stack: AppStack) -> set[str]:
    stacks: CloudFormationClient = boto3.client("cloudformation")
    pages = stacks.get_paginator("list_stack_resources").paginate(StackName=stack.name)
    found = [resource for page in pages for resource in page.get("StackResourceSummaries", [])]
    return {r["LogicalResourceId"] for r in found if r["ResourceStatus"].endswith("_COMPLETE")}


@pytest.mark.proves(Capability.CLOUDFORMATION)
def test_what_was_not_left_out_is_there(stack: AppStack):
    wanted = set(json.loads(TEMPLATE.read_text())["Resources"])
    assert resources(stack) >= wanted - set(stack.left_out)


@pytest.mark.proves(Capability.WHOLE_STACK)
def test_nothing_was_left_out(stack: AppStack):
    assert stack.left_out == {}
