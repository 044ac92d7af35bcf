"""The HTTP API: every request goes to one function, which routes it."""

import json
from typing import cast

import aws_cdk as cdk
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_logs as logs
from aws_cdk.aws_apigatewayv2_integrations import HttpLambdaIntegration
from constructs import Construct

from infra.cdk import mail
from infra.cdk.parameters import Parameters
from infra.cdk.python_function import PythonFunction

TIMEOUT_S = 29
"""Source: an HTTP API gives an integration 30 s."""
ACCESS_LOG = {
    "request": "$context.requestId",
    "method": "$context.httpMethod",
    "status": "$context.status",
    "bytes": "$context.responseLength",
    "ms": "$context.responseLatency",
    "error": "$context.integrationErrorMessage",
}
"""Neither path nor address: paths hold ids of tenants' things, addresses are personal."""


class HttpApi(Construct):
    """An API with the route `$default`, and the function behind it."""

    def __init__(self, scope: Construct, parameters: Parameters) -> None:
        super().__init__(scope, "HttpApi")
        self.function = _api_function(scope, parameters)
        integration = HttpLambdaIntegration("Function", self.function.function)
        self.api = apigateway.HttpApi(
            self,
            "Api",
            api_name=f"balas-{parameters.stage}",
            create_default_stage=False,
            default_integration=integration,
        )
        log_group = logs.LogGroup(
            self,
            "AccessLogs",
            log_group_name=f"/balas/{parameters.stage}/access",
            retention=logs.RetentionDays.ONE_MONTH,
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        stage = apigateway.HttpStage(self, "Stage", http_api=self.api, auto_deploy=True)
        resource = cast(apigateway.CfnStage, stage.node.default_child)
        resource.access_log_settings = apigateway.CfnStage.AccessLogSettingsProperty(
            destination_arn=log_group.log_group_arn, format=json.dumps(ACCESS_LOG)
        )
        cdk.Validations.of(self.api).acknowledge(
            cdk.Acknowledgment(
                id="AwsSolutions-APIG4",
                reason="The function checks its own bearer tokens; register, login and ping are public.",
            )
        )


def _api_function(scope: Construct, parameters: Parameters) -> PythonFunction:
    function = PythonFunction(
        scope,
        "functions.api.handler",
        requirements="api",
        timeout_s=TIMEOUT_S,
        parameters=parameters,
    )
    function.reserve_concurrency(parameters.api_concurrency, parameters)
    mail.may_be_sent_by(function, parameters.mail_sender)
    return function
