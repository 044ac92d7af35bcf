"""The address that a user signs in with: shown to be his, or exchanged for another."""

from datetime import timedelta

from fastapi import APIRouter, Request
from pydantic import BaseModel

from balas import mail_texts
from balas.db import account_tokens, audit_log, users
from balas.db.account_tokens import Proof
from balas.db.audit_log import Subject
from balas.db.database import Tx
from balas.db.rate_limits import Limit
from functions.api import confirmation, fields, limits, mail_link, mailer, opaque_token
from functions.api.deps import Config, Db, Me
from functions.api.mailer import Accepted
from functions.api.opaque_token import OpaqueToken

MAILS = Limit("mail", 5, timedelta(hours=1))
VERIFIES_PER_ADDRESS = Limit("verify-address", 60, timedelta(hours=1))

router = APIRouter(tags=["account"])


class Verification(BaseModel):
    """`token` is what follows `#verify=` in the link."""

    token: mail_link.Token


class EmailChange(BaseModel):
    new_email: fields.Email
    password: fields.AnyPassword


@router.post("/auth/verify", status_code=204)
def verify_email(body: Verification, request: Request, db: Db) -> None:
    """Notes that the link's holder has the address it was mailed to; a change of address takes effect."""
    limits.enforce_per_address(db, VERIFIES_PER_ADDRESS, request)
    token = mail_link.read(body.token)
    with db.tenant_tx(token.tenant_id) as tx:
        proof = account_tokens.redeem(tx, token.hash, "verify", "change_email")
        if proof is None or proof.new_email is None:
            raise mail_link.useless()
        _accept(tx, proof, proof.new_email)


@router.post("/auth/verify/resend", status_code=202)
def resend_verification(who: Me, settings: Config, db: Db) -> Accepted:
    """Mails the link that verifies the address again, unless that is done."""
    limits.enforce(db, MAILS, str(who.user_id))
    token = OpaqueToken.new(who.tenant_id)
    with db.tenant_tx(who.tenant_id) as tx:
        user = users.read(tx, who.user_id)
        if user is None:
            raise opaque_token.sign_in_again()
        if user.email_verified:
            return Accepted(message="E-mail Anda sudah dipastikan.")
        account_tokens.issue(tx, user.id, "verify", token.hash, new_email=user.email)
    mailer.send(settings, user.email, mail_texts.verify(settings.public_origin, str(token)))
    return Accepted(message="Tautan untuk memastikan e-mail sudah dikirim.")


@router.post("/me/email", status_code=202)
def change_email(body: EmailChange, who: Me, settings: Config, db: Db) -> Accepted:
    """Mails a link to the new address, which counts once that is opened, and tells the old one."""
    confirmed = confirmation.confirm(db, who, body.password)
    limits.enforce(db, MAILS, str(who.user_id))
    token = OpaqueToken.new(who.tenant_id)
    with db.tenant_tx(who.tenant_id) as tx:
        account_tokens.end(tx, who.user_id, "change_email")
        account_tokens.issue(tx, who.user_id, "change_email", token.hash, new_email=body.new_email)
        audit_log.record(tx, who.user_id, "email_change_asked", Subject("user", who.user_id))
    mailer.send(settings, body.new_email, mail_texts.change_email(settings.public_origin, str(token)))
    mailer.send(settings, confirmed.email, mail_texts.email_change_asked(settings.public_origin))
    return Accepted(
        message="Buka tautan yang kami kirim ke e-mail baru. Sampai saat itu e-mail lama berlaku."
    )


def _accept(tx: Tx, proof: Proof, email: str) -> None:
    user = Subject("user", proof.user_id)
    if proof.purpose == "verify":
        users.verify_email(tx, proof.user_id, email)
        audit_log.record(tx, None, "email_verified", user)
        return
    users.set_email(tx, proof.user_id, email)
    account_tokens.end(tx, proof.user_id, "reset", "verify", "change_email")  # they went to the old address
    audit_log.record(tx, None, "email_changed", user)
