"""The outbox as a shard works it off: what may go out, what a crash leaves behind, what receipts prove."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import psycopg
import pytest

from balas.conversation import ConversationId, MessageId
from balas.db import outbox, sends, session_leases
from balas.db.bootstrap import RoleUrls
from balas.db.database import Database
from balas.db.inbound import Account
from balas.db.sends import NextSend
from balas.db.session_leases import Lease
from balas.whatsapp_session import SessionId
from tests import shops
from tests.shops import TestShop

WHATSMEOW = """
create table whatsmeow_device (jid text primary key, lid text, push_name text not null default '');
create table whatsmeow_message_secrets (
    our_jid text, chat_jid text, sender_jid text, message_id text, key bytea
);
create table whatsmeow_contacts (our_jid text, their_jid text, full_name text);
create table whatsmeow_lid_map (lid text primary key, pn text unique)
"""
"""Of whatsmeow's tables what we read."""


@dataclass
class World:
    """A linked shop with one customer's chat, held by the shard `a`."""

    fleet_db: Database
    app_db: Database
    whatsmeow: psycopg.Connection
    shop: TestShop
    chat: ConversationId
    lease: Lease
    account: Account

    def reply(self, author: str = "ai", text: str = "Ada") -> MessageId:
        message_id = MessageId(uuid4())
        with self.app_db.tenant_tx(self.shop.tenant_id) as tx:
            outbox.enqueue(tx, message_id, self.chat, text, author="ai" if author == "ai" else "human")
        return message_id

    def next(self) -> NextSend | None:
        with self.fleet_db.tenant_tx(self.shop.tenant_id) as tx:
            return sends.next_send(tx, self.lease.session_id)

    def claim(self, lease: Lease | None = None) -> bytes | None:
        """The secret of the claimed row, None when it must not go out."""
        send, secret = self.next(), secrets.token_bytes(32)
        with self.fleet_db.tenant_tx(self.shop.tenant_id) as tx:
            return secret if send and sends.claim(tx, lease or self.lease, send, secret) else None

    def whatsmeow_stores(self, secret: bytes, wa_message_id: str) -> None:
        """What whatsmeow does before a message leaves."""
        self.whatsmeow.execute(
            "insert into whatsmeow_message_secrets values (%s, '77001@lid', %s, %s, %s)",
            [self.account.jid, f"{self.account.lid}@lid", wa_message_id, secret],
        )

    def receipt(self, wa_message_id: str, status: sends.ReceiptStatus) -> int:
        with self.fleet_db.tenant_tx(self.shop.tenant_id) as tx:
            return sends.note_receipt(tx, self.account, [wa_message_id], status)

    def recover(self) -> list[MessageId]:
        with self.fleet_db.tenant_tx(self.shop.tenant_id) as tx:
            return sends.recover(tx, self.account)

    def message(self, message_id: UUID) -> tuple[str | None, str | None, str | None]:
        with self.app_db.tenant_tx(self.shop.tenant_id) as tx:
            row = tx.first(
                _Message,
                "select status, reason, wa_message_id from messages where id = %(id)s",
                id=message_id,
            )
        assert row is not None
        return row.status, row.reason, row.wa_message_id

    def write(self, sql: str, **params: object) -> None:
        with psycopg.connect(self.owner_url, autocommit=True) as owner:
            owner.execute(sql.encode(), params)

    owner_url: str = ""


@dataclass(frozen=True)
class _Message:
    status: str | None
    reason: str | None
    wa_message_id: str | None


@pytest.fixture
def world(app_db: Database, fleet_db: Database, urls: RoleUrls) -> Iterator[World]:
    shop = shops.make(app_db)
    with fleet_db.tenant_tx(shop.tenant_id) as tx:
        shops.receive(tx, shop)
        chat = tx.scalar(UUID, "select id from conversations where tenant_id = %(tenant_id)s")
        jid = tx.scalar(str, "select jid from whatsapp_sessions where tenant_id = %(tenant_id)s")
        [claimed] = session_leases.claim(tx, "a", 1, [])
    assert chat is not None
    assert jid is not None
    account = Account(SessionId(shop.session_id), jid, shop.lid)
    with psycopg.connect(urls.whatsmeow, autocommit=True) as whatsmeow:
        whatsmeow.execute(WHATSMEOW)
        yield World(
            fleet_db, app_db, whatsmeow, shop, ConversationId(chat), claimed.lease, account, urls.owner
        )


def test_a_row_is_claimed_once(world: World) -> None:
    world.reply()
    assert world.claim() is not None
    assert world.claim() is None


def test_rows_go_out_in_the_order_they_were_stored(world: World) -> None:
    replies = [world.reply(text=str(n)) for n in range(3)]
    found: list[MessageId] = []
    while (send := world.next()) and world.claim():
        found.append(send.message_id)
    assert found == replies


def test_an_answer_of_the_agent_is_void_once_a_human_has_the_chat(world: World) -> None:
    reply = world.reply()
    send = world.next()
    world.write("update conversations set handling = 'human', interruptions = interruptions + 1")
    assert send is not None
    with world.fleet_db.tenant_tx(world.shop.tenant_id) as tx:
        assert not sends.claim(tx, world.lease, send, b"x" * 32)
    assert world.next() is None
    assert world.message(reply)[:2] == ("cancelled", "human_handling")


def test_a_humans_answer_goes_out_whoever_has_the_chat(world: World) -> None:
    world.reply(author="human")
    world.write("update conversations set handling = 'human', interruptions = interruptions + 1")
    assert world.claim() is not None


@pytest.mark.parametrize(
    ("change", "status", "reason"),
    [
        ("update outbox set expires_at = now()", "failed", "expired"),
        ("update outbox set account_lid = '1'", "failed", "other_account"),
        ("update contacts set lid = '120363000000000001@g.us'", "failed", "not_a_person"),
        ("update whatsapp_sessions set state = 'reconnecting'", "pending", None),
        ("update whatsapp_sessions set wanted = 'off'", "pending", None),
        ("update session_leases set fence = fence + 1", "pending", None),
        ("update session_leases set until = now()", "pending", None),
        ("update session_leases set owner = 'b'", "pending", None),
        ("update messages set status = 'cancelled' where direction = 'out'", "cancelled", None),
    ],
)
def test_what_changed_while_typing_is_seen_by_the_claim(
    world: World, change: str, status: str, reason: str | None
) -> None:
    reply = world.reply()
    send = world.next()
    assert send is not None
    world.write(change)
    with world.fleet_db.tenant_tx(world.shop.tenant_id) as tx:
        assert not sends.claim(tx, world.lease, send, b"x" * 32)
        sends.next_send(tx, world.lease.session_id)
    assert world.message(reply)[:2] == (status, reason)


def test_what_never_began_is_sent_anew_after_a_crash(world: World) -> None:
    reply = world.reply()
    assert world.claim()
    assert world.recover() == []
    send = world.next()
    assert send is not None
    assert send.message_id == reply


def test_what_began_waits_for_proof_and_ends_in_doubt(world: World) -> None:
    reply = world.reply()
    secret = world.claim()
    assert secret
    world.whatsmeow_stores(secret, "WA77")
    assert world.recover() == [reply]
    assert world.next() is None
    with world.fleet_db.tenant_tx(world.shop.tenant_id) as tx:
        assert sends.mark_in_doubt(tx, [reply]) == 1
    assert world.message(reply) == ("in_doubt", "no_proof", "WA77")
    assert world.receipt("WA77", "delivered") == 1
    assert world.message(reply) == ("delivered", None, "WA77")


def test_a_receipt_that_overtakes_the_ack_is_not_lost(world: World) -> None:
    reply = world.reply()
    secret = world.claim()
    assert secret
    world.whatsmeow_stores(secret, "WA77")
    assert world.receipt("WA77", "delivered") == 1
    with world.fleet_db.tenant_tx(world.shop.tenant_id) as tx:
        sends.mark_sent(tx, world.account, reply, "WA77")
    assert world.message(reply) == ("delivered", None, "WA77")


def test_receipts_move_forward_only(world: World) -> None:
    reply = world.reply()
    world.claim()
    with world.fleet_db.tenant_tx(world.shop.tenant_id) as tx:
        sends.mark_sent(tx, world.account, reply, "WA77")
    assert [world.receipt("WA77", s) for s in ("read", "delivered", "sent")] == [1, 0, 0]
    assert world.message(reply)[0] == "read"


def test_a_receipt_for_a_message_of_somebody_else_changes_nothing(world: World) -> None:
    assert world.receipt("NEVER", "read") == 0


@pytest.mark.parametrize(("started_after", "copies"), [(timedelta(minutes=1), 1), (timedelta(minutes=-1), 0)])
def test_what_cannot_be_read_is_resent_once_if_an_earlier_client_sent_it(
    world: World, started_after: timedelta, copies: int
) -> None:
    reply = world.reply(text="Ada")
    world.claim()
    with world.fleet_db.tenant_tx(world.shop.tenant_id) as tx:
        sends.mark_sent(tx, world.account, reply, "WA77")
        client_started_at = datetime.now(UTC) + started_after
        for _ in range(2):
            sends.resend_unreadable(tx, world.account, ["WA77"], client_started_at)
    send = world.next()
    assert (send.text if send else None) == ("Ada" if copies else None)
    assert world.message(reply)[0] == ("failed" if copies else "sent")
    if send is None:
        return
    world.claim()
    with world.fleet_db.tenant_tx(world.shop.tenant_id) as tx:
        sends.mark_sent(tx, world.account, send.message_id, "WA78")
        assert sends.resend_unreadable(tx, world.account, ["WA78"], client_started_at) == 0


def test_rows_of_a_session_that_is_gone_are_settled(world: World) -> None:
    unsent, begun = world.reply(), world.reply(text="dua")
    world.write("update outbox set expires_at = now() - interval '3 minutes'")
    world.write("update outbox set claimed_at = now() where message_id = %(id)s", id=begun)
    with world.fleet_db.routing_tx() as tx:
        assert sends.tenants_with_overdue(tx) == [world.shop.tenant_id]
    with world.fleet_db.tenant_tx(world.shop.tenant_id) as tx:
        assert sends.settle_overdue(tx) == 2
    assert world.message(unsent)[:2] == ("failed", "expired")
    assert world.message(begun)[:2] == ("in_doubt", "no_proof")
