"""A shop with two products, its customers, and a model behind the real wire."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import LiteralString, TypeVar
from uuid import UUID

from balas import llm
from balas.agent.chat import ChatMessage, Completion
from balas.aws.job_queue import Job
from balas.conversation import ConversationId, MessageId
from balas.cost import Price, Tariff
from balas.db.database import Database
from functions.ai_worker.reply import reply
from tests import shops
from tests.model_server import ModelServer
from tests.shops import TestShop

T = TypeVar("T")
TARIFF = Tariff(Price(1, 0.5, 2), rupiah_per_usd=16_000)

ADD_PRODUCTS = """
insert into products (tenant_id, sku, name, price) values
    (%(tenant_id)s, 'NASGOR', 'Nasi Goreng', 18000), (%(tenant_id)s, 'ESTEH', 'Es Teh', 5000)
"""
REPLIES = """
select m.text, m.status, m.author, o.message_id is not null and o.done_at is null as is_open
from messages as m left join outbox as o on o.tenant_id = m.tenant_id and o.message_id = m.id
where m.tenant_id = %(tenant_id)s and m.direction = 'out' order by m.stored_at, m.id
"""
CHAT = """
select handling, handover_reason, mode, tags, interruptions from conversations where tenant_id = %(tenant_id)s
"""
SET_PROFILE = """
update ai_configs set profile = profile || %(profile)s::jsonb where tenant_id = %(tenant_id)s
"""
CHAT_OF = "select conversation_id from messages where tenant_id = %(tenant_id)s and id = %(id)s"
UNANSWERED = """
select count(*) from messages where tenant_id = %(tenant_id)s and awaits_reply and answered_by is null
"""


@dataclass(frozen=True)
class ReplyRow:
    text: str
    status: str
    author: str
    is_open: bool


@dataclass(frozen=True)
class ChatRow:
    handling: str
    handover_reason: str | None
    mode: str | None
    tags: list[str]
    interruptions: int


@dataclass
class Scene:
    """A shop with two products, one customer, and a model behind the real wire."""

    app: Database
    fleet: Database
    shop: TestShop
    model: ModelServer
    received: int = 0

    def customer_says(self, text: str, **options: object) -> Job:
        self.received += 1
        with self.fleet.tenant_tx(self.shop.tenant_id) as tx:
            message = shops.receive(tx, self.shop, text, wa_message_id=f"WA{self.received}", **options)  # type: ignore[arg-type]
            chat = tx.scalar(UUID, CHAT_OF, id=message)
        assert message is not None
        assert chat is not None
        return Job(self.shop.tenant_id, ConversationId(chat), MessageId(message))

    def work(
        self,
        job: Job,
        *,
        is_last_try: bool = False,
        meanwhile: Callable[[], object] | None = None,
        now: datetime | None = None,
    ) -> str:
        """Runs the flow; `meanwhile` happens while the model thinks."""

        def ask(messages: Sequence[ChatMessage]) -> Completion:
            settings = llm.ModelSettings(self.model.url, "test", "key", TARIFF)
            completion = llm.complete(messages, settings, 10)
            if meanwhile is not None:
                meanwhile()
            return completion

        return reply(job, self.app, ask, now or datetime.now(UTC), is_last_try=is_last_try)

    def sets(self, **profile: object) -> None:
        """What the owner sets in the ai-config."""
        with self.app.tenant_tx(self.shop.tenant_id) as tx:
            tx.run(SET_PROFILE, profile=json.dumps(profile))

    def read(self, of: type[T], sql: LiteralString) -> list[T]:
        with self.app.tenant_tx(self.shop.tenant_id) as tx:
            return tx.scalars(of, sql)

    def run(self, sql: str) -> None:
        with self.app.tenant_tx(self.shop.tenant_id) as tx:
            tx.run(sql)  # type: ignore[arg-type] - a test's own statement

    @property
    def replies(self) -> list[ReplyRow]:
        with self.app.tenant_tx(self.shop.tenant_id) as tx:
            return tx.all(ReplyRow, REPLIES)

    @property
    def chat(self) -> ChatRow:
        with self.app.tenant_tx(self.shop.tenant_id) as tx:
            chat = tx.first(ChatRow, CHAT)
        assert chat is not None
        return chat

    @property
    def unanswered(self) -> int | None:
        with self.app.tenant_tx(self.shop.tenant_id) as tx:
            return tx.scalar(int, UNANSWERED)
