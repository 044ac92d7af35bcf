"""What differs between two deployments of the AppStack."""

import aws_cdk as cdk


class Parameters:
    """The parameters of a stack, each under its own name, and the conditions that hang on them."""

    def __init__(self, stack: cdk.Stack) -> None:
        def text(name: str, description: str, **rules: str) -> str:
            return cdk.CfnParameter(stack, name, description=description, **rules).value_as_string

        self.stage = text(
            "Stage", "Part of every name.", default="local", allowed_pattern="[a-z][a-z0-9-]{0,19}"
        )
        self.public_origin = text(
            "PublicOrigin",
            "Where browsers find Balas: https://app.example.com",
            allowed_pattern="https?://[^/]+",
        )
        self.mail_sender = text(
            "MailSender",
            "Where mails come from; it, or its domain, is an identity verified in SES.",
            allowed_pattern="[^@ ]+@[^@ ]+",
        )
        self.ai_base_url = text(
            "AiBaseUrl", "OpenAI-compatible endpoint.", default="https://api.openai.com/v1"
        )
        self.ai_model = text("AiModel", "The model that answers customers.", default="gpt-5-mini")
        self.ai_price = text(
            "AiPrice",
            "US dollars per million tokens read/cached/written: 0.25/0.025/2; empty: as listed for AiModel.",
            default="",
            allowed_pattern=r"([0-9.]+/[0-9.]+/[0-9.]+)?",
        )
        self.rupiah_per_usd = text(
            "RupiahPerUsd", "What a US dollar costs.", default="16500", allowed_pattern="[0-9.]+"
        )
        self.api_concurrency = cdk.CfnParameter(
            stack,
            "ApiConcurrency",
            type="Number",
            default=20,
            min_value=0,
            description="Requests served at once; 0 reserves none, for accounts with a small quota.",
        ).value_as_number
        self.alarm_topic_arns = text("AlarmTopicArns", "SNS topics of alarms, a,b; empty: none.")
        self.subnet_ids = text("SubnetIds", "Private subnets, a,b; empty: not in a VPC.")
        self.security_group_ids = text("SecurityGroupIds", "Of the functions in the VPC, a,b.")
        self.has_alarm_topics = _is_set(stack, "HasAlarmTopics", self.alarm_topic_arns)
        self.in_vpc = _is_set(stack, "InVpc", self.subnet_ids)
        self.reserves_api_concurrency = _is_set(
            stack, "ReservesApiConcurrency", cdk.Fn.ref("ApiConcurrency"), unset="0"
        )


def _is_set(stack: cdk.Stack, name: str, value: str, unset: str = "") -> cdk.CfnCondition:
    expression = cdk.Fn.condition_not(cdk.Fn.condition_equals(value, unset))
    return cdk.CfnCondition(stack, name, expression=expression)
