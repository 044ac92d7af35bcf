"""Signing up, in and out."""

from datetime import timedelta
from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Depends, Header, Request, Response
from fastapi.security import APIKeyCookie
from pydantic import BaseModel

from balas.db import logins, rate_limits, tenants, users
from balas.db.rate_limits import Limit
from balas.errors import Forbidden, Unauthenticated
from balas.tenant import TenantId, UserId
from functions.api import fields, limits, opaque_token, passwords, tokens
from functions.api.deps import Config, Db
from functions.api.opaque_token import OpaqueToken
from functions.api.settings import Settings
from functions.api.tokens import SignedIn

COOKIE = "balas_refresh"
COOKIE_PATH = "/api/v1/auth"

LOGINS = Limit("login", 5, timedelta(minutes=15))
REGISTERS = Limit("register", 20, timedelta(hours=1))
# Behind the local cloud every caller has this address; on AWS none has.
LOCAL_REGISTERS = Limit("register", 1000, timedelta(hours=1))
LOOPBACK = ("127.0.0.1", "::1")

RefreshCookie = Annotated[
    str | None, Depends(APIKeyCookie(name=COOKIE, scheme_name="refresh_cookie", auto_error=False))
]


class Registration(BaseModel):
    business_name: fields.Name
    name: fields.Name
    email: fields.Email
    password: fields.Password


class Credentials(BaseModel):
    """A wrong password is not refused for its length, which would tell it apart from other wrong ones."""

    email: fields.Email
    password: fields.AnyPassword


class Access(BaseModel):
    """`expires_in` in seconds."""

    access_token: str
    expires_in: int


def _from_our_pages(
    settings: Config, origin: Annotated[str | None, Header(include_in_schema=False)] = None
) -> None:
    """Refuses what another site's page sent: these operations act on a cookie alone."""
    if origin is not None and _site(origin) != _site(settings.public_origin):
        raise Forbidden("Permintaan ini datang dari situs lain.")


router = APIRouter(prefix="/auth", tags=["auth"])


@router.post("/register", status_code=201)
def register(body: Registration, request: Request, response: Response, settings: Config, db: Db) -> Access:
    """Makes a shop and its first user, and signs in."""
    address = request.client.host if request.client else ""
    limits.enforce(db, LOCAL_REGISTERS if address in LOOPBACK else REGISTERS, address)
    password_hash = passwords.hash_of(body.password)
    token = OpaqueToken.new(TenantId(uuid4()))
    with db.tenant_tx(token.tenant_id) as tx:
        tenants.create(tx, body.business_name)
        user_id = users.create(tx, email=body.email, name=body.name, password_hash=password_hash)
        logins.start(tx, user_id, token.hash)
    return _sign_in(response, settings, token, user_id)


@router.post("/login")
def login(body: Credentials, response: Response, settings: Config, db: Db) -> Access:
    """Signs in."""
    limits.enforce(db, LOGINS, body.email)
    with db.routing_tx() as tx:
        found = users.find_login(tx, body.email)
    if not passwords.is_right(body.password, found and found.password_hash) or found is None:
        raise Unauthenticated("E-mail atau kata sandi salah.")
    token = OpaqueToken.new(found.tenant_id)
    with db.tenant_tx(found.tenant_id) as tx:
        logins.start(tx, found.user_id, token.hash)
        rate_limits.reset(tx, LOGINS, body.email)
    return _sign_in(response, settings, token, found.user_id)


@router.post("/refresh", dependencies=[Depends(_from_our_pages)])
def refresh(response: Response, settings: Config, db: Db, cookie: RefreshCookie) -> Access:
    """Trades the refresh cookie for a new access token and the next cookie."""
    token = OpaqueToken.read(cookie or "")
    child = OpaqueToken.new(token.tenant_id)
    with db.tenant_tx(token.tenant_id) as tx:
        user_id = logins.rotate(tx, token.hash, child.hash)
    if user_id is None:
        raise opaque_token.sign_in_again()
    return _sign_in(response, settings, child, user_id)


@router.post("/logout", status_code=204, dependencies=[Depends(_from_our_pages)])
def logout(response: Response, settings: Config, db: Db, cookie: RefreshCookie) -> None:
    """Ends the sign-in of the refresh cookie, in every tab."""
    token = OpaqueToken.read(cookie or "")
    with db.tenant_tx(token.tenant_id) as tx:
        logins.end_family(tx, token.hash)
    response.delete_cookie(
        COOKIE, path=COOKIE_PATH, secure=settings.is_https, httponly=True, samesite="strict"
    )


def _sign_in(response: Response, settings: Settings, refresh: OpaqueToken, user_id: UserId) -> Access:
    response.set_cookie(
        COOKIE,
        str(refresh),
        max_age=int(logins.LIFETIME.total_seconds()),
        path=COOKIE_PATH,
        secure=settings.is_https,
        httponly=True,
        samesite="strict",
    )
    who = SignedIn(refresh.tenant_id, user_id)
    token = tokens.sign_access(who, settings.token_key.get_secret_value(), tokens.now())
    return Access(access_token=token, expires_in=int(tokens.ACCESS_LIFETIME.total_seconds()))


def _site(origin: str) -> str:
    """The origin, with both names of this machine written alike."""
    return origin.lower().replace("//localhost", "//127.0.0.1")
