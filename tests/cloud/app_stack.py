"""The AppStack on the cloud under test: the committed template with our code, or what is deployed there."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import boto3
import httpx

from balas.db.bootstrap import RoleUrls
from local import deploy
from tests.cloud.cloud import Cloud
from tests.cloud.template_part import part_of

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_lambda import LambdaClient

STAGE = "cloudtest"
TOKEN_KEY = "t" * 32
ORIGIN = "http://127.0.0.1:8000"


@dataclass(frozen=True)
class AppStack:
    """A deployed stack: what CloudFormation says of it, what was left out of it, and the door to its API."""

    name: str
    outputs: Mapping[str, str]
    left_out: Mapping[str, str]
    api_url: str
    api_host: str | None = None
    socket_url: str = ""
    socket_management_url: str = ""

    def open_api(self) -> httpx.Client:
        """A browser with cookies of its own."""
        headers = {"Host": self.api_host} if self.api_host else {}
        return httpx.Client(base_url=self.api_url, headers=headers, timeout=40, trust_env=False)


def deployed() -> AppStack:
    """The stack that `cdk deploy` has put there."""
    name = os.environ["CLOUD_STACK"]
    stacks: CloudFormationClient = boto3.client("cloudformation")
    (stack,) = stacks.describe_stacks(StackName=name)["Stacks"]
    outputs = {o.get("OutputKey", ""): o.get("OutputValue", "") for o in stack.get("Outputs", [])}
    return AppStack(name, outputs, {}, outputs["HttpApiUrl"])


def deploy_to(cloud: Cloud, urls: RoleUrls, model_url: str) -> AppStack:
    """The committed template, save what the target refuses, with our functions as they stand."""
    assert cloud.endpoint
    aws = deploy.Aws(cloud.endpoint)
    code = deploy.package()
    aws.put_code(code)
    aws.verify_sender(deploy.MAIL_SENDER)
    for name, fields in _secrets(urls).items():
        aws.put_secret(f"balas/{STAGE}/{name}", json.dumps(fields))
    part = part_of(json.loads(deploy.TEMPLATE.read_text()), cloud.target.refused_types)
    parameters = {"Stage": STAGE, "PublicOrigin": ORIGIN, "AiBaseUrl": model_url, "AiModel": "test"}
    outputs = aws.apply(json.dumps(part.template), deploy.ON_A_LAPTOP | parameters)
    aws.limit_workers(outputs["AiWorkerName"])
    door = _api_door(outputs)
    socket = f"{cloud.endpoint}/_aws/execute-api/{outputs.get('WebSocketApiId')}/{deploy.SOCKET_STAGE}"
    socket_url = socket.replace("http", "ws", 1)
    return AppStack(deploy.STACK, outputs, part.left_out, cloud.endpoint, door, socket_url, socket)


def _secrets(urls: RoleUrls) -> dict[str, dict[str, str]]:
    return {
        "api": {"database_url": urls.app, "token_key": TOKEN_KEY, "openai_api_key": "key"},
        "ai-worker": {"database_url": urls.app, "openai_api_key": "key"},
        "followup": {"database_url": urls.app, "openai_api_key": "key"},
        "socket": {"database_url": urls.app},
    }


def _api_door(outputs: Mapping[str, str]) -> str:
    """The host name of the HTTP API; where there is none, of a function URL, whose events have the same form.

    It is in no DNS: the cloud's endpoint knows it by the header Host.
    """
    url = outputs.get("HttpApiUrl")
    if url is None:
        functions: LambdaClient = boto3.client("lambda")
        url = functions.create_function_url_config(FunctionName=outputs["ApiName"], AuthType="NONE")[
            "FunctionUrl"
        ]
    return urlsplit(url).netloc
