"""Secrets Manager, as a program starts with it."""

import json
from typing import TYPE_CHECKING
from uuid import uuid4

import boto3
import pytest

from balas.aws import secrets
from balas.errors import Misconfigured
from tests.cloud.cloud import Cloud
from tests.cloud.targets import Capability

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


@pytest.mark.proves(Capability.SECRETS)
def test_a_program_reads_its_secret_and_is_told_when_there_is_none(aws: Cloud):
    name, fields = f"balas-test-{uuid4().hex[:8]}", {"token_key": "k" * 32, "empty": ""}
    with pytest.raises(Misconfigured, match=name):
        secrets.load(name)
    client: SecretsManagerClient = boto3.client("secretsmanager")
    client.create_secret(Name=name, SecretString=json.dumps(fields))
    try:
        assert secrets.load(name) == fields
    finally:
        client.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
