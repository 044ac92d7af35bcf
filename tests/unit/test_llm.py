"""The model's door against a real HTTP server that misbehaves on purpose."""

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import cast

import pytest

from balas import llm
from balas.agent.chat import ChatMessage
from balas.errors import ModelFailed

CHAT: list[ChatMessage] = [{"role": "system", "content": "Aturan"}, {"role": "user", "content": "halo"}]
Request = dict[str, object]
Behaviour = Callable[["Handler", Request], None]


class Endpoint(ThreadingHTTPServer):
    """A chat completions server that behaves as told and remembers what it was asked."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, behave: Behaviour) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.behave = behave
        self.asked = list[Request]()
        self.released = threading.Event()

    def settings(self, model: str = "demo") -> llm.ModelSettings:
        return llm.ModelSettings(f"http://127.0.0.1:{self.server_port}/v1", model, "sk-secret")


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    @property
    def endpoint(self) -> Endpoint:
        return cast("Endpoint", self.server)

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.endpoint.asked.append(request)
        self.endpoint.behave(self, request)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Silent."""

    def send(self, status: int, body: object) -> None:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)


Start = Callable[[Behaviour], Endpoint]


@pytest.fixture
def start() -> Iterator[Start]:
    running = list[Endpoint]()

    def run(behave: Behaviour) -> Endpoint:
        endpoint = Endpoint(behave)
        running.append(endpoint)
        threading.Thread(target=endpoint.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return endpoint

    yield run
    for endpoint in running:
        endpoint.released.set()
        endpoint.shutdown()
        endpoint.server_close()


def says(content: str | None, **more: object) -> dict[str, object]:
    message = {"role": "assistant", "content": content, **more}
    usage = {"prompt_tokens": 900, "completion_tokens": 50, "prompt_tokens_details": {"cached_tokens": 800}}
    return {"model": "demo-1", "choices": [{"message": message, "finish_reason": "stop"}], "usage": usage}


def fails(status: int, **error: object) -> Behaviour:
    return lambda handler, _: handler.send(status, {"error": {"message": "halo", **error}})


def answers(body: object) -> Behaviour:
    return lambda handler, _: handler.send(200, body)


def test_a_completion_carries_text_tokens_and_rung(start: Start) -> None:
    endpoint = start(answers(says('{"reply": "ya"}')))
    completion = llm.complete(CHAT, endpoint.settings(), 30)
    assert (completion.text, completion.model, completion.rung) == (
        '{"reply": "ya"}',
        "demo-1",
        "json_schema",
    )
    assert (completion.prompt_tokens, completion.cached_tokens, completion.completion_tokens) == (
        900,
        800,
        50,
    )
    asked = endpoint.asked[0]
    assert asked["temperature"] == llm.TEMPERATURE
    assert asked["max_completion_tokens"] == llm.MAX_COMPLETION_TOKENS
    assert json.loads(json.dumps(asked["response_format"]))["json_schema"]["strict"] is True


def _refuses_schemas(handler: Handler, request: Request) -> None:
    form = cast("dict[str, str]", request.get("response_format", {})).get("type")
    if form == "json_schema":
        handler.send(400, {"error": {"message": "response_format json_schema is not supported"}})
    else:
        handler.send(200, says("{}"))


def test_a_server_without_schemas_gets_the_schema_in_the_prompt_and_is_remembered(start: Start) -> None:
    endpoint = start(_refuses_schemas)
    first, second = (llm.complete(CHAT, endpoint.settings(), 30) for _ in range(2))
    assert (first.rung, second.rung) == ("json_object", "json_object")
    assert len(endpoint.asked) == 3
    system = cast("list[ChatMessage]", endpoint.asked[2]["messages"])[0]["content"]
    assert system.startswith("Aturan\n\n<json_schema>\n{")


def test_a_server_that_knows_no_formats_is_asked_plainly(start: Start) -> None:
    def behave(handler: Handler, request: Request) -> None:
        handler.send(*((422, {}) if "response_format" in request else (200, says("{}"))))

    endpoint = start(behave)
    assert llm.complete(CHAT, endpoint.settings(), 30).rung == "plain"
    assert set(endpoint.asked[-1]) == {"model", "messages"}


def test_a_server_that_ignores_the_schema_is_asked_otherwise_next_time(start: Start) -> None:
    endpoint = start(answers(says("Halo kak, ada yang bisa dibantu?")))
    assert llm.complete(CHAT, endpoint.settings(), 30).rung == "json_schema"
    assert llm.complete(CHAT, endpoint.settings(), 30).rung == "json_object"


def test_the_rung_is_remembered_for_each_model(start: Start) -> None:
    endpoint = start(_refuses_schemas)
    llm.complete(CHAT, endpoint.settings("one"), 30)
    llm.complete(CHAT, endpoint.settings("two"), 30)
    assert [request["model"] for request in endpoint.asked] == ["one", "one", "two", "two"]


def test_a_model_that_takes_no_temperature_keeps_its_schema(start: Start) -> None:
    def behave(handler: Handler, request: Request) -> None:
        refusal = {"error": {"message": "unsupported value", "param": "temperature"}}
        handler.send(*((400, refusal) if "temperature" in request else (200, says("{}"))))

    endpoint = start(behave)
    assert llm.complete(CHAT, endpoint.settings(), 30).rung == "json_schema"
    assert len(endpoint.asked) == 2


@pytest.mark.parametrize("model", ["o3-mini", "gpt-5", "gpt-5-mini", "openai/o1", "deepseek-r1"])
def test_a_reasoning_model_is_sent_no_temperature(start: Start, model: str) -> None:
    endpoint = start(answers(says("{}")))
    llm.complete(CHAT, endpoint.settings(model), 30)
    assert "temperature" not in endpoint.asked[0]


def _cut_connection(handler: Handler, _: Request) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "5000")
    handler.end_headers()
    handler.wfile.write(b'{"choices": [{"mess')
    handler.close_connection = True


FAILURES: list[tuple[str, Behaviour, str]] = [
    ("429", fails(429), "model_rate_limited"),
    ("429 without credit", fails(429, code="insufficient_quota"), "model_quota"),
    ("402", fails(402), "model_quota"),
    ("401", fails(401), "model_unauthorized"),
    ("403", fails(403), "model_unauthorized"),
    ("404", fails(404), "model_error"),
    ("500", fails(500), "model_error"),
    ("503", fails(503), "model_error"),
    ("400 in every form", fails(400), "model_error"),
    ("refusal", answers(says(None, refusal="Saya tidak bisa")), "model_refused"),
    ("no choice", answers({"choices": []}), "model_bad_output"),
    ("empty text", answers(says("  \n")), "model_bad_output"),
    ("null text", answers(says(None)), "model_bad_output"),
    ("a web page", answers(b"<html>hello</html>"), "model_error"),
    ("truncated wire", answers(b'{"choices": [{"message": {"content": "{'), "model_error"),
    ("a cut connection", _cut_connection, "model_error"),
]


@pytest.mark.parametrize(("_name", "behave", "reason"), FAILURES, ids=[name for name, _, _ in FAILURES])
def test_each_failure_has_a_reason_and_quotes_nothing(
    start: Start, _name: str, behave: Behaviour, reason: str
) -> None:
    with pytest.raises(ModelFailed) as caught:
        llm.complete(CHAT, start(behave).settings(), 30)
    assert caught.value.reason == reason
    assert "halo" not in str(caught.value)
    assert "sk-secret" not in str(caught.value)


def test_nothing_is_retried_here(start: Start) -> None:
    endpoint = start(fails(500))
    with pytest.raises(ModelFailed):
        llm.complete(CHAT, endpoint.settings(), 30)
    assert len(endpoint.asked) == 1


def _silent(handler: Handler, _: Request) -> None:
    handler.endpoint.released.wait(30)
    handler.close_connection = True


def _dripping(handler: Handler, _: Request) -> None:
    """White space until the client leaves, as some servers send while they think."""
    handler.send_response(200)
    handler.end_headers()
    while not handler.endpoint.released.wait(0.05):
        try:
            handler.wfile.write(b"\n")
        except OSError:
            return


@pytest.mark.parametrize("behave", [_silent, _dripping])
def test_a_slow_server_is_left_at_the_deadline(start: Start, behave: Behaviour) -> None:
    with pytest.raises(ModelFailed) as caught:
        llm.complete(CHAT, start(behave).settings(), 1.2)
    assert caught.value.reason == "model_timeout"


def test_no_call_is_made_when_no_time_is_left(start: Start) -> None:
    endpoint = start(answers(says("{}")))
    with pytest.raises(ModelFailed) as caught:
        llm.complete(CHAT, endpoint.settings(), 0.1)
    assert (caught.value.reason, endpoint.asked) == ("model_timeout", [])


def test_a_closed_port_is_a_model_error() -> None:
    with pytest.raises(ModelFailed) as caught:
        llm.complete(CHAT, llm.ModelSettings("http://127.0.0.1:1/v1", "demo", "k"), 30)
    assert caught.value.reason == "model_error"


def test_the_key_is_in_no_repr() -> None:
    assert "sk-secret" not in repr(llm.ModelSettings("http://127.0.0.1:1/v1", "demo", "sk-secret"))


def test_a_silent_turn_does_not_pay_for_importing_openai() -> None:
    code = "import sys, balas.llm, balas.agent.answer; sys.exit('openai' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], timeout=60, check=False).returncode == 0
