"""Who is signed in."""

from fastapi import APIRouter
from pydantic import BaseModel

from balas.db import users
from balas.tenant import TenantId, UserId
from functions.api import opaque_token
from functions.api.deps import Config, Db, Me

router = APIRouter(tags=["me"])


class Tenant(BaseModel):
    id: TenantId
    name: str


class Ai(BaseModel):
    """`offline` is true when no model answers but the demo's answer engine."""

    model: str
    offline: bool


class Profile(BaseModel):
    id: UserId
    name: str
    email: str
    email_verified: bool
    tenant: Tenant
    ai: Ai


@router.get("/me")
def me(who: Me, settings: Config, db: Db) -> Profile:
    """The user, the shop, and the model that answers its customers."""
    with db.tenant_tx(who.tenant_id) as tx:
        user = users.read(tx, who.user_id)
    if user is None:
        raise opaque_token.sign_in_again()
    return Profile(
        id=user.id,
        name=user.name,
        email=user.email,
        email_verified=user.email_verified,
        tenant=Tenant(id=user.tenant_id, name=user.tenant_name),
        ai=Ai(model=settings.openai_model, offline=settings.is_offline),
    )
