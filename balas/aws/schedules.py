"""One-time schedules that wake the follow-up function. They carry ids only, and delete themselves."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import boto3
import pydantic
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from balas.conversation import ConversationId
from balas.errors import InvalidInput, Misconfigured, Unavailable
from balas.followup import FollowUpId
from balas.tenant import TenantId

if TYPE_CHECKING:
    from mypy_boto3_scheduler import EventBridgeSchedulerClient
    from mypy_boto3_scheduler.type_defs import CreateScheduleInputTypeDef

CONNECTION = Config(connect_timeout=2, read_timeout=3, retries={"mode": "standard", "total_max_attempts": 2})


@dataclass(frozen=True)
class Wake:
    """Claims of the sender; the row found inside `tenant_tx` is the truth."""

    tenant_id: TenantId
    follow_up_id: FollowUpId


class Schedules:
    """The schedules of `group`, each of which calls the function `target_arn` once, as `role_arn`."""

    def __init__(self, group: str, target_arn: str, role_arn: str) -> None:
        self._group, self._target_arn, self._role_arn = group, target_arn, role_arn
        self._scheduler: EventBridgeSchedulerClient = boto3.client("scheduler", config=CONNECTION)

    def set(self, chat: ConversationId, wake: Wake, at: datetime) -> None:
        """Wakes for this chat at `at`, to the second, and at no other time; raises Unavailable."""
        schedule = self._schedule(chat, wake, at)
        try:
            try:
                self._scheduler.create_schedule(**schedule)
            except self._scheduler.exceptions.ConflictException:
                self._scheduler.update_schedule(**schedule)
        except (BotoCoreError, ClientError) as error:
            raise Unavailable("EventBridge Scheduler did not take a schedule") from error

    def _schedule(self, chat: ConversationId, wake: Wake, at: datetime) -> "CreateScheduleInputTypeDef":
        second = (at + timedelta(seconds=1)).astimezone(UTC)  # it knows whole seconds, and must not be early
        return {
            "GroupName": self._group,
            "Name": f"f-{chat}",
            "ScheduleExpression": f"at({second:%Y-%m-%dT%H:%M:%S})",
            "ScheduleExpressionTimezone": "UTC",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "ActionAfterCompletion": "DELETE",
            "Target": {"Arn": self._target_arn, "RoleArn": self._role_arn, "Input": body(wake)},
        }


def configured(environment: Mapping[str, str]) -> Schedules:
    """The schedules that a function's environment names; raises Misconfigured."""
    names = ("SCHEDULE_GROUP", "FOLLOW_UP_ARN", "SCHEDULER_ROLE_ARN")
    if missing := [name for name in names if not environment.get(name)]:
        raise Misconfigured(f"set {', '.join(missing)} to what the AppStack made for follow-ups")
    group, target_arn, role_arn = (environment[name] for name in names)
    return Schedules(group, target_arn, role_arn)


def body(wake: Wake) -> str:
    """What a schedule hands to the function."""
    return json.dumps({"tenant_id": str(wake.tenant_id), "follow_up_id": str(wake.follow_up_id)})


def parse(event: object) -> Wake:
    """The ids in an event; raises InvalidInput when there are none, which no retry will fix."""
    try:
        parsed = _Body.model_validate(event)
    except pydantic.ValidationError as error:
        raise InvalidInput(f"the event is no schedule's: {error.error_count()} errors") from None
    return Wake(TenantId(parsed.tenant_id), FollowUpId(parsed.follow_up_id))


class _Body(pydantic.BaseModel, extra="forbid"):
    tenant_id: UUID
    follow_up_id: UUID
