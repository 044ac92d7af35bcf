"""The right to send mail."""

import aws_cdk as cdk
from aws_cdk import aws_iam as iam

from infra.cdk.python_function import PythonFunction


def may_be_sent_by(function: PythonFunction, sender: str) -> None:
    """Mail from `sender` only, whichever is the verified identity: the address or its domain."""
    identities = [sender, cdk.Fn.select(1, cdk.Fn.split("@", sender))]
    stack = cdk.Stack.of(function)
    function.function.add_environment("MAIL_SENDER", sender)
    function.role.add_to_policy(
        iam.PolicyStatement(
            actions=["ses:SendEmail"],
            resources=[
                stack.format_arn(service="ses", resource="identity", resource_name=i) for i in identities
            ],
            conditions={"StringEquals": {"ses:FromAddress": sender}},
        )
    )
