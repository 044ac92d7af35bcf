"""The Lambda function of the WebSocket API: its authorizer and its routes $connect and $disconnect."""

import os

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from balas.aws import secrets
from balas.db.database import Database
from balas.errors import Misconfigured
from functions.api.socket import gate

logger = Logger()


def _database() -> Database:
    name = os.environ.get("SECRETS_NAME")
    url = secrets.load(name).get("database_url") if name else os.environ.get("DATABASE_URL")
    if not url:
        raise Misconfigured("set database_url in the secret SECRETS_NAME, or DATABASE_URL: role balas_app")
    return Database(url)


_db = _database()


@logger.inject_lambda_context
def handle(event: dict[str, object], _context: LambdaContext) -> dict[str, object]:
    """An IAM policy for a ticket, or the answer to a connection that opens or ends."""
    if event.get("type") == "REQUEST":
        return gate.authorize(event, _db)
    return gate.note(event, _db)
