"""An owner in front of the dashboard: signed in, with a shop and, when asked, a linked WhatsApp."""

import json
from dataclasses import dataclass
from typing import cast
from uuid import UUID, uuid4

from fastapi.testclient import TestClient
from httpx2 import Response

from balas.db.database import Database
from balas.tenant import TenantId
from tests import shops
from tests.shops import TestShop

PASSWORD = "kata-sandi-uji"

LINK = """
update whatsapp_sessions
set wanted = 'on', state = 'connected', jid = %(lid)s || ':1@lid', lid = %(lid)s, phone = '6281100000001'
where tenant_id = %(tenant_id)s
returning id
"""

ORDER = """
insert into orders (tenant_id, conversation_id, status, lines, total, confirmed_at)
values (%(tenant_id)s, %(chat)s, %(status)s, %(lines)s::jsonb, 18000, now())
returning id
"""

DRAFT = """
insert into messages (tenant_id, session_id, conversation_id, direction, author, text, status)
select tenant_id, session_id, id, 'out', 'ai', %(text)s, 'draft'
from conversations where tenant_id = %(tenant_id)s and id = %(chat)s
returning id
"""

CONVERSATION_OF = "select conversation_id from messages where tenant_id = %(tenant_id)s and id = %(id)s"


@dataclass(frozen=True)
class Owner:
    client: TestClient
    db: Database
    email: str
    token: str
    tenant_id: TenantId

    def get(self, path: str, **query: str) -> Response:
        return self.call("GET", path, params=query)

    def post(self, path: str, body: object = None) -> Response:
        return self.call("POST", path, json=body)

    def put(self, path: str, body: object) -> Response:
        return self.call("PUT", path, json=body)

    def call(self, method: str, path: str, **request: object) -> Response:
        headers = {"Authorization": f"Bearer {self.token}"}
        return self.client.request(method, f"/api/v1/{path}", headers=headers, **request)  # pyright: ignore[reportArgumentType] - params or json

    def link_whatsapp(self) -> TestShop:
        """What the fleet writes when the owner has scanned the QR."""
        lid = str(uuid4().int)[:15]
        with self.db.tenant_tx(self.tenant_id) as tx:
            session_id = tx.scalar(UUID, LINK, lid=lid)
        assert session_id
        return TestShop(self.tenant_id, session_id, lid)

    def hears(self, shop: TestShop, text: str, **message: object) -> UUID:
        """What a shard stores when a customer writes; the conversation's id."""
        with self.db.tenant_tx(self.tenant_id) as tx:
            message_id = shops.receive(tx, shop, text, **{"wa_message_id": uuid4().hex, **message})  # pyright: ignore[reportArgumentType] - its keywords
            conversation_id = tx.scalar(UUID, CONVERSATION_OF, id=message_id)
        assert conversation_id
        return conversation_id

    def has_order(self, chat: UUID, status: str = "confirmed") -> UUID:
        """What the agent stores of a customer's order."""
        lines = [{"sku": "NASGOR", "name": "Nasi Goreng", "qty": 1, "unit_price": 18000, "note": ""}]
        with self.db.tenant_tx(self.tenant_id) as tx:
            order_id = tx.scalar(UUID, ORDER, chat=chat, status=status, lines=json.dumps(lines))
        assert order_id
        return order_id

    def has_draft(self, chat: UUID, text: str = "Siap kak") -> UUID:
        """What the agent proposes in a shop whose owner sends himself."""
        with self.db.tenant_tx(self.tenant_id) as tx:
            message_id = tx.scalar(UUID, DRAFT, chat=chat, text=text)
        assert message_id
        return message_id


def register(client: TestClient, db: Database, email: str | None = None) -> Owner:
    """A shop of its own, made through the API."""
    email = email or f"{uuid4().hex}@toko.example"
    body = {"business_name": "Warung Uji", "name": "Pemilik", "email": email, "password": PASSWORD}
    answer = client.post("/api/v1/auth/register", json=body)
    assert answer.status_code == 201, answer.text
    tenant_id, _, _ = refresh_cookie(answer).partition(".")
    token = cast("dict[str, str]", answer.json())["access_token"]
    return Owner(client, db, email, token, TenantId(UUID(tenant_id)))


def refresh_cookie(answer: Response) -> str:
    """The refresh token that an answer sets."""
    return answer.cookies["balas_refresh"]


def code_of(answer: Response) -> str:
    """The code of a problem."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return cast("dict[str, str]", answer.json())["code"]


def pointers(answer: Response) -> list[str]:
    """Where a refused payload is wrong."""
    assert (answer.status_code, code_of(answer)) == (422, "invalid_input"), answer.text
    return [fault["pointer"] for fault in cast("dict[str, list[dict[str, str]]]", answer.json())["errors"]]
