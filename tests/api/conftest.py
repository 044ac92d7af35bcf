"""The app on a real database, and owners who are signed in."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from balas.db.bootstrap import RoleUrls
from balas.db.database import Database
from balas.tenant import LoginId, TenantId, UserId
from functions.api import tokens
from functions.api.app import create_app
from functions.api.settings import Settings
from functions.api.tokens import SignedIn
from tests import model_server
from tests.api import mailbox
from tests.api import owner as owners
from tests.api.mailbox import Mailbox
from tests.api.owner import Owner
from tests.model_server import ModelServer

TOKEN_KEY = "k" * 32


@pytest.fixture(scope="session", autouse=True)
def ses() -> Iterator[Mailbox]:
    """Where every mail goes."""
    with pytest.MonkeyPatch.context() as patch, mailbox.open_mailbox() as opened:
        for name, value in opened.environment.items():
            patch.setenv(name, value)
        yield opened


@pytest.fixture
def mails(ses: Mailbox) -> Iterator[Mailbox]:
    """The mails of one test."""
    ses.empty()
    yield ses
    ses.refuses = False


@pytest.fixture
def model() -> Iterator[ModelServer]:
    """The model behind the wire, when it is asked at all."""
    with model_server.start() as server:
        yield server


@pytest.fixture
def settings(urls: RoleUrls, model: ModelServer) -> Settings:
    return Settings(
        database_url=SecretStr(urls.app),
        token_key=SecretStr(TOKEN_KEY),
        public_origin="http://127.0.0.1:8000",
        mail_sender="balas@toko.example",
        openai_base_url=model.url,
        openai_model="offline",
        openai_api_key=SecretStr("kunci"),
        link_wait_s=0,
        logout_wait_s=0,
    )


@pytest.fixture
def client(settings: Settings, app_db: Database) -> TestClient:
    """A stranger on the internet, without a cookie jar's help across origins."""
    return TestClient(
        create_app(settings, app_db), base_url="http://127.0.0.1:8000", client=("203.0.113.9", 50000)
    )


@pytest.fixture(scope="session")
def nowhere() -> Iterator[Database]:
    """A database that nobody reaches: nothing listens on its port."""
    database = Database("postgresql://nobody@127.0.0.1:1/nothing")
    yield database
    database.close()


@pytest.fixture(scope="session")
def refused(nowhere: Database) -> Owner:
    """An owner whose database is out of reach: what is refused here was refused before it was asked."""
    settings = Settings(
        database_url=SecretStr("-"),
        token_key=SecretStr(TOKEN_KEY),
        public_origin="http://127.0.0.1:8000",
        mail_sender="balas@toko.example",
        openai_base_url="http://127.0.0.1:1/v1",
        openai_model="offline",
        openai_api_key=SecretStr("kunci"),
    )
    who = SignedIn(TenantId(uuid4()), UserId(uuid4()), LoginId(uuid4()))
    token = tokens.sign_access(who, TOKEN_KEY, tokens.now())
    return Owner(TestClient(create_app(settings, nowhere)), nowhere, "", token, who.tenant_id)


@pytest.fixture
def owner(client: TestClient, app_db: Database) -> Owner:
    return owners.register(client, app_db)


@pytest.fixture
def stranger(client: TestClient, app_db: Database) -> Owner:
    """The owner of another shop."""
    return owners.register(client, app_db)
