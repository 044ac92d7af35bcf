"""Secrets of a program: one JSON document per program in Secrets Manager."""

from typing import TYPE_CHECKING

import boto3
import pydantic
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from balas.errors import Misconfigured

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

CONNECTION = Config(connect_timeout=3, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 3})
_DOCUMENT = pydantic.TypeAdapter(dict[str, str])


def load(name: str) -> dict[str, str]:
    """The fields of the secret `name`; raises Misconfigured, which never shows a value."""
    client: SecretsManagerClient = boto3.client("secretsmanager", config=CONNECTION)
    try:
        document = client.get_secret_value(SecretId=name)
        return _DOCUMENT.validate_json(document["SecretString"])
    except (BotoCoreError, ClientError) as error:
        raise Misconfigured(f"cannot read the secret {name!r}: create it, or allow this role to") from error
    except (KeyError, pydantic.ValidationError):
        raise Misconfigured(f"the secret {name!r} is not a JSON object of strings") from None
