"""Shops for tests, written straight to the tables: a tenant with its session, and a linked WhatsApp."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID, uuid4

from balas.db.database import Database, Tx
from balas.tenant import TenantId

STORE = """
with t as (insert into tenants (tenant_id, name) values (%(tenant_id)s, 'Warung Uji')),
     c as (insert into ai_configs (tenant_id, profile) values (%(tenant_id)s, %(profile)s::jsonb)),
     s as (
        insert into whatsapp_sessions (tenant_id, id, wanted, state, jid, lid, phone)
        values (%(tenant_id)s, %(session_id)s, 'on', 'connected', %(jid)s, %(lid)s, %(phone)s)
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
        phone = f"62811{shop.lid[:8]}"
        jid = f"{phone}:1@s.whatsapp.net"
        row = {"session_id": shop.session_id, "lid": shop.lid, "phone": phone, "jid": jid}
        tx.run(STORE, profile=json.dumps(document), **row)
    return shop


RECEIVE = """
select app.store_inbound(
    %(session_id)s, %(lid)s, %(phone)s, %(push_name)s, false, %(sender_lid)s, %(wa_message_id)s, %(author)s,
    %(kind)s, %(text)s, null, %(sent_at)s, %(is_live)s
)
"""


def receive(
    tx: Tx, shop: TestShop, text: str = "halo", *, lid: str = "77001", wa_message_id: str = "WA1",
    author: str = "contact", kind: str = "text", phone: str | None = "6281200000001", is_live: bool = True,
    push_name: str = "Pelanggan", sent_at: datetime | None = None,
) -> UUID | None:  # fmt: skip
    """What a shard does with one message of the customer `lid`; None when it was stored before."""
    return tx.scalar(
        UUID, RECEIVE, session_id=shop.session_id, lid=lid, phone=phone, push_name=push_name, is_live=is_live,
        sender_lid=lid if author == "contact" else shop.lid, wa_message_id=wa_message_id,
        author=author, kind=kind, text=text, sent_at=sent_at or datetime.now(UTC),
    )  # fmt: skip
