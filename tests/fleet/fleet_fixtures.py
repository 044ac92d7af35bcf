"""Fixtures of the fleet's tests: one emulator and one MiniStack per module, one fleet per test."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest

from balas.db.bootstrap import RoleUrls
from local import ministack, port
from tests.fleet.emulator_process import Emulator
from tests.fleet.fleet_process import Fleet, Queue

NEVER_LOGGED = (
    "62812000",
    "62813000",
    "@lid",
    "@s.whatsapp.net",
    "wa.me/",
    "Warung Uji",
    "Pelanggan",
    "halo",
)


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The endpoint of a MiniStack."""
    folder = tmp_path_factory.mktemp("ministack")
    with ministack.running(port.find_free(), folder / "scratch", folder / "ministack.log") as running:
        yield running.endpoint


@pytest.fixture
def queue(aws: str) -> Queue:
    client = boto3.client(
        "sqs", endpoint_url=aws, region_name=ministack.REGION,
        aws_access_key_id="test", aws_secret_access_key="test",
    )  # fmt: skip
    name = f"inbound-{secrets.token_hex(4)}"
    return Queue(aws, client.create_queue(QueueName=name)["QueueUrl"])


@pytest.fixture
def fleet(emulator: Emulator, urls: RoleUrls, queue: Queue, tmp_path: Path) -> Iterator[Fleet]:
    running = Fleet(emulator, urls, queue, tmp_path / "fleet.log")
    yield running
    running.close()
    log = running.log.read_text()
    assert not [secret for secret in NEVER_LOGGED if secret in log], log[-3000:]
