"""Tokens that mean nothing by themselves: they are looked up by their hash, within the shop they name."""

import hashlib
import secrets
from dataclasses import dataclass
from typing import Self
from uuid import UUID

from balas.errors import Unauthenticated
from balas.tenant import TenantId


@dataclass(frozen=True)
class OpaqueToken:
    """`<tenant_id>.<secret>`: the tenant can be entered before the secret is looked up."""

    tenant_id: TenantId
    secret: str

    @classmethod
    def new(cls, tenant_id: TenantId) -> Self:
        return cls(tenant_id, secrets.token_urlsafe(32))

    @classmethod
    def read(cls, text: str) -> Self:
        """The token in `text`; Unauthenticated when it is none."""
        tenant_id, _, secret = text.partition(".")
        try:
            return cls(TenantId(UUID(tenant_id)), secret)
        except ValueError:
            raise sign_in_again() from None

    @property
    def hash(self) -> bytes:
        """All that is stored of it."""
        return hashlib.sha256(self.secret.encode()).digest()

    def __str__(self) -> str:
        return f"{self.tenant_id}.{self.secret}"


def sign_in_again() -> Unauthenticated:
    return Unauthenticated("Silakan masuk lagi.")
