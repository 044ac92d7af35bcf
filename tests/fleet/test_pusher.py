"""The pusher before an API Gateway that is well, dead or odd; tests/infra/test_realtime has MiniStack."""

import json
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote
from uuid import uuid4

import pytest

from balas.aws.realtime import Sockets
from balas.db.bootstrap import RoleUrls
from balas.db.database import Database
from balas.db.notifications import Listener
from local import ministack, port
from session_fleet import pusher, settings
from session_fleet.pusher import Pusher
from tests import shops

LIMIT_S = 20
USER = """
insert into users (tenant_id, email, name, password_hash)
values (%(tenant_id)s, %(email)s, 'Admin', 'x')
"""
PLANT = """
insert into ws_connections (tenant_id, connection_id, user_id, connected_at, expires_at)
select tenant_id, %(id)s, id, now() - interval '1 minute', now() + interval '1 hour' from users
where tenant_id = %(tenant_id)s
"""
END = """
update ws_connections set expires_at = now() where tenant_id = %(tenant_id)s and connection_id = %(id)s
"""
NEW_QR = "update whatsapp_sessions set qr = %(qr)s where tenant_id = %(tenant_id)s"
CONNECTIONS = "select connection_id from ws_connections where tenant_id = %(tenant_id)s order by 1"


class Gateway(ThreadingHTTPServer):
    """API Gateway's connections, which answers as `statuses` say (by connection id), otherwise 200."""

    daemon_threads = True

    def __init__(self, at: int) -> None:
        self.calls: list[tuple[str, str, bytes]] = []
        self.statuses: dict[str, int] = {}
        super().__init__(("127.0.0.1", at), _Connections)
        threading.Thread(target=self.serve_forever).start()

    def pushed(self, connection_id: str) -> list[bytes]:
        return [body for method, one, body in self.calls if (method, one) == ("POST", connection_id)]

    def close(self) -> None:
        self.shutdown()
        self.server_close()


class _Connections(BaseHTTPRequestHandler):
    server: Gateway  # pyright: ignore[reportIncompatibleVariableOverride] - it is one

    def answer(self) -> None:
        connection_id = unquote(self.path.rpartition("/")[2])
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.calls.append((self.command, connection_id, body))
        self.send_response(self.server.statuses.get(connection_id, 200))
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_POST = do_DELETE = answer  # noqa: N815 - the standard library's names

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


class Watched:
    """A shop whose owner has sockets open, and the pusher's view of it."""

    def __init__(self, db: Database) -> None:
        self.db, self.shop = db, shops.make(db)
        self.run(USER, email=f"{uuid4().hex}@toko.example")

    def run(self, statement: str, **params: object) -> None:
        with self.db.tenant_tx(self.shop.tenant_id) as tx:
            tx.run(statement, **params)  # pyright: ignore[reportArgumentType] - a constant of this file

    def opens(self, *connection_ids: str) -> None:
        for connection_id in connection_ids:
            self.run(PLANT, id=connection_id)

    def connections(self) -> list[str]:
        with self.db.tenant_tx(self.shop.tenant_id) as tx:
            return tx.scalars(str, CONNECTIONS)


@pytest.fixture
def watched(app_db: Database) -> Watched:
    return Watched(app_db)


@pytest.fixture
def at() -> int:
    """The port of API Gateway's connections."""
    return port.find_free()


@pytest.fixture
def gateway(at: int) -> Iterator[Gateway]:
    gateway = Gateway(at)
    yield gateway
    gateway.close()


@pytest.fixture
def pushing(
    at: int, fleet_db: Database, urls: RoleUrls, monkeypatch: pytest.MonkeyPatch
) -> Iterator[threading.Thread]:
    monkeypatch.setattr(pusher, "PAUSE_S", 0.1)
    for name, value in ministack.client_environment("").items():
        monkeypatch.setenv(name, value)
    with running(fleet_db, urls, f"http://127.0.0.1:{at}/ws") as thread:
        yield thread


@contextmanager
def running(db: Database, urls: RoleUrls, endpoint: str) -> Generator[threading.Thread]:
    stopping, listener = threading.Event(), Listener(urls.fleet, [pusher.CHANNEL])
    listener.wait(0)  # listens from here on
    thread = threading.Thread(target=Pusher(db, listener, Sockets(endpoint)).run, args=[stopping])
    thread.start()
    yield thread
    stopping.set()
    thread.join()
    listener.close()


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + LIMIT_S
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


@pytest.mark.usefixtures("pushing")
def test_what_changes_many_times_at_once_is_pushed_once(watched: Watched, gateway: Gateway) -> None:
    watched.opens("a=", "b=")
    with watched.db.tenant_tx(watched.shop.tenant_id) as tx:
        for number in range(50):
            tx.run(NEW_QR, qr=f"2@{number}")
    until(lambda: gateway.pushed("a=") and gateway.pushed("b="))
    event = {"type": "device.changed", "id": str(watched.shop.session_id)}
    assert [json.loads(body) for body in gateway.pushed("a=") + gateway.pushed("b=")] == [event] * 2


def test_a_dead_endpoint_costs_pushes_and_nothing_else(
    watched: Watched, at: int, pushing: threading.Thread, capfd: pytest.CaptureFixture[str]
) -> None:
    watched.opens("a", "b", "c")
    watched.run(NEW_QR, qr="2@lost")
    heard: list[str] = []
    until(lambda: heard.append(capfd.readouterr().err) or "pushing waits" in "".join(heard))
    assert pushing.is_alive()
    assert watched.connections() == ["a", "b", "c"]
    gateway = Gateway(at)
    until(lambda: watched.run(NEW_QR, qr=uuid4().hex) or gateway.pushed("c"))
    gateway.close()


@pytest.mark.usefixtures("pushing")
def test_a_connection_that_is_gone_is_forgotten_and_one_that_is_refused_is_not(
    watched: Watched, gateway: Gateway
) -> None:
    gateway.statuses |= {"gone": 410, "odd": 400, "throttled": 429, "broken": 500}
    watched.opens("broken", "good", "gone", "odd", "throttled")
    watched.run(NEW_QR, qr="2@x")
    until(lambda: "gone" not in watched.connections() and gateway.pushed("good"))
    assert watched.connections() == ["broken", "good", "odd", "throttled"]


@pytest.mark.usefixtures("pushing")
def test_a_socket_whose_user_left_is_closed_and_forgotten(watched: Watched, gateway: Gateway) -> None:
    watched.opens("left", "stays")
    watched.run(END, id="left")
    until(lambda: watched.connections() == ["stays"])
    assert gateway.calls == [("DELETE", "left", b"")]


@pytest.mark.usefixtures("pushing")
def test_a_socket_is_not_told_of_another_shop(watched: Watched, app_db: Database, gateway: Gateway) -> None:
    another = Watched(app_db)
    watched.opens("mine")
    another.opens("theirs")
    another.run(NEW_QR, qr="2@theirs")
    until(lambda: gateway.pushed("theirs"))
    watched.run(NEW_QR, qr="2@mine")
    until(lambda: gateway.pushed("mine"))
    session_of = {"mine": watched.shop, "theirs": another.shop}
    for connection_id, shop in session_of.items():
        assert ids(gateway, connection_id) == [str(shop.session_id)]


def ids(gateway: Gateway, connection_id: str) -> list[str]:
    return [json.loads(body)["id"] for body in gateway.pushed(connection_id)]


@pytest.mark.parametrize("environment", [{}, {"WEBSOCKET_ENDPOINT": ""}])
def test_without_an_endpoint_there_is_nothing_to_push_to(environment: dict[str, str]) -> None:
    assert settings.websocket_endpoint(environment) is None
