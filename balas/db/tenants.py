"""A new shop: its row, its agent's profile, and its link to WhatsApp, not yet connected."""

from uuid import uuid4

from balas.db import ai_configs
from balas.db.database import Tx
from balas.errors import Forbidden
from balas.tenant import ShopProfile

CREATE = """
with shop as (
    insert into tenants (tenant_id, name) values (%(tenant_id)s, %(name)s)
), config as (
    insert into ai_configs (tenant_id, profile) values (%(tenant_id)s, %(profile)s::jsonb)
), session as (
    insert into whatsapp_sessions (tenant_id, id) values (%(tenant_id)s, %(session_id)s)
)
insert into session_leases (tenant_id, session_id) values (%(tenant_id)s, %(session_id)s)
"""

IS_SUSPENDED = "select suspended_at is not null from tenants where tenant_id = %(tenant_id)s"


def refuse_suspended(tx: Tx) -> None:
    """Raises Forbidden when the operator has stopped the shop that `tx` entered."""
    if tx.scalar(bool, IS_SUSPENDED):
        raise Forbidden("Toko ini sedang ditangguhkan. Hubungi pengelola Balas.")


def create(tx: Tx, name: str) -> None:
    """Makes the tenant that `tx` has entered, with the default profile."""
    profile = ai_configs.dump(ShopProfile(business_name=name))
    tx.run(CREATE, name=name, profile=profile, session_id=uuid4())
