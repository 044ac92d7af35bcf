"""A function of Balas: its code, role, log group and secret."""

from typing import cast

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.cdk import packaging
from infra.cdk.parameters import Parameters


class PythonFunction(Construct):
    """`handle` of `module`, with its own logs and secret balas/{stage}/<name>.

    Its name is that of the folder: functions.ai_worker.handler is `ai-worker`.
    """

    def __init__(
        self,
        scope: Construct,
        module: str,
        *,
        requirements: str,
        timeout_s: int,
        parameters: Parameters,
    ) -> None:
        name = module.split(".")[-2].replace("_", "-")
        package = module.split(".")[1]
        super().__init__(scope, name)
        secret_name = f"balas/{parameters.stage}/{name}"
        self.log_group = logs.LogGroup(
            self,
            "Logs",
            log_group_name=f"/balas/{parameters.stage}/{name}",
            retention=logs.RetentionDays.ONE_MONTH,
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        self.role = _role(self, secret_name)
        self.log_group.grant_write(self.role)
        self.function = lambda_.Function(
            self,
            "Function",
            function_name=f"balas-{parameters.stage}-{name}",
            handler=f"{module}.handle",
            code=packaging.code(package, requirements),
            runtime=lambda_.Runtime.PYTHON_3_13,
            architecture=lambda_.Architecture.ARM_64,
            memory_size=1024,
            timeout=cdk.Duration.seconds(timeout_s),
            log_group=self.log_group,
            role=self.role,
            environment={
                "BALAS_STAGE": parameters.stage,
                "SECRETS_NAME": secret_name,
                "OPENAI_BASE_URL": parameters.ai_base_url,
                "OPENAI_MODEL": parameters.ai_model,
                "AI_PRICE": parameters.ai_price,
                "RUPIAH_PER_USD": parameters.rupiah_per_usd,
                "PUBLIC_ORIGIN": parameters.public_origin,
                "POWERTOOLS_SERVICE_NAME": name,
                "POWERTOOLS_LOG_LEVEL": "INFO",
                "POWERTOOLS_METRICS_NAMESPACE": "Balas",
            },
        )
        self.resource.override_logical_id(name.title().replace("-", "") + "Function")  # what `sam` is told
        cdk.Validations.of(self.function).acknowledge(
            cdk.Acknowledgment(
                id="AwsSolutions-L1",
                reason="3.13 is what we measured: start-up, wheels, SnapStart.",
            )
        )
        self._join_vpc(parameters)

    @property
    def resource(self) -> lambda_.CfnFunction:
        """The function as CloudFormation sees it."""
        return cast(lambda_.CfnFunction, self.function.node.default_child)

    def reserve_concurrency(self, most: int | float, parameters: Parameters) -> None:
        """At most so many run at once; in an account with a small quota nothing is reserved."""
        self.resource.add_property_override(
            "ReservedConcurrentExecutions",
            cdk.Fn.condition_if(parameters.reserves_api_concurrency.logical_id, most, cdk.Aws.NO_VALUE),
        )

    def _join_vpc(self, parameters: Parameters) -> None:
        """Join the subnets of the parameters, if any: which VPC that is, this stack need not know."""
        in_vpc = parameters.in_vpc.logical_id
        vpc = {
            "SubnetIds": cdk.Fn.split(",", parameters.subnet_ids),
            "SecurityGroupIds": cdk.Fn.split(",", parameters.security_group_ids),
        }
        self.resource.add_property_override("VpcConfig", cdk.Fn.condition_if(in_vpc, vpc, cdk.Aws.NO_VALUE))
        role = cast(iam.CfnRole, self.role.node.default_child)
        role.add_property_override(
            "Policies", cdk.Fn.condition_if(in_vpc, [_network_interfaces()], cdk.Aws.NO_VALUE)
        )


def _role(scope: Construct, secret_name: str) -> iam.Role:
    suffix = "-??????"  # six characters that Secrets Manager adds to every name
    secret = cdk.Stack.of(scope).format_arn(
        service="secretsmanager",
        resource="secret",
        resource_name=secret_name + suffix,
        arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
    )
    role = iam.Role(scope, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    role.add_to_policy(iam.PolicyStatement(actions=["secretsmanager:GetSecretValue"], resources=[secret]))
    return role


def _network_interfaces() -> dict[str, object]:
    """What Lambda needs to put a function into a VPC; EC2 knows no narrower resource for it.

    Source: the AWS managed policy AWSLambdaVPCAccessExecutionRole, without its logs.
    """
    verbs = (
        "CreateNetworkInterface",
        "DeleteNetworkInterface",
        "DescribeNetworkInterfaces",
        "DescribeSubnets",
    )
    addresses = ("AssignPrivateIpAddresses", "UnassignPrivateIpAddresses")
    actions = [f"ec2:{verb}" for verb in verbs + addresses]
    statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    return {"PolicyName": "Vpc", "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
