"""A password that was forgotten, or is to be another."""

from datetime import timedelta
from uuid import uuid4

from fastapi import APIRouter, Request
from pydantic import BaseModel

from balas import mail_texts
from balas.db import account_tokens, audit_log, logins, rate_limits, users
from balas.db.audit_log import Subject
from balas.db.database import Tx
from balas.db.rate_limits import Limit
from balas.db.users import Credentials
from balas.errors import Conflict
from balas.tenant import LoginId, TenantId, UserId
from functions.api import confirmation, fields, limits, mail_link, mailer, passwords
from functions.api.deps import Config, Db, Me
from functions.api.mailer import Accepted
from functions.api.opaque_token import OpaqueToken
from functions.api.routes.auth import LOGINS

FORGETS = Limit("forgot", 5, timedelta(hours=1))
FORGETS_PER_ADDRESS = Limit("forgot-address", 20, timedelta(hours=1))
RESETS_PER_ADDRESS = Limit("reset-address", 20, timedelta(hours=1))

router = APIRouter(tags=["account"])


class Forgotten(BaseModel):
    email: fields.Email


class Reset(BaseModel):
    """`token` is what follows `#reset=` in the link."""

    token: mail_link.Token
    password: fields.Password


class PasswordChange(BaseModel):
    current: fields.AnyPassword
    new: fields.Password


@router.post("/auth/forgot", status_code=202)
def forgot_password(body: Forgotten, request: Request, settings: Config, db: Db) -> Accepted:
    """Mails a link with which a new password can be set, once, within 60 minutes.

    The answer, and the work before it, is the same for an address that nobody has.
    """
    limits.enforce_per_address(db, FORGETS_PER_ADDRESS, request)
    limits.enforce(db, FORGETS, body.email)
    with db.routing_tx() as tx:
        found = users.find_login(tx, body.email)
    token = OpaqueToken.new(found.tenant_id if found else TenantId(uuid4()))
    with db.tenant_tx(token.tenant_id) as tx:
        user_id = found.user_id if found else UserId(uuid4())
        account_tokens.issue(tx, user_id, "reset", token.hash)
        audit_log.record_stranger(tx, "password_reset_asked", user_id)
    letter = mail_texts.reset(settings.public_origin, str(token))
    mailer.send(settings, body.email if found else None, letter)
    return Accepted(message="Kalau e-mail ini terdaftar, tautan untuk membuat kata sandi baru sudah dikirim.")


@router.post("/auth/reset", status_code=204)
def reset_password(body: Reset, request: Request, settings: Config, db: Db) -> None:
    """Sets a new password and ends every sign-in of the user."""
    limits.enforce_per_address(db, RESETS_PER_ADDRESS, request)
    token = mail_link.read(body.token)
    password_hash = passwords.hash_of(body.password)
    with db.tenant_tx(token.tenant_id) as tx:
        proof = account_tokens.redeem(tx, token.hash, "reset")
        user = users.lock(tx, proof.user_id) if proof else None
        if proof is None or user is None:
            raise mail_link.useless()
        users.verify_email(tx, proof.user_id, user.email)
        _change(tx, proof.user_id, password_hash)
        rate_limits.reset(tx, LOGINS, user.email)
        audit_log.record(tx, None, "password_reset", Subject("user", proof.user_id))
    mailer.send(settings, user.email, mail_texts.password_changed(settings.public_origin))


@router.post("/me/password", status_code=204)
def change_password(body: PasswordChange, who: Me, settings: Config, db: Db) -> None:
    """Changes the password, and ends the user's other sign-ins."""
    confirmed = confirmation.confirm(db, who, body.current)
    password_hash = passwords.hash_of(body.new)
    with db.tenant_tx(who.tenant_id) as tx:
        _refuse_overtaken(confirmed, users.lock(tx, who.user_id))
        _change(tx, who.user_id, password_hash, kept=who.login_id)
        audit_log.record(tx, who.user_id, "password_changed", Subject("user", who.user_id))
    mailer.send(settings, confirmed.email, mail_texts.password_changed(settings.public_origin))


def _change(tx: Tx, user_id: UserId, password_hash: str, *, kept: LoginId | None = None) -> None:
    """Whatever could let somebody in under the old password ends with it."""
    users.set_password(tx, user_id, password_hash)
    account_tokens.end(tx, user_id, "reset", "change_email")
    logins.revoke_all(tx, user_id, kept=kept)


def _refuse_overtaken(confirmed: Credentials, present: Credentials | None) -> None:
    if present != confirmed:
        raise Conflict("Kata sandi atau e-mail Anda baru saja berubah. Muat ulang, lalu coba lagi.")
