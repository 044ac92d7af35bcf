"""The cloud under test, chosen by CLOUD_TARGET, with the AppStack on it; and the matrix at the end."""

import os
import secrets
from collections.abc import Iterator

import pytest

from balas.db import bootstrap, migrate
from balas.db.bootstrap import RoleUrls
from balas.db.database import Database
from tests import model_server
from tests.cloud import app_stack, cloud, matrix
from tests.cloud.app_stack import AppStack
from tests.cloud.cloud import Cloud
from tests.cloud.shop import Shop, opened
from tests.cloud.targets import TARGETS, Capability, Target
from tests.model_server import ModelServer

MARKER = "proves(capability, *needs): the first names the row of the matrix; what a target lacks is skipped"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", MARKER)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Each test says in its report what it proves."""
    for item in items:
        if (mark := item.get_closest_marker("proves")) is not None:
            item.user_properties.append(("capability", mark.args[0].name))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Prints the matrix when tests of this folder ran."""
    reports = [
        (Capability[str(value)], outcome)
        for outcome in matrix.WORST_FIRST
        for report in terminalreporter.stats.get(outcome, [])
        for name, value in report.user_properties
        if name == "capability"
    ]
    if not reports:
        return
    current = chosen()
    matrix.save(current, matrix.worst(reports))
    terminalreporter.section("clouds")
    for line in matrix.render(matrix.load(), current):
        terminalreporter.write_line(line)


def chosen() -> Target:
    """The target of CLOUD_TARGET."""
    name = os.environ.get("CLOUD_TARGET", "ministack")
    if name not in TARGETS:
        pytest.exit(f"CLOUD_TARGET is {name!r}: say one of {', '.join(TARGETS)}", 2)
    return TARGETS[name]


@pytest.fixture(scope="session")
def target() -> Target:
    return chosen()


@pytest.fixture(autouse=True)
def _skip_what_is_lacking(request: pytest.FixtureRequest, target: Target) -> None:
    mark = request.node.get_closest_marker("proves")
    assert mark, "a test of this folder says what it proves"
    for capability in mark.args:
        if capability in target.lacks:
            pytest.skip(f"{target.name} lacks {capability}: {target.lacks[capability]}")


@pytest.fixture(scope="package")
def aws(target: Target, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """The cloud, running; boto3 and `balas.aws` find it."""
    with (
        cloud.running(target, tmp_path_factory.mktemp("cloud")) as running,
        pytest.MonkeyPatch.context() as environment,
    ):
        for name, value in running.environment.items():
            environment.setenv(name, value)
        yield running


@pytest.fixture(scope="package")
def urls(admin_url: str, passwords: dict[str, str]) -> RoleUrls:
    """One database for the whole suite: deployed functions keep their connections to it."""
    urls = bootstrap.prepare(admin_url, f"balas_cloud_{secrets.token_hex(4)}", passwords)
    migrate.migrate(urls.owner)
    return urls


@pytest.fixture(scope="package")
def only_model() -> Iterator[ModelServer]:
    with model_server.start() as server:
        yield server


@pytest.fixture
def model(only_model: ModelServer) -> ModelServer:
    """The model that deployed functions ask, saying hello to everyone unless a test tells it otherwise."""
    only_model.says()
    only_model.requests.clear()
    return only_model


@pytest.fixture(scope="package")
def stack(aws: Cloud, request: pytest.FixtureRequest) -> AppStack:
    """The deployed AppStack."""
    if aws.endpoint is None:
        return app_stack.deployed()
    urls: RoleUrls = request.getfixturevalue("urls")
    only_model: ModelServer = request.getfixturevalue("only_model")
    return app_stack.deploy_to(aws, urls, only_model.url)


@pytest.fixture
def shop(stack: AppStack, model: ModelServer, fleet_db: Database, urls: RoleUrls) -> Iterator[Shop]:
    """A shop of the test's own, and a model that answers its customers."""
    with opened(stack, fleet_db, urls) as shop:
        yield shop
