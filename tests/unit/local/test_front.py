"""The one origin: what reaches the API and what comes back, over real sockets."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from local import front, port

DEAD_SOCKET = "ws://127.0.0.1:9/ws"


class Upstream(BaseHTTPRequestHandler):
    """An API that tells what it was sent, in its body, and sets two cookies."""

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
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


class serving:  # noqa: N801 - reads as a verb
    """The front on a free port, for the block."""

    def __init__(self, api_url: str) -> None:
        app = front.make_app(api_url, DEAD_SOCKET, "http://127.0.0.1:9/phone", "")
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


def test_a_socket_that_is_down_refuses_the_browser(browser: httpx.Client) -> None:
    with pytest.raises(InvalidStatus) as refused:
        connect(f"ws://{browser.base_url.netloc.decode()}/ws?ticket=t", proxy=None)
    assert refused.value.response.status_code == 502


def test_an_api_that_is_down_is_a_problem_that_says_so() -> None:
    with serving(f"http://127.0.0.1:{port.find_free()}") as browser:
        answer = browser.get("/api/v1/ping")
    assert answer.status_code == 502
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "api_unreachable"
