"""What the committed AppStack template promises, read as CloudFormation reads it."""

import json
from pathlib import Path
from typing import Any

import pytest

from local import deploy
from local.deploy import TEMPLATE

ROOT = Path(__file__).parents[2]
STACK: dict[str, Any] = json.loads(TEMPLATE.read_text())
TIMEOUTS = {"api": 29, "ai-worker": 45, "followup": 240, "socket": 10}


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
    model = {"OPENAI_BASE_URL", "OPENAI_MODEL", "AI_PRICE", "RUPIAH_PER_USD"}
    expected = {"BALAS_STAGE", "SECRETS_NAME", "PUBLIC_ORIGIN", *model}
    powertools = {f"POWERTOOLS_{key}" for key in ("SERVICE_NAME", "LOG_LEVEL", "METRICS_NAMESPACE")}
    schedules = {"SCHEDULE_GROUP", "FOLLOW_UP_ARN", "SCHEDULER_ROLE_ARN"}
    own = {
        "ai-worker": {"INBOUND_QUEUE_URL", *schedules},
        "api": {"MAIL_SENDER"},
        "followup": {"MAIL_SENDER", *schedules},
    }.get(name, set[str]())
    assert set(variables) == expected | powertools | own
    assert variables["SECRETS_NAME"] == {"Fn::Join": ["", ["balas/", {"Ref": "Stage"}, f"/{name}"]]}


@pytest.mark.parametrize("name", TIMEOUTS)
def test_a_function_reads_its_own_secret_only(name: str):
    (reads,) = (s for s in statements(name) if s["Action"] == "secretsmanager:GetSecretValue")
    assert json.dumps(reads["Resource"]).endswith(f'/{name}-??????"]]}}')


MAY_SCHEDULE = {"scheduler:CreateSchedule", "scheduler:UpdateSchedule", "iam:PassRole"}


def test_the_worker_may_consume_the_queue_set_schedules_and_nothing_more():
    queue = (
        "ReceiveMessage",
        "ChangeMessageVisibility",
        "GetQueueUrl",
        "DeleteMessage",
        "GetQueueAttributes",
    )
    assert actions("ai-worker") == actions("socket") | MAY_SCHEDULE | {f"sqs:{verb}" for verb in queue}


def test_the_follow_up_function_may_set_schedules_and_send_mail_and_nothing_more():
    assert actions("followup") == actions("socket") | MAY_SCHEDULE | {"ses:SendEmail"}


@pytest.mark.parametrize("name", ["ai-worker", "followup"])
def test_schedules_are_set_in_our_group_and_call_as_a_role_that_may_do_nothing_else(name: str):
    (schedule,) = (s for s in statements(name) if "scheduler:CreateSchedule" in s["Action"])
    assert schedule["Resource"]["Fn::Join"][1][-3:] == [":schedule/balas-", {"Ref": "Stage"}, "/f-*"]
    (pass_role,) = (s for s in statements(name) if s["Action"] == "iam:PassRole")
    assert pass_role["Condition"] == {"StringEquals": {"iam:PassedToService": "scheduler.amazonaws.com"}}
    role = pass_role["Resource"]["Fn::GetAtt"][0]
    (policy,) = (p for p in of_type("AWS::IAM::Policy").values() if {"Ref": role} in p["Roles"])
    (call,) = policy["PolicyDocument"]["Statement"]
    assert call["Action"] == "lambda:InvokeFunction"
    assert call["Resource"]["Fn::Join"][1][-1:] == ["-followup"]


def test_a_sweep_runs_every_five_minutes_and_never_beside_itself():
    (sweep,) = of_type("AWS::Scheduler::Schedule").values()
    assert sweep["ScheduleExpression"] == "rate(5 minutes)"
    assert sweep["Target"]["Arn"] == {"Fn::GetAtt": ["FollowupFunction", "Arn"]}
    assert json.loads(sweep["Target"]["Input"]) == {"sweep": True}
    assert function("followup")["Timeout"] < 5 * 60


def test_the_sockets_function_reaches_its_logs_and_its_secret_only():
    logs = {"logs:CreateLogStream", "logs:PutLogEvents"}
    assert actions("socket") == logs | {"secretsmanager:GetSecretValue"}


def test_the_api_may_send_mail_from_its_sender_and_nothing_more():
    assert actions("api") == actions("socket") | {"ses:SendEmail"}
    (mail,) = (s for s in statements("api") if s["Action"] == "ses:SendEmail")
    assert mail["Condition"] == {"StringEquals": {"ses:FromAddress": {"Ref": "MailSender"}}}
    sender = {"Ref": "MailSender"}
    domain = {"Fn::Select": [1, {"Fn::Split": ["@", sender]}]}
    assert [r["Fn::Join"][1][-2:] for r in mail["Resource"]] == [[":identity/", i] for i in (domain, sender)]


def test_the_fleet_may_send_to_the_queue_and_to_the_sockets_and_nothing_more():
    (policy,) = of_type("AWS::IAM::ManagedPolicy").values()
    send, manage = policy["PolicyDocument"]["Statement"]
    assert send["Action"] == "sqs:SendMessage"
    assert manage["Action"] == "execute-api:ManageConnections"
    assert [r["Fn::Join"][1][-1] for r in manage["Resource"]] == [
        "/ws/DELETE/@connections/*",
        "/ws/POST/@connections/*",
    ]
    assert [{"Ref": api_id("WEBSOCKET")} in r["Fn::Join"][1] for r in manage["Resource"]] == [True, True]


def test_only_connections_schedules_and_network_interfaces_are_granted_by_a_wildcard():
    document = [p for kind in ("Policy", "ManagedPolicy") for p in of_type(f"AWS::IAM::{kind}").values()]
    wide = [s for p in document for s in p["PolicyDocument"]["Statement"] if "*" in json.dumps(s)]
    assert {str(s["Action"]) for s in wide} == {
        "execute-api:ManageConnections", str(["scheduler:CreateSchedule", "scheduler:UpdateSchedule"])
    }  # fmt: skip
    roles = [r for r in of_type("AWS::IAM::Role").values() if "Policies" in r]
    assert len(roles) == len(TIMEOUTS)
    for role in roles:
        condition, (policy,), otherwise = role["Policies"]["Fn::If"]
        assert (condition, otherwise) == ("InVpc", {"Ref": "AWS::NoValue"})
        assert all(a.startswith("ec2:") for s in policy["PolicyDocument"]["Statement"] for a in s["Action"])


def api_id(protocol: str) -> str:
    (found,) = (n for n, a in of_type("AWS::ApiGatewayV2::Api").items() if a["ProtocolType"] == protocol)
    return found


def routes(protocol: str) -> dict[str, Any]:
    """The routes of an API by their keys."""
    api = {"Ref": api_id(protocol)}
    return {r["RouteKey"]: r for r in of_type("AWS::ApiGatewayV2::Route").values() if r["ApiId"] == api}


def integration(route: dict[str, Any]) -> dict[str, Any]:
    return of_type("AWS::ApiGatewayV2::Integration")[route["Target"]["Fn::Join"][1][1]["Ref"]]


def test_every_request_goes_to_the_api_in_payload_2():
    (route,) = routes("HTTP").values()
    assert route["RouteKey"] == "$default"
    assert integration(route)["PayloadFormatVersion"] == "2.0"


def test_a_socket_opens_with_a_ticket_only():
    connect = routes("WEBSOCKET")["$connect"]
    assert connect["AuthorizationType"] == "CUSTOM"
    authorizer = of_type("AWS::ApiGatewayV2::Authorizer")[connect["AuthorizerId"]["Ref"]]
    assert authorizer["AuthorizerType"] == "REQUEST"
    assert authorizer["IdentitySource"] == ["route.request.querystring.ticket"]


def test_what_a_browser_says_reaches_no_function():
    sockets = routes("WEBSOCKET")
    assert set(sockets) == {"$connect", "$disconnect", "$default"}
    assert integration(sockets["$default"])["IntegrationType"] == "MOCK"
    assert "RouteResponseSelectionExpression" not in sockets["$default"]


def test_the_sockets_path_is_the_same_in_the_cloud_and_at_home():
    (stage,) = (s for s in stages() if s["ApiId"] == {"Ref": api_id("WEBSOCKET")})
    assert stage["StageName"] == deploy.SOCKET_STAGE == "ws"


def stages() -> list[dict[str, Any]]:
    return list(of_type("AWS::ApiGatewayV2::Stage").values())


def test_logs_are_kept_for_a_month():
    assert [g["RetentionInDays"] for g in of_type("AWS::Logs::LogGroup").values()] == [30] * 5


def test_access_logs_hold_no_path_and_no_address():
    (stage,) = (s for s in stages() if "AccessLogSettings" in s)
    logged = stage["AccessLogSettings"]["Format"]
    assert not [word for word in ("path", "sourceIp", "authorizer", "queryString") if word in logged]


def test_no_parameter_takes_a_secret():
    words = ("key", "password", "secret", "token", "databaseurl")
    assert not [name for name in STACK["Parameters"] if any(word in name.lower() for word in words)]


def test_code_has_fixed_keys_so_that_an_edit_does_not_change_the_template():
    keys = {f["Code"]["S3Key"] for f in of_type("AWS::Lambda::Function").values()}
    assert keys == {"api.zip", "ai_worker.zip", "followup.zip"}
