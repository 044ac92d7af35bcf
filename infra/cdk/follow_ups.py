"""Follow-ups: the function that decides them, and what wakes it."""

import json

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_scheduler as scheduler
from constructs import Construct

from infra.cdk import mail
from infra.cdk.parameters import Parameters
from infra.cdk.python_function import PythonFunction

TIMEOUT_S = 240
"""A sweep of many shops; below its five minutes, so that two never run at once."""
CONCURRENCY = 5
SWEEP = "rate(5 minutes)"


class Schedules(Construct):
    """The group of one-time schedules, and the role in which Scheduler calls the follow-up function.

    The function is known by its name: it makes schedules of itself, so it cannot come before them.
    """

    def __init__(self, scope: Construct, parameters: Parameters) -> None:
        super().__init__(scope, "Schedules")
        stack = cdk.Stack.of(self)
        self.group = scheduler.CfnScheduleGroup(self, "Group", name=f"balas-{parameters.stage}")
        self.target_arn = stack.format_arn(
            service="lambda",
            resource="function",
            resource_name=f"balas-{parameters.stage}-followup",
            arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
        )
        self.role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("scheduler.amazonaws.com"))
        self.role.add_to_policy(
            iam.PolicyStatement(actions=["lambda:InvokeFunction"], resources=[self.target_arn])
        )
        self._schedules_arn = stack.format_arn(
            service="scheduler", resource="schedule", resource_name=f"balas-{parameters.stage}/f-*"
        )

    def may_be_set_by(self, function: PythonFunction) -> None:
        """Let a function make schedules of this group, and move them; and tell it of them."""
        function.role.add_to_policy(
            iam.PolicyStatement(
                actions=["scheduler:CreateSchedule", "scheduler:UpdateSchedule"],
                resources=[self._schedules_arn],
            )
        )
        function.role.add_to_policy(
            iam.PolicyStatement(
                actions=["iam:PassRole"],
                resources=[self.role.role_arn],
                conditions={"StringEquals": {"iam:PassedToService": "scheduler.amazonaws.com"}},
            )
        )
        where = "arn:<AWS::Partition>:scheduler:<AWS::Region>:<AWS::AccountId>:schedule/balas-<Stage>/f-*"
        cdk.Validations.of(function.role).acknowledge(
            cdk.Acknowledgment(
                id=f"AwsSolutions-IAM5[Resource::{where}]",
                reason="A schedule is named after its chat; these are the ones of this stage's group.",
            )
        )
        environment = {
            "SCHEDULE_GROUP": self.group.ref,
            "FOLLOW_UP_ARN": self.target_arn,
            "SCHEDULER_ROLE_ARN": self.role.role_arn,
        }
        for name, value in environment.items():
            function.function.add_environment(name, value)


class FollowUps(PythonFunction):
    """The function behind every schedule, called also every five minutes to sweep what schedules lost."""

    def __init__(self, scope: Construct, schedules: Schedules, parameters: Parameters) -> None:
        super().__init__(
            scope,
            "functions.followup.handler",
            requirements="worker",
            timeout_s=TIMEOUT_S,
            parameters=parameters,
        )
        self.reserve_concurrency(CONCURRENCY, parameters)
        schedules.may_be_set_by(self)
        mail.may_be_sent_by(self, parameters.mail_sender)
        scheduler.CfnSchedule(
            self,
            "Sweep",
            description="Follow-ups whose schedule was lost, mails to owners, the daily digest.",
            group_name=schedules.group.ref,
            schedule_expression=SWEEP,
            flexible_time_window=scheduler.CfnSchedule.FlexibleTimeWindowProperty(mode="OFF"),
            target=scheduler.CfnSchedule.TargetProperty(
                arn=self.function.function_arn,
                role_arn=schedules.role.role_arn,
                input=json.dumps({"sweep": True}),
                retry_policy=scheduler.CfnSchedule.RetryPolicyProperty(maximum_retry_attempts=0),
            ),
        )
