"""What a route asks for by the type of its arguments."""

from typing import Annotated, cast

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from balas.db.database import Database
from functions.api import opaque_token, tokens
from functions.api.settings import Settings
from functions.api.tokens import SignedIn

BEARER = HTTPBearer(
    auto_error=False, scheme_name="access_token", description="The `access_token` of a sign-in."
)


def _settings(request: Request) -> Settings:
    return cast(Settings, request.app.state.settings)


def _database(request: Request) -> Database:
    return cast(Database, request.app.state.database)


Config = Annotated[Settings, Depends(_settings)]
Db = Annotated[Database, Depends(_database)]


def _signed_in(
    settings: Config, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(BEARER)]
) -> SignedIn:
    if credentials is None:
        raise opaque_token.sign_in_again()
    return tokens.read_access(credentials.credentials, settings.token_key.get_secret_value())


Me = Annotated[SignedIn, Depends(_signed_in)]
