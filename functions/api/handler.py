"""The Lambda function: API Gateway's events, answered by the app."""

import os

from aws_lambda_powertools import Logger
from mangum import Mangum
from mangum.types import LambdaContext, LambdaEvent

from balas.aws import secrets
from balas.db.database import Database
from functions.api import settings
from functions.api.app import create_app

logger = Logger()
_settings = settings.read(os.environ, secrets.load)
_database = Database(_settings.database_url.get_secret_value())
_mangum = Mangum(create_app(_settings, _database), lifespan="off")


@logger.inject_lambda_context
def handle(event: LambdaEvent, context: LambdaContext) -> dict[str, object]:
    """One request in, one response out."""
    return _mangum(event, context)
