"""Schemathesis against the API, signed in: every check, every operation, a fixed seed.

`python -m tests.fuzz [--seed N] [--examples N]` starts a Postgres, a mailbox and the app of its own,
and exits with Schemathesis's verdict. What it sends is the same for the same seed.
"""

import argparse
import os
import secrets
import subprocess
import sys
import tempfile
import threading
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import SecretStr

from balas.db import bootstrap, migrate
from balas.db.bootstrap import RoleUrls
from balas.db.database import Database
from functions.api.app import create_app
from functions.api.settings import Settings
from local import port, postgres
from tests.api import mailbox
from tests.api import owner as owners
from tests.api.owner import Owner

ROOT = Path(__file__).parents[2]
LOOPBACK = ("127.0.0.1", 50000)


def main() -> int:
    arguments = _arguments()
    with ExitStack() as stack:
        urls = stack.enter_context(_database())
        mails = stack.enter_context(mailbox.open_mailbox())
        os.environ.update(mails.environment)
        app = create_app(_settings(urls), Database(urls.app, max_connections=8))
        owner = _owner_of_a_shop(app)
        url = stack.enter_context(_served(app))
        verdict = _fuzz(url, owner, arguments)
        if owner.get("me").status_code != 200:
            sys.exit("the session ended during the run: what came after it was refused unread")
    return verdict


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seed", type=int, default=20261122)
    parser.add_argument("--examples", type=int, default=200, help="cases per operation")
    return parser.parse_args()


@contextmanager
def _database() -> Generator[RoleUrls]:
    with tempfile.TemporaryDirectory() as folder:
        server = postgres.start(Path(folder) / "data", durable=False)
        passwords = {role: secrets.token_hex(16) for role in bootstrap.ROLES}
        urls = bootstrap.prepare(server.admin_url, "balas_fuzz", passwords)
        migrate.migrate(urls.owner)
        yield urls
        server.stop()


def _settings(urls: RoleUrls) -> Settings:
    return Settings(
        database_url=SecretStr(urls.app),
        token_key=SecretStr(secrets.token_hex(32)),
        public_origin="http://127.0.0.1:8000",
        mail_sender="balas@toko.example",
        openai_base_url="http://127.0.0.1:1/v1",
        openai_model="offline",
        openai_api_key=SecretStr("kunci"),
        link_wait_s=0,
        logout_wait_s=0,
    )


def _owner_of_a_shop(app: FastAPI) -> Owner:
    """Signed in, with something of each kind for an operation to find."""
    owner = owners.register(TestClient(app, client=LOOPBACK), app.state.database)
    owner.hears(owner.link_whatsapp(), "Halo, ada nasi goreng?")
    owner.post("products", {"name": "Nasi Goreng", "price": 18000})
    owner.post("faqs", {"question": "Ada parkir?", "answer": "Ada."})
    return owner


@contextmanager
def _served(app: FastAPI) -> Generator[str]:
    free = port.find_free()
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=free, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    yield f"http://127.0.0.1:{free}"
    server.should_exit = True
    thread.join()


def _fuzz(url: str, owner: Owner, arguments: argparse.Namespace) -> int:
    """No check is off, and no operation left out."""
    program = Path(sys.executable).with_name("schemathesis")
    command = [
        str(program), "run", f"{url}/api/v1/openapi.json", "--header", f"Authorization: Bearer {owner.token}",
        "--checks", "all", "--max-examples", str(arguments.examples), "--seed", str(arguments.seed),
        "--generation-database", "none", "--continue-on-failure",
    ]  # fmt: skip
    hooks = {"SCHEMATHESIS_HOOKS": "tests.fuzz.tables", "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, check=False, cwd=ROOT, env=os.environ | hooks).returncode


if __name__ == "__main__":
    sys.exit(main())
