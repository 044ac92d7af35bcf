"""Shops for tests, written straight to the tables: a tenant with its session, and a linked WhatsApp."""

import json
from dataclasses import dataclass
from uuid import UUID, uuid4

from balas.db.database import Database
from balas.tenant import TenantId

STORE = """
with t as (insert into tenants (tenant_id, name) values (%(tenant_id)s, 'Warung Uji')),
     c as (insert into ai_configs (tenant_id, profile) values (%(tenant_id)s, %(profile)s::jsonb)),
     s as (
        insert into whatsapp_sessions (tenant_id, id, wanted, state, jid, lid, phone)
        values (%(tenant_id)s, %(session_id)s, 'on', 'connected', %(lid)s || ':1@lid', %(lid)s, %(phone)s)
     )
insert into session_leases (tenant_id, session_id) values (%(tenant_id)s, %(session_id)s)
"""


@dataclass(frozen=True)
class TestShop:
    __test__ = False

    tenant_id: TenantId
    session_id: UUID
    lid: str


def make(db: Database, **profile: object) -> TestShop:
    """A shop with WhatsApp linked; `profile` overrides fields of its ai-config."""
    shop = TestShop(TenantId(uuid4()), uuid4(), str(uuid4().int)[:15])
    document = {"business_name": "Warung Uji", "audience": "everyone", "pause_s": 0, **profile}
    with db.tenant_tx(shop.tenant_id) as tx:
        row = {"session_id": shop.session_id, "lid": shop.lid, "phone": "6281100000001"}
        tx.run(STORE, profile=json.dumps(document), **row)
    return shop
