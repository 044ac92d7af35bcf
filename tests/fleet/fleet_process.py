"""A running fleet for tests: real neonize on the emulator, a real Postgres, a real SQS wire."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID, uuid4

import boto3
import psycopg
from psycopg.rows import dict_row

from balas.conversation import ConversationId, MessageId
from balas.db import outbox, whatsapp_sessions
from balas.db.bootstrap import RoleUrls
from balas.db.database import Database
from balas.tenant import TenantId
from local import ministack
from tests.fleet.emulator_process import ROOT, Emulator

T = TypeVar("T")
DEADLINE_S = 40

REGISTER = """
with t as (insert into tenants (tenant_id, name) values (%(tenant_id)s, 'Warung Uji')),
     c as (insert into ai_configs (tenant_id, profile) values (%(tenant_id)s, '{"pause_s": 0}')),
     s as (insert into whatsapp_sessions (tenant_id, id) values (%(tenant_id)s, %(session_id)s))
insert into session_leases (tenant_id, session_id) values (%(tenant_id)s, %(session_id)s)
"""


@dataclass(frozen=True)
class Shop:
    tenant_id: TenantId
    session_id: UUID
    phone: str


class Fleet:
    """The supervisor and all that it starts; `start` may be called again after `kill` or `stop`."""

    def __init__(self, emulator: Emulator, urls: RoleUrls, queue: "Queue", log: Path) -> None:
        self.emulator, self.urls, self.queue, self.log = emulator, urls, queue, log
        self.app = Database(urls.app, max_connections=2)
        self.owner = psycopg.connect(urls.owner, autocommit=True)
        self.start()

    def start(self) -> None:
        environment = {
            "FLEET_DATABASE_URL": self.urls.fleet,
            "WHATSMEOW_DATABASE_URL": self.urls.whatsmeow,
            "INBOUND_QUEUE_URL": self.queue.url,
            "PYTHONPATH": str(ROOT),
            **ministack.client_environment(self.queue.endpoint),
            **self.emulator.environment,
        }
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "local.fleet"], cwd=ROOT, env=os.environ | environment, stderr=log
            )

    def stop(self) -> int:
        """SIGTERM; returns the exit status."""
        self._process.terminate()
        return self._process.wait(DEADLINE_S)

    def kill(self) -> None:
        """kill -9 of the supervisor alone."""
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        if self._process.poll() is None:
            self.stop()
        self.app.close()
        self.owner.close()

    def children(self, program: str = "") -> list[int]:
        """The pids of the supervisor's children that run `program` (shard, linking, store)."""
        found = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        pids = [int(pid) for pid in found.read_text().split()] if found.exists() else []
        return [pid for pid in pids if program in _command(pid)]

    def signal_shards(self, number: signal.Signals) -> list[int]:
        pids = self.children("shard")
        for pid in pids:
            os.kill(pid, number)
        return pids

    def rows(self, query: str, **params: object) -> list[dict[str, Any]]:
        """Rows as the owner role sees them: of every shop."""
        with self.owner.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(query.encode(), params).fetchall()

    def devices(self) -> list[str]:
        """The devices whose keys whatsmeow holds."""
        with psycopg.connect(self.urls.fleet) as connection:
            return [str(row[0]) for row in connection.execute("select jid from whatsmeow.whatsmeow_device")]

    def register(self, phone: str) -> Shop:
        """A shop that has linked nothing yet; `phone` is the number that its owner will link."""
        shop = Shop(TenantId(uuid4()), uuid4(), phone)
        with self.app.tenant_tx(shop.tenant_id) as tx:
            tx.run(REGISTER, session_id=shop.session_id)
        return shop

    def connect(self, shop: Shop, code_for: str | None = None) -> None:
        """By QR, or by a pairing code for the phone number `code_for`."""
        with self.app.tenant_tx(shop.tenant_id) as tx:
            whatsapp_sessions.connect(tx, "code" if code_for else "qr", phone=code_for)

    def disconnect(self, shop: Shop) -> None:
        with self.app.tenant_tx(shop.tenant_id) as tx:
            whatsapp_sessions.disconnect(tx)

    def session(self, shop: Shop) -> dict[str, Any]:
        return self.rows("select * from whatsapp_sessions where id = %(id)s", id=shop.session_id)[0]

    def await_state(self, shop: Shop, state: str) -> dict[str, Any]:
        return self.await_that(
            lambda: self.session(shop), lambda row: row["state"] == state, f"state {state}"
        )

    def await_qr(self, shop: Shop) -> str:
        return self.await_that(lambda: self.session(shop)["qr"], bool, "a QR")

    def link(self, shop: Shop) -> dict[str, Any]:
        """Connects and scans; returns the session's row once it is connected through a shard."""
        self.connect(shop)
        assert self.emulator.call("scan", qr=self.await_qr(shop), phone=shop.phone, name="Warung Uji")["ok"]
        return self.await_served(shop)

    def await_served(self, shop: Shop) -> dict[str, Any]:
        """Waits until a shard, not a linking process, holds the connected session."""
        query = """
        select s.*, l.owner, l.fence from whatsapp_sessions as s
        join session_leases as l on l.session_id = s.id and l.until > now()
        where s.id = %(id)s and s.state = 'connected' and l.owner like '%%/shard-%%'
        """
        return self.await_that(lambda: self.rows(query, id=shop.session_id), bool, "a connected shard")[0]

    def messages(self, shop: Shop) -> list[dict[str, Any]]:
        return self.rows(
            "select * from messages where tenant_id = %(id)s order by stored_at, id", id=shop.tenant_id
        )

    def await_message(self, shop: Shop, **columns: object) -> dict[str, Any]:
        """The first message of the shop with these columns."""

        def found() -> list[dict[str, Any]]:
            return [m for m in self.messages(shop) if columns.items() <= m.items()]

        return self.await_that(found, bool, f"a message with {columns}")[0]

    def reply(self, shop: Shop, conversation_id: UUID, text: str, author: str = "human") -> UUID:
        message_id = uuid4()
        with self.app.tenant_tx(shop.tenant_id) as tx:
            kind: Any = author
            outbox.enqueue(tx, MessageId(message_id), ConversationId(conversation_id), text, author=kind)
        return message_id

    def await_that(self, read: Callable[[], T], fits: Callable[[T], object], what: str) -> T:
        deadline = time.monotonic() + DEADLINE_S
        while time.monotonic() < deadline:
            value = read()
            if fits(value):
                return value
            time.sleep(0.05)
        raise AssertionError(f"no {what} within {DEADLINE_S} s; log: {self.log.read_text()[-3000:]}")


@dataclass(frozen=True)
class Queue:
    """An SQS queue on MiniStack."""

    endpoint: str
    url: str

    def jobs(self) -> list[dict[str, str]]:
        """What is on the queue now, taken off it."""
        client = boto3.client(
            "sqs", endpoint_url=self.endpoint, region_name=ministack.REGION,
            aws_access_key_id="test", aws_secret_access_key="test",
        )  # fmt: skip
        found: list[dict[str, str]] = []
        while batch := client.receive_message(
            QueueUrl=self.url, MaxNumberOfMessages=10, WaitTimeSeconds=0
        ).get("Messages"):
            found += [json.loads(message.get("Body", "")) for message in batch]
            for message in batch:
                client.delete_message(QueueUrl=self.url, ReceiptHandle=message.get("ReceiptHandle", ""))
        return found


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""
