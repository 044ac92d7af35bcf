"""Signing up, in and out."""

from datetime import timedelta
from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Depends, Header, Request, Response
from fastapi.security import APIKeyCookie
from pydantic import BaseModel

from balas import mail_texts
from balas.db import account_tokens, audit_log, logins, rate_limits, tenants, users
from balas.db.audit_log import Subject
from balas.db.database import Database
from balas.db.logins import Login
from balas.db.rate_limits import Limit
from balas.db.users import FoundLogin
from balas.errors import Forbidden, Unauthenticated
from balas.tenant import TenantId, UserId
from functions.api import fields, limits, mailer, opaque_token, passwords, tokens, user_agent
from functions.api.deps import Config, Db
from functions.api.opaque_token import OpaqueToken
from functions.api.settings import Settings
from functions.api.tokens import SignedIn

COOKIE = "balas_refresh"
COOKIE_PATH = "/api/v1/auth"

LOGINS = Limit("login", 5, timedelta(minutes=15))
REGISTERS = Limit("register", 20, timedelta(hours=1))

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
    limits.enforce_per_address(db, REGISTERS, request)
    password_hash = passwords.hash_of(body.password)
    token = OpaqueToken.new(TenantId(uuid4()))
    proof = OpaqueToken.new(token.tenant_id)
    with db.tenant_tx(token.tenant_id) as tx:
        tenants.create(tx, body.business_name)
        user_id = users.create(tx, email=body.email, name=body.name, password_hash=password_hash)
        account_tokens.issue(tx, user_id, "verify", proof.hash, new_email=body.email)
        login_id = logins.start(tx, user_id, token.hash, _agent(request))
        audit_log.record(tx, user_id, "signed_up", Subject("session", login_id))
    mailer.send(settings, body.email, mail_texts.verify(settings.public_origin, str(proof)))
    return _sign_in(response, settings, token, Login(user_id, login_id))


@router.post("/login")
def login(body: Credentials, request: Request, response: Response, settings: Config, db: Db) -> Access:
    """Signs in."""
    limits.enforce(db, LOGINS, body.email)
    with db.routing_tx() as tx:
        found = users.find_login(tx, body.email)
    if not passwords.is_right(body.password, found and found.password_hash) or found is None:
        _note_failure(db, found)
        raise _wrong()
    token = OpaqueToken.new(found.tenant_id)
    with db.tenant_tx(found.tenant_id) as tx:
        present = users.lock(tx, found.user_id)
        if present is None or present.password_hash != found.password_hash:
            raise _wrong()
        tenants.refuse_suspended(tx)
        login_id = logins.start(tx, found.user_id, token.hash, _agent(request))
        audit_log.record(tx, found.user_id, "signed_in", Subject("session", login_id))
        rate_limits.reset(tx, LOGINS, body.email)
    return _sign_in(response, settings, token, Login(found.user_id, login_id))


@router.post("/refresh", dependencies=[Depends(_from_our_pages)])
def refresh(response: Response, settings: Config, db: Db, cookie: RefreshCookie) -> Access:
    """Trades the refresh cookie for a new access token and the next cookie."""
    token = OpaqueToken.read(cookie or "")
    child = OpaqueToken.new(token.tenant_id)
    with db.tenant_tx(token.tenant_id) as tx:
        login = logins.rotate(tx, token.hash, child.hash)
    if login is None:
        raise opaque_token.sign_in_again()
    return _sign_in(response, settings, child, login)


@router.post("/logout", status_code=204, dependencies=[Depends(_from_our_pages)])
def logout(response: Response, settings: Config, db: Db, cookie: RefreshCookie) -> None:
    """Ends the sign-in of the refresh cookie, in every tab."""
    token = OpaqueToken.read(cookie or "")
    with db.tenant_tx(token.tenant_id) as tx:
        login = logins.end_family(tx, token.hash)
        if login is not None:
            audit_log.record(tx, login.user_id, "signed_out", Subject("session", login.login_id))
    response.delete_cookie(
        COOKIE, path=COOKIE_PATH, secure=settings.is_https, httponly=True, samesite="strict"
    )


def _note_failure(db: Database, found: FoundLogin | None) -> None:
    """The same work for an address that nobody has."""
    tenant_id = found.tenant_id if found else TenantId(uuid4())
    user_id = found.user_id if found else UserId(uuid4())
    with db.tenant_tx(tenant_id) as tx:
        audit_log.record_stranger(tx, "sign_in_failed", user_id)


def _wrong() -> Unauthenticated:
    return Unauthenticated("E-mail atau kata sandi salah.")


def _agent(request: Request) -> str:
    return user_agent.family(request.headers.get("user-agent"))


def _sign_in(response: Response, settings: Settings, refresh: OpaqueToken, login: Login) -> Access:
    response.set_cookie(
        COOKIE,
        str(refresh),
        max_age=int(logins.LIFETIME.total_seconds()),
        path=COOKIE_PATH,
        secure=settings.is_https,
        httponly=True,
        samesite="strict",
    )
    who = SignedIn(refresh.tenant_id, login.user_id, login.login_id)
    token = tokens.sign_access(who, settings.token_key.get_secret_value(), tokens.now())
    return Access(access_token=token, expires_in=int(tokens.ACCESS_LIFETIME.total_seconds()))


def _site(origin: str) -> str:
    """The origin, with both names of this machine written alike."""
    return origin.lower().replace("//localhost", "//127.0.0.1")
