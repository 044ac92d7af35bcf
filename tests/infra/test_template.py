"""What the committed AppStack template promises, read as CloudFormation reads it."""

import json
from pathlib import Path
from typing import Any

import pytest

from local.deploy import TEMPLATE

ROOT = Path(__file__).parents[2]
STACK: dict[str, Any] = json.loads(TEMPLATE.read_text())
TIMEOUTS = {"api": 29, "ai-worker": 45}


def of_type(resource_type: str) -> dict[str, Any]:
    return {name: r["Properties"] for name, r in STACK["Resources"].items() if r["Type"] == resource_type}


def function(name: str) -> dict[str, Any]:
    environment = "POWERTOOLS_SERVICE_NAME"
    (found,) = (
        f
        for f in of_type("AWS::Lambda::Function").values()
        if f["Environment"]["Variables"][environment] == name
    )
    return found


def statements(name: str) -> list[dict[str, Any]]:
    """Every statement of the policies of a function's role that hold outside a VPC too."""
    role = {"Ref": function(name)["Role"]["Fn::GetAtt"][0]}
    policies = [p for p in of_type("AWS::IAM::Policy").values() if role in p["Roles"]]
    return [s for p in policies for s in p["PolicyDocument"]["Statement"]]


def actions(name: str) -> set[str]:
    listed = (s["Action"] for s in statements(name))
    return {action for a in listed for action in ([a] if isinstance(a, str) else a)}


def inbound() -> dict[str, Any]:
    (queue,) = (q for q in of_type("AWS::SQS::Queue").values() if "RedrivePolicy" in q)
    return queue


def dead_letters_name() -> str:
    return inbound()["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0]


def test_a_job_is_tried_five_times_and_then_kept_for_two_weeks():
    dead_letters = of_type("AWS::SQS::Queue")[dead_letters_name()]
    assert inbound()["RedrivePolicy"]["maxReceiveCount"] == 5
    assert dead_letters["MessageRetentionPeriod"] == 14 * 24 * 3600


def test_the_queues_are_standard_and_encrypted():
    for queue in of_type("AWS::SQS::Queue").values():
        assert queue["SqsManagedSseEnabled"] is True
        assert "FifoQueue" not in queue


def test_a_job_is_not_redelivered_while_the_worker_may_still_run():
    assert inbound()["VisibilityTimeout"] == 90 >= 2 * function("ai-worker")["Timeout"]


def test_one_dead_letter_raises_the_alarm():
    (alarm,) = of_type("AWS::CloudWatch::Alarm").values()
    (dimension,) = alarm["Dimensions"]
    assert (alarm["MetricName"], alarm["Threshold"]) == ("ApproximateNumberOfMessagesVisible", 1)
    assert dimension["Value"] == {"Fn::GetAtt": [dead_letters_name(), "QueueName"]}


def test_the_worker_takes_one_message_at_a_time_and_reports_what_failed():
    (mapping,) = of_type("AWS::Lambda::EventSourceMapping").values()
    assert mapping["BatchSize"] == 1
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mapping["ScalingConfig"] == {"MaximumConcurrency": 30}  # a number: MiniStack cannot poll with text


@pytest.mark.parametrize("name", TIMEOUTS)
def test_a_function_runs_on_arm_within_its_time(name: str):
    properties = function(name)
    assert properties["Timeout"] == TIMEOUTS[name]
    assert properties["Architectures"] == ["arm64"]
    assert properties["Runtime"] == "python3.13"


@pytest.mark.parametrize("name", TIMEOUTS)
def test_a_handler_is_a_file_that_exists(name: str):
    module, attribute = function(name)["Handler"].rsplit(".", 1)
    source = ROOT / f"{module.replace('.', '/')}.py"
    assert attribute == "handle"
    assert f"def {attribute}(" in source.read_text() or f"{attribute} = " in source.read_text()


@pytest.mark.parametrize("name", TIMEOUTS)
def test_a_function_is_told_where_its_secret_is_and_never_the_secret(name: str):
    variables = function(name)["Environment"]["Variables"]
    expected = {"BALAS_STAGE", "SECRETS_NAME", "OPENAI_BASE_URL", "OPENAI_MODEL", "PUBLIC_ORIGIN"}
    powertools = {f"POWERTOOLS_{key}" for key in ("SERVICE_NAME", "LOG_LEVEL", "METRICS_NAMESPACE")}
    own = {"INBOUND_QUEUE_URL"} if name == "ai-worker" else set[str]()
    assert set(variables) == expected | powertools | own
    assert variables["SECRETS_NAME"] == {"Fn::Join": ["", ["balas/", {"Ref": "Stage"}, f"/{name}"]]}


@pytest.mark.parametrize("name", TIMEOUTS)
def test_a_function_reads_its_own_secret_only(name: str):
    (reads,) = (s for s in statements(name) if s["Action"] == "secretsmanager:GetSecretValue")
    assert json.dumps(reads["Resource"]).endswith(f'/{name}-??????"]]}}')


def test_the_worker_may_consume_the_queue_and_nothing_more():
    queue = (
        "ReceiveMessage",
        "ChangeMessageVisibility",
        "GetQueueUrl",
        "DeleteMessage",
        "GetQueueAttributes",
    )
    assert actions("ai-worker") == actions("api") | {f"sqs:{verb}" for verb in queue}


def test_the_api_reaches_its_logs_and_its_secret_only():
    logs = {"logs:CreateLogStream", "logs:PutLogEvents"}
    assert actions("api") == logs | {"secretsmanager:GetSecretValue"}


def test_the_fleet_may_send_to_the_queue_and_nothing_more():
    (policy,) = of_type("AWS::IAM::ManagedPolicy").values()
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert statement["Action"] == "sqs:SendMessage"


def test_only_network_interfaces_in_a_vpc_are_granted_on_every_resource():
    document = [p for kind in ("Policy", "ManagedPolicy") for p in of_type(f"AWS::IAM::{kind}").values()]
    assert not [s for p in document for s in p["PolicyDocument"]["Statement"] if "*" in json.dumps(s)]
    for role in of_type("AWS::IAM::Role").values():
        condition, (policy,), otherwise = role["Policies"]["Fn::If"]
        assert (condition, otherwise) == ("InVpc", {"Ref": "AWS::NoValue"})
        assert all(a.startswith("ec2:") for s in policy["PolicyDocument"]["Statement"] for a in s["Action"])


def test_every_request_goes_to_the_api_in_payload_2():
    (route,) = of_type("AWS::ApiGatewayV2::Route").values()
    (integration,) = of_type("AWS::ApiGatewayV2::Integration").values()
    assert route["RouteKey"] == "$default"
    assert integration["PayloadFormatVersion"] == "2.0"


def test_logs_are_kept_for_a_month():
    assert [g["RetentionInDays"] for g in of_type("AWS::Logs::LogGroup").values()] == [30, 30, 30]


def test_access_logs_hold_no_path_and_no_address():
    (stage,) = of_type("AWS::ApiGatewayV2::Stage").values()
    logged = stage["AccessLogSettings"]["Format"]
    assert not [word for word in ("path", "sourceIp", "authorizer", "queryString") if word in logged]


def test_no_parameter_takes_a_secret():
    words = ("key", "password", "secret", "token", "databaseurl")
    assert not [name for name in STACK["Parameters"] if any(word in name.lower() for word in words)]


def test_code_has_fixed_keys_so_that_an_edit_does_not_change_the_template():
    keys = {f["Code"]["S3Key"] for f in of_type("AWS::Lambda::Function").values()}
    assert keys == {"api.zip", "ai_worker.zip"}
