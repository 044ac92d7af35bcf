"""The access token of a sign-in: short-lived and signed. It is renewed with an opaque one."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import jwt

from balas.tenant import LoginId, TenantId, UserId
from functions.api.opaque_token import sign_in_again

ACCESS_LIFETIME = timedelta(minutes=15)
ALGORITHM = "HS256"
ISSUER = "balas"


@dataclass(frozen=True)
class SignedIn:
    """Whose request it is, and the sign-in that it comes from."""

    tenant_id: TenantId
    user_id: UserId
    login_id: LoginId


def sign_access(who: SignedIn, key: str, now: datetime) -> str:
    """A token that says who is signed in, good for `ACCESS_LIFETIME`."""
    claims = {
        "iss": ISSUER,
        "sub": str(who.user_id),
        "tenant_id": str(who.tenant_id),
        "sid": str(who.login_id),
        "iat": now,
        "exp": now + ACCESS_LIFETIME,
    }
    return jwt.encode(claims, key, ALGORITHM)


def read_access(token: str, key: str) -> SignedIn:
    """Who a token says is signed in; Unauthenticated when it is forged, too old or not ours."""
    try:
        claims = jwt.decode(
            token, key, [ALGORITHM], issuer=ISSUER, options={"require": ["exp", "sub", "tenant_id", "sid"]}
        )
        return SignedIn(
            TenantId(UUID(claims["tenant_id"])), UserId(UUID(claims["sub"])), LoginId(UUID(claims["sid"]))
        )
    except (jwt.InvalidTokenError, ValueError, TypeError, AttributeError):
        raise sign_in_again() from None


def now() -> datetime:
    return datetime.now(UTC)
