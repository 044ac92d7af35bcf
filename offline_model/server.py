"""The engine behind OpenAI's wire: chat completions and the list of models."""

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import cast

from offline_model import engine

MODEL = "balas-offline"
MAX_BODY_BYTES = 2_000_000


class Server(ThreadingHTTPServer):
    """Listens at once; `serve_forever` answers."""

    daemon_threads = True
    allow_reuse_address = False
    request_queue_size = 128

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", port), _Handler)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60
    wbufsize = -1  # head and body leave as one packet: two small ones wait for a delayed ACK, 40 ms

    def do_GET(self) -> None:
        if self.path == "/v1/models":
            self._send(
                200, {"object": "list", "data": [{"id": MODEL, "object": "model", "owned_by": "balas"}]}
            )
        else:
            self._refuse(404, f"no such address: {self.path}")

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > MAX_BODY_BYTES:
            self.close_connection = True
            self._refuse(413, f"a request needs a Content-Length of at most {MAX_BODY_BYTES}")
            return
        body = self.rfile.read(int(length))
        if self.path != "/v1/chat/completions":
            self._refuse(404, f"no such address: {self.path}")
            return
        messages = _messages(body)
        if messages is None:
            self._refuse(400, "the body must be a JSON object with a list `messages` and without `stream`")
            return
        self._send(200, completion(messages))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the standard library's name
        """Silent: a request line holds nothing that helps, and nothing of a chat may be logged."""

    def _refuse(self, status: int, message: str) -> None:
        self._send(status, {"error": {"message": message, "type": "invalid_request_error", "code": None}})

    def _send(self, status: int, answer: Mapping[str, object]) -> None:
        body = json.dumps(answer, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def completion(messages: Sequence[Mapping[str, object]]) -> dict[str, object]:
    """A chat completion; the same messages give the same one."""
    content = json.dumps(engine.answer(messages), ensure_ascii=False)
    asked = json.dumps(list(messages), ensure_ascii=False)
    used = {"prompt_tokens": _tokens(asked), "completion_tokens": _tokens(content)}
    choice = {"index": 0, "message": {"role": "assistant", "content": content}, "finish_reason": "stop"}
    return {
        "id": f"chatcmpl-{sha256(asked.encode()).hexdigest()[:24]}",
        "object": "chat.completion",
        "created": 0,
        "model": MODEL,
        "choices": [choice],
        "usage": {**used, "total_tokens": sum(used.values())},
    }


def _tokens(text: str) -> int:
    """A rough count: Indonesian needs about one token for four characters."""
    return -(-len(text) // 4)


def _messages(body: bytes) -> list[Mapping[str, object]] | None:
    try:
        request = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(request, dict):
        return None
    fields = cast("dict[str, object]", request)
    messages = fields.get("messages")
    if fields.get("stream") or not isinstance(messages, list):
        return None
    items = cast("list[object]", messages)
    return (
        [cast("Mapping[str, object]", m) for m in items] if all(isinstance(m, dict) for m in items) else None
    )
