"""The one origin: what reaches the API and what comes back, over real sockets."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.http11 import Request
from websockets.http11 import Response as HttpResponse
from websockets.sync.client import ClientConnection, connect
from websockets.sync.server import ServerConnection, serve

from local import front, port

DEAD_SOCKET = "ws://127.0.0.1:9/ws"


class Upstream(BaseHTTPRequestHandler):
    """An API that tells what it was sent, in its body, and sets two cookies."""

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode("latin-1")
        told = {
            "method": self.command,
            "path": self.path,
            "headers": {k.lower(): v for k, v in self.headers.items()},
            "body": body,
        }
        text = json.dumps(told).encode()
        self.send_response(418)
        self.send_header("Set-Cookie", "a=1; Path=/")
        self.send_header("Set-Cookie", "b=2; HttpOnly")
        self.send_header("Connection", "close, X-Hop")
        self.send_header("X-Hop", "1")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = do_PATCH = answer  # noqa: N815 - the standard library's names

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@pytest.fixture
def upstream() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/deployed/$default"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def browser(upstream: str) -> Iterator[httpx.Client]:
    with serving(upstream) as client:
        yield client


@pytest.fixture
def socket_url() -> Iterator[str]:
    """A WebSocket API that says what it was asked for, and then echoes; `refuse` says how it refuses."""

    def refuse(connection: ServerConnection, request: Request) -> HttpResponse | None:
        status = request.path.partition("refuse=")[2]
        return connection.respond(int(status), "") if status else None

    def talk(connection: ServerConnection) -> None:
        assert connection.request
        connection.send(connection.request.path)
        for said in connection:
            if said == "close":
                return
            connection.send(said)

    with serve(talk, "127.0.0.1", 0, process_request=refuse) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"ws://127.0.0.1:{server.socket.getsockname()[1]}/prod/ws"
        server.shutdown()
        thread.join()


class serving:  # noqa: N801 - reads as a verb
    """The front on a free port, for the block."""

    def __init__(self, api_url: str, socket_url: str = DEAD_SOCKET) -> None:
        app = front.make_app(api_url, socket_url, "http://127.0.0.1:9/phone", "", mails_url=api_url)
        self._port = port.find_free()
        self._server = front.make_server(app, self._port)
        self._thread = threading.Thread(target=self._server.run)

    def __enter__(self) -> httpx.Client:
        self._thread.start()
        transport = httpx.HTTPTransport(retries=8)
        self._client = httpx.Client(
            base_url=f"http://127.0.0.1:{self._port}", transport=transport, trust_env=False
        )
        return self._client

    def __exit__(self, *_: object) -> None:
        self._client.close()
        self._server.should_exit = True
        self._thread.join()


def test_an_upload_and_its_query_reach_the_api_unchanged(browser: httpx.Client) -> None:
    body = (
        b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\n' + bytes(range(256)) + b"\r\n--x--\r\n"
    )
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    path = "/api/v1/knowledge/import?commit=true&q=%2B62+812%20%F0%9F%8D%9C&a[]=1"
    told = browser.post(path, content=body, headers=headers).json()
    assert (told["body"].encode("latin-1"), told["headers"]["content-type"]) == (
        body,
        headers["Content-Type"],
    )
    assert told["path"].endswith(path)


def test_a_request_reaches_the_api_as_it_was_sent(browser: httpx.Client) -> None:
    headers = {"Authorization": "Bearer x", "TE": "trailers", "X-Forwarded-For": "6.6.6.6"}
    told = browser.post("/api/v1/a%2Fb/c?q=%C3%A9&q=2", content="halo", headers=headers).json()
    assert (told["method"], told["body"]) == ("POST", "halo")
    assert told["path"] == "/deployed/$default/api/v1/a%2Fb/c?q=%C3%A9&q=2"
    assert told["headers"]["authorization"] == "Bearer x"
    assert "te" not in told["headers"]
    assert told["headers"]["x-forwarded-for"] == "127.0.0.1"
    assert told["headers"]["x-forwarded-proto"] == "http"
    assert told["headers"]["x-forwarded-host"] == browser.base_url.netloc.decode()


def test_an_answer_keeps_its_status_and_each_cookie_and_loses_what_was_for_the_hop(
    browser: httpx.Client,
) -> None:
    answer = browser.get("/api/v1/me")
    assert answer.status_code == 418
    assert answer.headers.get_list("set-cookie") == ["a=1; Path=/", "b=2; HttpOnly"]
    assert "x-hop" not in answer.headers


def test_the_page_is_served_with_a_policy_that_loads_nothing_from_elsewhere(browser: httpx.Client) -> None:
    page = browser.get("/")
    assert page.status_code == 200
    assert "default-src 'self'" in page.headers["content-security-policy"]
    house = browser.get("/house.json").json()
    assert (house["phone_url"], house["model"]) == ("http://127.0.0.1:9/phone", "")
    assert "keluhan" in house["handovers"]["complaint"]
    assert browser.get("/../front.py").status_code == 404


def test_a_socket_passes_frames_both_ways_with_its_query(
    socket_url: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with serving("http://127.0.0.1:9", socket_url) as client, open_socket(client, "?ticket=a%2Eb") as socket:
        assert socket.recv(5) == "/prod/ws?ticket=a%2Eb"
        socket.send("halo é")
        assert socket.recv(5) == "halo é"
    assert capfd.readouterr().err == "", "a ticket, or trouble where there was none"


def test_a_socket_that_the_api_closes_is_closed(socket_url: str) -> None:
    with serving("http://127.0.0.1:9", socket_url) as client, open_socket(client) as socket:
        socket.recv(5)
        socket.send("close")
        with pytest.raises(ConnectionClosed):
            socket.recv(5)


@pytest.mark.parametrize(("query", "status"), [("?refuse=403", 403), ("?refuse=401", 401)])
def test_a_refused_socket_is_refused_alike(socket_url: str, query: str, status: int) -> None:
    with serving("http://127.0.0.1:9", socket_url) as client, pytest.raises(InvalidStatus) as refused:
        open_socket(client, query)
    assert refused.value.response.status_code == status


def test_a_socket_without_an_api_is_a_bad_gateway() -> None:
    nowhere = f"ws://127.0.0.1:{port.find_free()}/ws"
    with serving("http://127.0.0.1:9", nowhere) as client, pytest.raises(InvalidStatus) as refused:
        open_socket(client)
    assert refused.value.response.status_code == 502


def open_socket(client: httpx.Client, query: str = "") -> ClientConnection:
    client.get("/house.json")  # the front is up
    return connect(f"ws://{client.base_url.netloc.decode()}/ws{query}", proxy=None)


def test_an_api_that_is_down_is_a_problem_that_says_so() -> None:
    with serving(f"http://127.0.0.1:{port.find_free()}") as browser:
        answer = browser.get("/api/v1/ping")
    assert answer.status_code == 502
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "api_unreachable"
