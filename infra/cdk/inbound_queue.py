"""The queue between the fleet, which stores messages, and the AI worker, which answers them."""

from typing import cast

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.cdk.parameters import Parameters

RECEIVES = 5
"""The fifth delivery is the last one: there the worker hands the conversation to a human."""
VISIBILITY = cdk.Duration.seconds(90)
"""Twice the worker's time-out, so that a job never runs twice at once."""


class InboundQueue(Construct):
    """A standard queue (fair between tenants by message group), its dead letters, and the alarm on them."""

    def __init__(self, scope: Construct, parameters: Parameters) -> None:
        super().__init__(scope, "InboundQueue")
        self.dead_letters = sqs.Queue(
            self,
            "DeadLetters",
            queue_name=f"balas-{parameters.stage}-inbound-dead",
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=cdk.Duration.days(14),
        )
        self.queue = sqs.Queue(
            self,
            "Queue",
            queue_name=f"balas-{parameters.stage}-inbound",
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            visibility_timeout=VISIBILITY,
            dead_letter_queue=sqs.DeadLetterQueue(queue=self.dead_letters, max_receive_count=RECEIVES),
        )
        self._alarm_on_dead_letters(parameters)

    def _alarm_on_dead_letters(self, parameters: Parameters) -> None:
        alarm = cloudwatch.Alarm(
            self,
            "DeadLetterAlarm",
            alarm_description="A job failed five times: a customer waits for an answer.",
            metric=self.dead_letters.metric_approximate_number_of_messages_visible(
                period=cdk.Duration.minutes(1), statistic="max"
            ),
            threshold=1,
            evaluation_periods=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        resource = cast(cloudwatch.CfnAlarm, alarm.node.default_child)
        topics = cdk.Fn.split(",", parameters.alarm_topic_arns)
        resource.add_property_override(
            "AlarmActions",
            cdk.Fn.condition_if(parameters.has_alarm_topics.logical_id, topics, cdk.Aws.NO_VALUE),
        )
