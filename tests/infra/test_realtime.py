"""From a row in Postgres to a browser: the AppStack on MiniStack, our own functions, a real pusher."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import LiteralString
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from balas.aws.realtime import Sockets
from balas.db import bootstrap, migrate
from balas.db.bootstrap import RoleUrls
from balas.db.database import Database
from balas.db.notifications import Listener
from balas.tenant import TenantId
from local import deploy, ministack, port
from local.deploy import Outputs
from session_fleet import pusher
from session_fleet.pusher import Pusher
from tests import shops
from tests.shops import TestShop

ORIGIN = "http://127.0.0.1:8000"
PASSWORD = "kata-sandi-uji"
LIMIT_S = 20
SECRET_TEXT = "tidak boleh terdengar"
Event = dict[str, str]

SESSION = "select id from whatsapp_sessions where tenant_id = %(tenant_id)s"
CONNECTIONS = "select connection_id from ws_connections where tenant_id = %(tenant_id)s"
NEW_QR = "update whatsapp_sessions set qr = %(qr)s where tenant_id = %(tenant_id)s"
READ = "update messages set reason = 'dibaca' where tenant_id = %(tenant_id)s and id = %(id)s"
PLANT = """
insert into ws_connections (tenant_id, connection_id, user_id, connected_at, expires_at)
select tenant_id, %(id)s, id, now() - %(age)s, now() + interval '1 hour' from users
where tenant_id = %(tenant_id)s
"""
NOBODY = UUID(int=1)


@pytest.fixture(scope="module")
def urls(admin_url: str, passwords: dict[str, str]) -> Iterator[RoleUrls]:
    """One database for this module, as a deployment has one."""
    name = f"balas_test_{uuid4().hex[:8]}"
    roles = bootstrap.prepare(admin_url, name, passwords)
    migrate.migrate(roles.owner)
    yield roles
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute(f"drop database {name} with (force)".encode())


@pytest.fixture(scope="module")
def aws(urls: RoleUrls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outputs]:
    folder = tmp_path_factory.mktemp("realtime")
    fields = {"database_url": urls.app, "token_key": "k" * 32, "openai_api_key": "-"}
    secrets = {f"balas/local/{name}": fields for name in ("api", "socket", "ai-worker", "followup")}
    with (
        ministack.running(port.find_free(), folder / "scratch", folder / "log") as cloud,
        pytest.MonkeyPatch.context() as patch,
    ):
        for name, value in ministack.client_environment(cloud.endpoint).items():
            patch.setenv(name, value)
        yield deploy.deploy(cloud.endpoint, {"PublicOrigin": ORIGIN}, secrets)


@pytest.fixture(autouse=True)
def pushing(aws: Outputs, fleet_db: Database, urls: RoleUrls) -> Iterator[None]:
    """What the fleet's supervisor runs."""
    stopping = threading.Event()
    listener = Listener(urls.fleet, [pusher.CHANNEL])
    listener.wait(0)  # listens from here on
    pushes = Pusher(fleet_db, listener, Sockets(aws.socket_management_url))
    thread = threading.Thread(target=pushes.run, args=[stopping])
    thread.start()
    yield
    stopping.set()
    thread.join()
    listener.close()


class Owner:
    """A shop's owner at the dashboard, over HTTP and sockets."""

    def __init__(self, aws: Outputs, db: Database) -> None:
        self._aws, self._db = aws, db
        self.http = httpx.Client(base_url=f"{aws.api_url}/api/v1/", timeout=30, trust_env=False)
        email = f"{uuid4().hex}@toko.example"
        body = {"business_name": "Warung Uji", "name": "Pemilik", "email": email, "password": PASSWORD}
        answer = self.http.post("auth/register", json=body)
        assert answer.status_code == 201, answer.text
        self._cookie = answer.headers["set-cookie"].partition(";")[0]
        self.http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        self.tenant_id = TenantId(UUID(self._cookie.partition("=")[2].partition(".")[0]))
        with db.tenant_tx(self.tenant_id) as tx:
            session_id = tx.scalar(UUID, SESSION)
        assert session_id
        self.shop = TestShop(self.tenant_id, session_id, str(uuid4().int)[:15])

    def ticket(self) -> str:
        answer = self.http.post("realtime/ticket")
        assert answer.status_code == 200, answer.text
        return answer.json()["ticket"]

    def open(self, ticket: str | None = None) -> ClientConnection:
        return connect(f"{self._aws.socket_url}?ticket={ticket or self.ticket()}", proxy=None)

    def log_out(self) -> None:
        assert self.http.post("auth/logout", headers={"Cookie": self._cookie}).status_code == 204

    def connections(self) -> list[str]:
        with self._db.tenant_tx(self.tenant_id) as tx:
            return tx.scalars(str, CONNECTIONS)

    def hears_a_customer(self) -> str:
        """What a shard stores when a customer writes; the message's id."""
        with self._db.tenant_tx(self.tenant_id) as tx:
            return str(shops.receive(tx, self.shop, SECRET_TEXT, wa_message_id=uuid4().hex))

    def run(self, statement: LiteralString, **params: object) -> None:
        with self._db.tenant_tx(self.tenant_id) as tx:
            tx.run(statement, **params)


@pytest.fixture
def owner(aws: Outputs, app_db: Database) -> Iterator[Owner]:
    owner = Owner(aws, app_db)
    yield owner
    owner.http.close()


@pytest.fixture
def stranger(aws: Outputs, app_db: Database) -> Iterator[Owner]:
    """The owner of another shop."""
    stranger = Owner(aws, app_db)
    yield stranger
    stranger.http.close()


def event(socket: ClientConnection) -> Event:
    return json.loads(socket.recv(LIMIT_S))


def events_until(socket: ClientConnection, kind: str) -> list[Event]:
    """What was heard up to the first event of `kind`."""
    heard = [event(socket)]
    while heard[-1]["type"] != kind:
        heard.append(event(socket))
    return heard


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LIMIT_S
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def refusal(owner: Owner, ticket: str) -> int:
    """The HTTP status with which a handshake is refused."""
    with pytest.raises(InvalidStatus) as refused:
        owner.open(ticket)
    return refused.value.response.status_code


def test_each_shop_hears_of_its_own_messages_only(owner: Owner, stranger: Owner) -> None:
    with owner.open() as mine, stranger.open() as theirs:
        my_message = owner.hears_a_customer()
        heard = events_until(mine, "message.created")[-1]
        their_message = stranger.hears_a_customer()
        their_first = [e["id"] for e in events_until(theirs, "message.created")]
    assert heard["id"] == my_message
    assert their_first[-1] == their_message
    assert my_message not in their_first


def test_two_tabs_of_a_shop_hear_the_same(owner: Owner) -> None:
    with owner.open() as one, owner.open() as another:
        message_id = owner.hears_a_customer()
        assert [events_until(tab, "message.created")[-1]["id"] for tab in (one, another)] == [message_id] * 2


def test_an_event_holds_ids_only(owner: Owner) -> None:
    with owner.open() as socket:
        owner.run(NEW_QR, qr=SECRET_TEXT)
        device = event(socket)
        message_id = owner.hears_a_customer()
        created = events_until(socket, "message.created")[-1]
        owner.run(READ, id=message_id)
        status = events_until(socket, "message.status")[-1]
    conversation_id = owner.http.get("conversations").json()["items"][0]["id"]
    assert device == {"type": "device.changed", "id": str(owner.shop.session_id)}
    assert created == {"type": "message.created", "id": message_id, "conversation_id": conversation_id}
    assert status == {"type": "message.status", "id": message_id, "conversation_id": conversation_id}


def test_a_ticket_opens_one_socket(owner: Owner) -> None:
    ticket = owner.ticket()
    with owner.open(ticket):
        assert refusal(owner, ticket) == 403


def test_an_expired_ticket_is_refused(owner: Owner) -> None:
    ticket = owner.ticket()
    owner.run("update ws_tickets set expires_at = now() where tenant_id = %(tenant_id)s")
    assert refusal(owner, ticket) == 403


def test_a_ticket_is_good_for_its_own_shop_only(owner: Owner, stranger: Owner) -> None:
    _, _, secret = stranger.ticket().partition(".")
    assert refusal(owner, f"{owner.tenant_id}.{secret}") == 403


@pytest.mark.parametrize("ticket", ["x", "x.y", f"{NOBODY}.y", "%00", "'"])
def test_what_is_no_ticket_is_refused(owner: Owner, ticket: str) -> None:
    assert refusal(owner, ticket) == 403


def test_without_a_ticket_nobody_is_asked(aws: Outputs) -> None:
    with pytest.raises(InvalidStatus) as refused:
        connect(aws.socket_url, proxy=None)
    assert refused.value.response.status_code == 401


def test_a_socket_that_closes_is_forgotten(owner: Owner) -> None:
    with owner.open():
        assert len(owner.connections()) == 1
    until(lambda: owner.connections() == [])


def test_logout_closes_the_sockets_and_voids_the_tickets(owner: Owner, stranger: Owner) -> None:
    ticket = owner.ticket()
    with owner.open() as socket, stranger.open() as theirs:
        owner.log_out()
        with pytest.raises(ConnectionClosed):
            event(socket)
        until(lambda: owner.connections() == [])
        assert refusal(owner, ticket) == 403
        stranger.hears_a_customer()
        assert events_until(theirs, "message.created")


def test_connections_that_are_gone_are_forgotten_save_those_that_are_just_opening(owner: Owner) -> None:
    owner.run(PLANT, id="long-gone", age=timedelta(minutes=1))
    owner.run(PLANT, id="opening", age=timedelta(0))
    with owner.open() as socket:
        owner.hears_a_customer()
        events_until(socket, "message.created")
        until(lambda: "long-gone" not in owner.connections())
    assert "opening" in owner.connections()


def test_what_a_browser_says_is_not_answered(owner: Owner) -> None:
    with owner.open() as socket:
        for said in ("{}", "halo", '{"action": "$connect"}', '{"action": "$disconnect"}'):
            socket.send(said)
        owner.run(NEW_QR, qr="2@x")
        assert event(socket)["type"] == "device.changed"
        assert len(owner.connections()) == 1


def test_a_lost_push_is_made_good_by_a_refetch(owner: Owner, stranger: Owner) -> None:
    """Nothing is kept for those who were away: all that an event names can be fetched."""
    message_id = owner.hears_a_customer()
    with owner.open():
        (conversation,) = owner.http.get("conversations").json()["items"]
        messages = owner.http.get(f"conversations/{conversation['id']}/messages").json()["items"]
    assert [message["id"] for message in messages] == [message_id]
