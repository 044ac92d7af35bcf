"""The two tokens of a sign-in: a short-lived signed one, and an opaque one that is traded for the next."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self
from uuid import UUID

import jwt

from balas.errors import Unauthenticated
from balas.tenant import TenantId, UserId

ACCESS_LIFETIME = timedelta(minutes=15)
ALGORITHM = "HS256"
ISSUER = "balas"


@dataclass(frozen=True)
class SignedIn:
    """Whose request it is."""

    tenant_id: TenantId
    user_id: UserId


@dataclass(frozen=True)
class RefreshToken:
    """`<tenant_id>.<secret>`: the tenant can be entered before the secret is looked up."""

    tenant_id: TenantId
    secret: str

    @classmethod
    def new(cls, tenant_id: TenantId) -> Self:
        return cls(tenant_id, secrets.token_urlsafe(32))

    @classmethod
    def read(cls, text: str) -> Self:
        tenant_id, _, secret = text.partition(".")
        try:
            return cls(TenantId(UUID(tenant_id)), secret)
        except ValueError:
            raise sign_in_again() from None

    @property
    def hash(self) -> bytes:
        return hashlib.sha256(self.secret.encode()).digest()

    def __str__(self) -> str:
        return f"{self.tenant_id}.{self.secret}"


def sign_access(who: SignedIn, key: str, now: datetime) -> str:
    """A token that says who is signed in, good for `ACCESS_LIFETIME`."""
    claims = {
        "iss": ISSUER,
        "sub": str(who.user_id),
        "tenant_id": str(who.tenant_id),
        "iat": now,
        "exp": now + ACCESS_LIFETIME,
    }
    return jwt.encode(claims, key, ALGORITHM)


def read_access(token: str, key: str) -> SignedIn:
    """Who a token says is signed in; Unauthenticated when it is forged, too old or not ours."""
    try:
        claims = jwt.decode(
            token, key, [ALGORITHM], issuer=ISSUER, options={"require": ["exp", "sub", "tenant_id"]}
        )
        return SignedIn(TenantId(UUID(claims["tenant_id"])), UserId(UUID(claims["sub"])))
    except (jwt.InvalidTokenError, ValueError, TypeError, AttributeError):
        raise sign_in_again() from None


def sign_in_again() -> Unauthenticated:
    return Unauthenticated("Silakan masuk lagi.")


def now() -> datetime:
    return datetime.now(UTC)
