"""The AppStack: everything of Balas that is serverless and holds no state of its own."""

import aws_cdk as cdk
from constructs import Construct

from infra.cdk.ai_worker import AiWorker
from infra.cdk.fleet_policy import FleetPolicy
from infra.cdk.follow_ups import FollowUps, Schedules
from infra.cdk.http_api import HttpApi
from infra.cdk.inbound_queue import InboundQueue
from infra.cdk.parameters import Parameters
from infra.cdk.socket_api import SocketApi

OBSOLETE_DEPENDS_ON = "W3005"
"""The CDK orders a function after its role in two ways; one would do."""


class AppStack(cdk.Stack):
    """Queue, functions and sockets of one deployment; `cdk deploy` and `local/deploy.py` deploy it."""

    def __init__(self, scope: Construct, name: str, **properties: object) -> None:
        super().__init__(
            scope, name, description="Balas: queue, AI worker, follow-ups, API and sockets.", **properties
        )
        self.template_options.metadata = {"cfn-lint": {"config": {"ignore_checks": [OBSOLETE_DEPENDS_ON]}}}
        parameters = Parameters(self)
        inbound = InboundQueue(self, parameters)
        schedules = Schedules(self, parameters)
        worker = AiWorker(self, inbound, schedules, parameters)
        follow_ups = FollowUps(self, schedules, parameters)
        http = HttpApi(self, parameters)
        socket = SocketApi(self, parameters)
        fleet = FleetPolicy(self, inbound, socket)
        self._output("HttpApiUrl", http.api.api_endpoint)
        self._output("HttpApiId", http.api.api_id)
        self._output("InboundQueueUrl", inbound.queue.queue_url)
        self._output("DeadLetterQueueUrl", inbound.dead_letters.queue_url)
        self._output("WebSocketApiId", socket.api.api_id)
        self._output("WebSocketUrl", socket.stage.url)
        self._output("WebSocketManagementUrl", socket.stage.callback_url)
        self._output("FleetPolicyArn", fleet.policy.managed_policy_arn)
        self._output("AiWorkerName", worker.function.function_name)
        self._output("FollowUpName", follow_ups.function.function_name)
        self._output("ApiName", http.function.function.function_name)
        self._output("SocketName", socket.function.function.function_name)

    def _output(self, name: str, value: str) -> None:
        cdk.CfnOutput(self, name, value=value)
