"""A shop on the deployed AppStack: its owner at the API, its customers at the fleet's end of the database."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import httpx

from balas.aws.job_queue import Job, JobQueue
from balas.conversation import ConversationId, MessageId
from balas.db.bootstrap import RoleUrls
from balas.db.database import Database
from balas.db.notifications import Listener
from balas.tenant import TenantId
from session_fleet.publisher import Publisher
from tests import shops
from tests.api.owner import CONVERSATION_OF, LINK, PASSWORD
from tests.cloud.app_stack import AppStack
from tests.shops import TestShop

PROFILE = {"business_name": "Warung Uji", "audience": "everyone", "pause_s": 0}


@dataclass(frozen=True)
class Shop:
    """`api` is signed in as the owner; `linked` is the shop with its WhatsApp."""

    api: httpx.Client
    fleet: Database
    linked: TestShop
    publisher: Publisher

    @property
    def tenant_id(self) -> TenantId:
        return self.linked.tenant_id

    def hears(self, text: str, customer: str = "77001") -> Job:
        """What a shard stores when a customer writes; not queued yet."""
        with self.fleet.tenant_tx(self.tenant_id) as tx:
            message = shops.receive(
                tx, self.linked, text, lid=customer, phone=None, wa_message_id=uuid4().hex
            )
            chat = tx.scalar(UUID, CONVERSATION_OF, id=message)
        assert message
        assert chat
        return Job(self.tenant_id, ConversationId(chat), MessageId(message))

    def publish(self) -> None:
        """What the supervisor does all the time."""
        self.publisher.publish()

    def replies(self, job: Job) -> list[dict[str, Any]]:
        """The outgoing messages of the job's chat, as the owner sees them."""
        answer = self.api.get(f"/api/v1/conversations/{job.conversation_id}/messages")
        assert answer.status_code == 200, answer.text
        return [message for message in answer.json()["items"] if message["direction"] == "out"]


@contextmanager
def opened(stack: AppStack, fleet: Database, urls: RoleUrls) -> Generator[Shop]:
    """A new owner signs up, says how the agent is to behave, and links a phone."""
    with stack.open_api() as api:
        tenant_id = _sign_up(api)
        assert api.put("/api/v1/ai-config", json=PROFILE).status_code == 200
        lid = str(uuid4().int)[:15]
        with fleet.tenant_tx(tenant_id) as tx:
            session_id = tx.scalar(UUID, LINK, lid=lid)
        assert session_id
        queue = JobQueue(stack.outputs["InboundQueueUrl"])
        publisher = Publisher(fleet, Listener(urls.fleet, []), queue)
        yield Shop(api, fleet, TestShop(tenant_id, session_id, lid), publisher)


def _sign_up(api: httpx.Client) -> TenantId:
    owner = {"business_name": "Warung Uji", "name": "Pemilik", "email": f"{uuid4().hex}@toko.example"}
    answer = api.post("/api/v1/auth/register", json={**owner, "password": PASSWORD})
    assert answer.status_code == 201, answer.text
    api.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
    return TenantId(UUID(api.get("/api/v1/me").json()["tenant"]["id"]))
