"""What the session fleet may do with this stack."""

from typing import cast

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.cdk.inbound_queue import InboundQueue
from infra.cdk.socket_api import STAGE, SocketApi

VERBS = ("POST", "DELETE")
"""To push, and to close."""


class FleetPolicy(Construct):
    """A managed policy for the fleet's task role: publish jobs, push to browsers and close their sockets."""

    def __init__(self, scope: Construct, inbound: InboundQueue, socket: SocketApi) -> None:
        super().__init__(scope, "FleetPolicy")
        connections = [socket.connections_arn(verb) for verb in VERBS]
        self.policy = iam.ManagedPolicy(
            self,
            "Policy",
            description="What the session fleet needs to publish jobs and to push to browsers.",
            statements=[
                iam.PolicyStatement(actions=["sqs:SendMessage"], resources=[inbound.queue.queue_arn]),
                iam.PolicyStatement(actions=["execute-api:ManageConnections"], resources=connections),
            ],
        )
        api = cdk.Stack.of(self).get_logical_id(cast(cdk.CfnElement, socket.api.node.default_child))
        where = f"arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>:<{api}>/{STAGE}"
        for verb in VERBS:
            cdk.Validations.of(self.policy).acknowledge(
                cdk.Acknowledgment(
                    id=f"AwsSolutions-IAM5[Resource::{where}/{verb}/@connections/*]",
                    reason="Connections come and go; these are the ones of this API's stage.",
                )
            )
