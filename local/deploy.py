"""The AppStack on a local AWS: the committed template, our code as it stands, and the secrets."""

import base64
import hashlib
import io
import json
import time
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import ClientError

from balas.errors import Unavailable
from local.ministack import REGION

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import StackTypeDef
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_ses import SESClient

ROOT = Path(__file__).parents[1]
TEMPLATE = ROOT / "infra" / "cdk" / "templates" / "AppStack.template.json"
STACK = "AppStack"
ASSETS_BUCKET = f"cdk-hnb659fds-assets-000000000000-{REGION}"
"""Where the template looks for code. Source: the CDK's default synthesizer; MiniStack's only account."""
MAIL_SENDER = "noreply@balas.example"
ON_A_LAPTOP = {"AlarmTopicArns": "", "SubnetIds": "", "SecurityGroupIds": "", "MailSender": MAIL_SENDER}
SOCKET_STAGE = "ws"
FUNCTIONS = ("api", "ai_worker", "followup")
"""Each in a zip of its own; the sockets' function lies in the API's."""
DEPLOY_LIMIT_S = 100
"""MiniStack takes a second, LocalStack half a minute."""
WORKERS = 8
"""Conversations answered at once: a laptop has few cores, and each worker is a Python process."""


@dataclass(frozen=True)
class Outputs:
    """Where the parts of a deployment are."""

    api_url: str
    socket_url: str
    """What a browser opens, save the ticket; by path, since `{id}.execute-api.localhost` may not resolve."""
    socket_management_url: str
    inbound_queue_url: str
    dead_letter_queue_url: str
    ai_worker_name: str
    api_name: str
    mails_url: str
    """Where MiniStack tells what was mailed."""


def deploy(
    endpoint: str,
    parameters: Mapping[str, str],
    secrets: Mapping[str, Mapping[str, str]],
    code: Mapping[str, bytes] | None = None,
) -> Outputs:
    """Bring the AWS at `endpoint` to the committed template, `parameters`, `secrets` (by name) and our code.

    `code` replaces our own: a zip for each key of the template. Dependencies are not in the zips, since
    MiniStack runs functions in our virtual environment. Raises Unavailable with CloudFormation's reason.
    """
    aws = Aws(endpoint)
    code = code or package()
    aws.put_code(code)
    aws.verify_sender(MAIL_SENDER)
    for name, fields in secrets.items():
        aws.put_secret(name, json.dumps(dict(fields)))
    outputs = aws.apply(TEMPLATE.read_text(), ON_A_LAPTOP | dict(parameters))
    aws.refresh_code(outputs["ApiName"], "api.zip", code["api.zip"])
    aws.refresh_code(outputs["AiWorkerName"], "ai_worker.zip", code["ai_worker.zip"])
    aws.refresh_code(outputs["FollowUpName"], "followup.zip", code["followup.zip"])
    aws.refresh_code(outputs["SocketName"], "api.zip", code["api.zip"])
    aws.limit_workers(outputs["AiWorkerName"])
    socket = f"{endpoint}/_aws/execute-api/{outputs['WebSocketApiId']}/{SOCKET_STAGE}"
    return Outputs(
        api_url=f"{endpoint}/_aws/execute-api/{outputs['HttpApiId']}/$default",
        socket_url=socket.replace("http", "ws", 1),
        socket_management_url=socket,
        inbound_queue_url=outputs["InboundQueueUrl"],
        dead_letter_queue_url=outputs["DeadLetterQueueUrl"],
        ai_worker_name=outputs["AiWorkerName"],
        api_name=outputs["ApiName"],
        mails_url=f"{endpoint}/_ministack/ses/messages",
    )


def package() -> dict[str, bytes]:
    """Our own code as a zip for each function, the same bytes for the same sources."""
    return {f"{name}.zip": _zip("balas", f"functions/{name}") for name in FUNCTIONS}


def _zip(*packages: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for package_dir in packages:
            for path in sorted((ROOT / package_dir).rglob("*")):
                if path.is_file() and "__pycache__" not in path.parts:
                    archive.writestr(zipfile.ZipInfo(str(path.relative_to(ROOT))), path.read_bytes())
    return buffer.getvalue()


class Aws:
    """The few calls that a deployment makes, to one endpoint."""

    def __init__(self, endpoint: str) -> None:
        session = boto3.Session("test", "test", region_name=REGION)
        self._s3: S3Client = session.client("s3", endpoint_url=endpoint)
        self._secrets: SecretsManagerClient = session.client("secretsmanager", endpoint_url=endpoint)
        self._stacks: CloudFormationClient = session.client("cloudformation", endpoint_url=endpoint)
        self._functions: LambdaClient = session.client("lambda", endpoint_url=endpoint)
        self._mail: SESClient = session.client("ses", endpoint_url=endpoint)

    def put_code(self, code: Mapping[str, bytes]) -> None:
        with suppress(self._s3.exceptions.BucketAlreadyOwnedByYou):
            self._s3.create_bucket(
                Bucket=ASSETS_BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION}
            )
        for key, archive in code.items():
            self._s3.put_object(Bucket=ASSETS_BUCKET, Key=key, Body=archive)

    def put_secret(self, name: str, document: str) -> None:
        try:
            self._secrets.create_secret(Name=name, SecretString=document)
        except self._secrets.exceptions.ResourceExistsException:
            self._secrets.put_secret_value(SecretId=name, SecretString=document)

    def verify_sender(self, address: str) -> None:
        """Let mail come from `address`: what on AWS takes a click in a mail, or a record in the DNS."""
        self._mail.verify_email_identity(EmailAddress=address)

    def apply(self, template: str, parameters: Mapping[str, str]) -> dict[str, str]:
        """Create or update the stack, and return its outputs; raises Unavailable with the reason."""
        stack = self._stack()
        if stack and not stack["StackStatus"].endswith(("CREATE_COMPLETE", "UPDATE_COMPLETE")):
            self._stacks.delete_stack(StackName=STACK)
            stack = self._settled()
        call = self._stacks.update_stack if stack else self._stacks.create_stack
        try:
            call(
                StackName=STACK,
                TemplateBody=template,
                Parameters=[{"ParameterKey": k, "ParameterValue": v} for k, v in parameters.items()],
                Capabilities=["CAPABILITY_IAM"],
            )
        except ClientError as error:
            if "No updates are to be performed" not in str(error):
                raise Unavailable(f"the AppStack was not deployed: {error}") from error
        stack = self._settled()
        if not stack or stack["StackStatus"] not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
            raise Unavailable(f"the AppStack was not deployed: {self._failure()}")
        return {o.get("OutputKey", ""): o.get("OutputValue", "") for o in stack.get("Outputs", [])}

    def refresh_code(self, function: str, key: str, archive: bytes) -> None:
        """Give a function the code under `key`, if it runs another: CloudFormation compares keys only."""
        sha = base64.b64encode(hashlib.sha256(archive).digest()).decode()
        if self._functions.get_function_configuration(FunctionName=function)["CodeSha256"] != sha:
            self._functions.update_function_code(FunctionName=function, S3Bucket=ASSETS_BUCKET, S3Key=key)

    def limit_workers(self, function: str) -> None:
        for mapping in self._functions.list_event_source_mappings(FunctionName=function)[
            "EventSourceMappings"
        ]:
            self._functions.update_event_source_mapping(
                UUID=mapping.get("UUID", ""), ScalingConfig={"MaximumConcurrency": WORKERS}
            )

    def _stack(self) -> "StackTypeDef | None":
        try:
            return self._stacks.describe_stacks(StackName=STACK)["Stacks"][0]
        except ClientError as error:
            if "does not exist" not in str(error):
                raise
            return None

    def _settled(self) -> "StackTypeDef | None":
        deadline = time.monotonic() + DEPLOY_LIMIT_S
        while (stack := self._stack()) and stack["StackStatus"].endswith("IN_PROGRESS"):
            if time.monotonic() > deadline:
                raise Unavailable(f"the AppStack is still {stack['StackStatus']}")
            time.sleep(0.05)
        return stack if stack and stack["StackStatus"] != "DELETE_COMPLETE" else None

    def _failure(self) -> str:
        events = self._stacks.describe_stack_events(StackName=STACK)["StackEvents"]
        failed = [e for e in events if e.get("ResourceStatus", "").endswith("FAILED")]
        return "; ".join(
            f"{e.get('LogicalResourceId')}: {e.get('ResourceStatusReason', '')}" for e in reversed(failed)
        )
