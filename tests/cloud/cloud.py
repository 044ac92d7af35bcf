"""The cloud under test, started where it is ours to start."""

import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from local import ministack
from local.ministack import client_environment
from local.port import find_free
from tests.cloud import localstack_host
from tests.cloud.targets import Target

LOCALSTACK_DOCKER_URL = "http://127.0.0.1:4566"
"""Where compose.yaml publishes LocalStack."""


@dataclass(frozen=True)
class Cloud:
    """`endpoint` is None for AWS itself."""

    target: Target
    endpoint: str | None

    @property
    def environment(self) -> Mapping[str, str]:
        """What boto3 needs to find this cloud; nothing for AWS, where the developer's own settings hold."""
        return client_environment(self.endpoint) if self.endpoint else {}


@contextmanager
def running(target: Target, folder: Path) -> Generator[Cloud]:
    """`target`, ready to be asked, until the block ends."""
    match target.name:
        case "ministack":
            with ministack.running(find_free(), folder / "ministack", folder / "ministack.log") as started:
                yield Cloud(target, started.endpoint)
        case "localstack-host":
            with localstack_host.running(folder / "localstack", folder / "localstack.log") as endpoint:
                yield Cloud(target, endpoint)
        case "localstack-docker":
            yield Cloud(target, os.environ.get("LOCALSTACK_URL", LOCALSTACK_DOCKER_URL))
        case _:
            if "CLOUD_STACK" not in os.environ:
                pytest.exit("CLOUD_STACK must name the stack that `cdk deploy` has deployed", 2)
            yield Cloud(target, None)
