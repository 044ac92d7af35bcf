"""Mail through SES.

Its first API, not its second, which LocalStack without a licence lacks; for us they are the same.
"""

from functools import cache
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from balas.errors import Unavailable

if TYPE_CHECKING:
    from mypy_boto3_ses import SESClient

CONNECTION = Config(connect_timeout=1, read_timeout=3, retries={"mode": "standard", "total_max_attempts": 2})


def send(sender: str, to: str, subject: str, text: str) -> None:
    """Hands one mail to SES; raises Unavailable when SES does not take it."""
    message = {"Subject": _content(subject), "Body": {"Text": _content(text)}}
    try:
        _client().send_email(Source=sender, Destination={"ToAddresses": [to]}, Message=message)  # pyright: ignore[reportArgumentType] - a literal's type
    except (BotoCoreError, ClientError) as error:
        raise Unavailable("SES did not take a mail") from error


@cache
def _client() -> "SESClient":
    return boto3.client("ses", config=CONNECTION)


def _content(data: str) -> dict[str, str]:
    return {"Data": data, "Charset": "UTF-8"}
