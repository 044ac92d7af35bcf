"""The offline model as a program: asked through our own model door, over a real socket."""

import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.client import HTTPConnection

import pytest

from balas import llm
from balas.agent import answer
from offline_model.server import MAX_BODY_BYTES, MODEL, Server
from tests.unit.agent import shop


@pytest.fixture
def port() -> Iterator[int]:
    server = Server(0)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield server.server_port
    server.shutdown()
    server.server_close()
    thread.join()


def _request(port: int, method: str, path: str, body: bytes | None = None) -> tuple[int, object]:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request(method, path, body)
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("nasgor brp", "Nasi Goreng Spesial harganya Rp18.000"),
        ("2 nasi goreng sama 1 es teh", "*Total: Rp41.000*"),
        ("makanannya basi", "mohon maaf"),
    ],
)
def test_a_turn_is_answered_over_the_wire(port: int, text: str, part: str) -> None:
    settings = llm.ModelSettings(f"http://127.0.0.1:{port}/v1", MODEL, "none")
    outcome = answer.think(shop.turn(text), shop.NOW, lambda chat: llm.complete(chat, settings, 30))
    assert part in outcome.reply
    (completion,) = outcome.completions
    assert (completion.model, completion.rung) == (MODEL, "json_schema")
    assert completion.prompt_tokens > completion.completion_tokens > 0


def test_the_models_are_listed(port: int) -> None:
    status, body = _request(port, "GET", "/v1/models")
    listed = {"id": MODEL, "object": "model", "owned_by": "balas"}
    assert (status, body) == (200, {"object": "list", "data": [listed]})


BAD = [
    b"",
    b"hello",
    b"[]",
    b"{}",
    b'{"messages": 1}',
    b'{"messages": [1]}',
    b'{"messages": [], "stream": true}',
    b"[" * 100_000,
]


@pytest.mark.parametrize("body", BAD, ids=range(len(BAD)))
def test_a_bad_request_is_refused_in_openais_form(port: int, body: bytes) -> None:
    status, answered = _request(port, "POST", "/v1/chat/completions", body)
    assert status == 400
    assert "`messages`" in str(answered)


def test_odd_messages_are_answered(port: int) -> None:
    odd = {
        "messages": [{}, {"role": "user", "content": None}, {"role": "user", "content": [{"type": "text"}]}]
    }
    assert _request(port, "POST", "/v1/chat/completions", json.dumps(odd).encode())[0] == 200


def test_an_unknown_address_is_404(port: int) -> None:
    assert _request(port, "GET", "/")[0] == 404
    assert _request(port, "POST", "/v1/embeddings", b"{}")[0] == 404


def test_a_huge_body_is_refused_before_it_is_read(port: int) -> None:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    connection.putrequest("POST", "/v1/chat/completions")
    connection.putheader("Content-Length", str(MAX_BODY_BYTES + 1))
    connection.endheaders()
    assert connection.getresponse().status == 413
    connection.close()


def test_a_busy_port_is_said_with_a_way_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        number = busy.getsockname()[1]
        command = [sys.executable, "-m", "offline_model", "--port", str(number)]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 2
    assert ended.stderr.startswith(f"offline_model: port {number} cannot be used")
    assert "choose another" in ended.stderr


def test_the_program_says_where_it_is_and_stops_when_told() -> None:
    command = [sys.executable, "-m", "offline_model", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout
        line = program.stdout.readline()
        number = int(line.rsplit(":", 1)[1].removesuffix("/v1\n"))
        assert _request(number, "GET", "/v1/models")[0] == 200
        program.terminate()
        assert program.wait(timeout=30) == 0
