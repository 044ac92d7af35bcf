"""An OpenAI-wire server on loopback that answers what a test tells it to."""

import json
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ANSWER: Mapping[str, object] = {
    "reply": "Halo kak, ada yang bisa dibantu?", "mode": "general_faq", "intent": "greeting", "tags": [],
    "sentiment": "neutral", "order_lines": [], "order_action": "none", "delivery_area": None,
    "fulfilment": None, "address": None, "product_interest": [], "needs_follow_up": False,
    "follow_up_hours": None, "follow_up_reason": None,
    "handover": False, "handover_reason": None, "confidence": 0.9, "sources": [],
}  # fmt: skip


@dataclass
class ModelServer:
    """`script` turns the request body into (status, message content or error document)."""

    url: str
    script: Callable[[dict[str, object]], tuple[int, str]]
    requests: list[dict[str, object]] = field(default_factory=list[dict[str, object]])

    def says(self, **fields: object) -> None:
        """From now on every call gets a good answer with these fields."""
        content = json.dumps({**ANSWER, **fields})
        self.script = lambda _: (200, content)

    def writes(self, content: str) -> None:
        """From now on every call gets this text, whatever it is."""
        self.script = lambda _: (200, content)

    def fails(self, status: int) -> None:
        self.script = lambda _: (status, "no")


@contextmanager
def start() -> Generator[ModelServer]:
    """A server on a free port, until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["content-length"])))
            model.requests.append(request)
            status, text = model.script(request)
            body = json.dumps(_completion(text) if status == 200 else {"error": {"message": text}}).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
            """Silence: a test's output is its own."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        model = ModelServer(f"http://127.0.0.1:{server.server_port}/v1", lambda _: (500, "no script"))
        model.says()
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield model
        server.shutdown()
        thread.join()


def _completion(content: str) -> dict[str, object]:
    message = {"role": "assistant", "content": content}
    usage = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return {
        "id": "c",
        "object": "chat.completion",
        "created": 0,
        "model": "test",
        "choices": [choice],
        "usage": usage,
    }
