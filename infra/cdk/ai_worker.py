"""The AI worker: one conversation's job per invocation."""

from aws_cdk import aws_lambda_event_sources as event_sources
from constructs import Construct

from infra.cdk.follow_ups import Schedules
from infra.cdk.inbound_queue import InboundQueue
from infra.cdk.parameters import Parameters
from infra.cdk.python_function import PythonFunction

TIMEOUT_S = 45
"""Above a turn's 35 s, below the queue's visibility of 90 s."""

CONCURRENCY = 30
"""Conversations answered at once; each holds a database connection."""


class AiWorker(PythonFunction):
    """The function that consumes `inbound`, one message at a time, for a turn is slow."""

    def __init__(
        self, scope: Construct, inbound: InboundQueue, schedules: Schedules, parameters: Parameters
    ) -> None:
        super().__init__(
            scope,
            "functions.ai_worker.handler",
            requirements="worker",
            timeout_s=TIMEOUT_S,
            parameters=parameters,
        )
        schedules.may_be_set_by(self)
        self.function.add_environment("INBOUND_QUEUE_URL", inbound.queue.queue_url)
        self.function.add_event_source(
            event_sources.SqsEventSource(
                inbound.queue,
                batch_size=1,
                max_concurrency=CONCURRENCY,
                report_batch_item_failures=True,
            )
        )
