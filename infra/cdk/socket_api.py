"""The WebSocket API: browsers open it with a ticket, the session fleet pushes to it."""

import aws_cdk as cdk
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk.aws_apigatewayv2_authorizers import WebSocketLambdaAuthorizer
from aws_cdk.aws_apigatewayv2_integrations import WebSocketLambdaIntegration, WebSocketMockIntegration
from constructs import Construct

from infra.cdk.parameters import Parameters
from infra.cdk.python_function import PythonFunction

TIMEOUT_S = 10
CONCURRENCY = 10
"""Browsers let in at once, each with a database connection; the others come back by themselves."""
STAGE = "ws"
"""A WebSocket's whole path is its stage: so this is what browsers open, `/ws` of the one origin."""
KEEP_ALIVE = '{"statusCode": 200}'


class SocketApi(Construct):
    """An API whose only way in is a ticket, and the function that checks it and notes who is connected.

    What a browser says goes to `$default`, where nothing hears it: it only keeps the connection from
    being closed for idleness.
    """

    def __init__(self, scope: Construct, parameters: Parameters) -> None:
        super().__init__(scope, "SocketApi")
        self.function = _socket_function(scope, parameters)
        authorizer = WebSocketLambdaAuthorizer(
            "Ticket", self.function.function, identity_source=["route.request.querystring.ticket"]
        )
        connection = WebSocketLambdaIntegration("Connection", self.function.function)
        silence = WebSocketMockIntegration(
            "Silence",
            request_templates={"$default": KEEP_ALIVE},
            template_selection_expression="\\$default",
        )
        self.api = apigateway.WebSocketApi(
            self,
            "Api",
            api_name=f"balas-{parameters.stage}-socket",
            connect_route_options=apigateway.WebSocketRouteOptions(
                integration=connection, authorizer=authorizer
            ),
            disconnect_route_options=apigateway.WebSocketRouteOptions(integration=connection),
            default_route_options=apigateway.WebSocketRouteOptions(integration=silence),
        )
        self.stage = apigateway.WebSocketStage(
            self, "Stage", web_socket_api=self.api, stage_name=STAGE, auto_deploy=True
        )
        cdk.Validations.of(self.stage).acknowledge(
            cdk.Acknowledgment(
                id="AwsSolutions-APIG1",
                reason="A WebSocket API logs through a role in the settings of the whole account, which no "
                "stack of its own should own; the function logs whom it refuses.",
            )
        )
        for route in ("$disconnect-Route", "$default-Route"):
            cdk.Validations.of(self.api.node.find_child(route)).acknowledge(
                cdk.Acknowledgment(
                    id="AwsSolutions-APIG4",
                    reason="API Gateway authorizes a WebSocket when it connects, and there only.",
                )
            )

    def connections_arn(self, verb: str) -> str:
        """What a policy names to allow `verb` (POST: push, DELETE: close) on every connection."""
        return cdk.Stack.of(self).format_arn(
            service="execute-api",
            resource=self.api.api_id,
            resource_name=f"{STAGE}/{verb}/@connections/*",
        )


def _socket_function(scope: Construct, parameters: Parameters) -> PythonFunction:
    function = PythonFunction(
        scope,
        "functions.api.socket.handler",
        requirements="api",
        timeout_s=TIMEOUT_S,
        parameters=parameters,
    )
    function.reserve_concurrency(CONCURRENCY, parameters)
    return function
