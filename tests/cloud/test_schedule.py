"""One-time schedules: what a follow-up will wait for."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.cloud import queues
from tests.cloud.cloud import Cloud
from tests.cloud.queues import Queues, TinyFunction
from tests.cloud.targets import Capability
from tests.cloud.until import until


@pytest.fixture
def made(aws: Cloud) -> Iterator[Queues]:
    with queues.made() as made:
        yield made


@pytest.fixture
def function(made: Queues) -> Iterator[TinyFunction]:
    with queues.function(made) as function:
        yield function


@pytest.fixture
def scheduler(aws: Cloud) -> Any:
    return boto3.client("scheduler")


def create(scheduler: Any, function: TinyFunction, due: datetime) -> tuple[str, dict[str, str]]:
    """The name and the input of a schedule that deletes itself."""
    name, given = f"balas-test-{uuid4().hex[:8]}", {"follow_up_id": str(uuid4())}
    scheduler.create_schedule(
        Name=name,
        ScheduleExpression=f"at({due:%Y-%m-%dT%H:%M:%S})",
        ScheduleExpressionTimezone="UTC",
        FlexibleTimeWindow={"Mode": "OFF"},
        ActionAfterCompletion="DELETE",
        Target={"Arn": function.arn, "RoleArn": function.role_arn, "Input": json.dumps(given)},
    )
    return name, given


def exists(scheduler: Any, name: str) -> bool:
    try:
        scheduler.get_schedule(Name=name)
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") != "ResourceNotFoundException":
            raise
        return False
    return True


@pytest.mark.proves(Capability.SCHEDULES)
def test_a_schedule_is_kept_as_it_was_given_until_it_is_deleted(scheduler: Any, function: TinyFunction):
    due = datetime.now(UTC) + timedelta(days=2)
    name, given = create(scheduler, function, due)
    kept = scheduler.get_schedule(Name=name)
    assert kept["ScheduleExpression"] == f"at({due:%Y-%m-%dT%H:%M:%S})"
    assert json.loads(kept["Target"]["Input"]) == given
    with pytest.raises(ClientError, match="ConflictException"):
        scheduler.create_schedule(
            Name=name,
            ScheduleExpression="at(2099-01-01T00:00:00)",
            FlexibleTimeWindow={"Mode": "OFF"},
            Target={"Arn": function.arn, "RoleArn": function.role_arn},
        )
    scheduler.delete_schedule(Name=name)
    assert not exists(scheduler, name)


@pytest.mark.proves(Capability.SCHEDULES_FIRE)
def test_a_schedule_calls_its_function_when_due_and_is_gone_then(
    scheduler: Any, function: TinyFunction, made: Queues
):
    due = datetime.now(UTC) + timedelta(seconds=2)
    name, given = create(scheduler, function, due)
    (event,) = until(lambda: queues.bodies(made.seen_url), 90)  # AWS promises the minute, not the second
    assert datetime.now(UTC) >= due
    assert json.loads(event) == given
    until(lambda: not exists(scheduler, name), 60)
    assert queues.bodies(made.seen_url) == []
