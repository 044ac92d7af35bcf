"""The process that holds a handler: `python runtime.py package.module.function <fd of a socket>`.

It runs in the folder of the function's code, on the Python of the functions, with the standard library only.
Each line of the socket is a request, and each is answered by one line; when the socket ends, so does this.
"""

import importlib
import json
import os
import queue
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable
from typing import Any

Requests = queue.SimpleQueue[dict[str, str]]
Handler = Callable[[Any, "Context"], object]


class Context:
    """What a handler learns about its invocation. Source: AWS Lambda, context object in Python."""

    identity = None
    client_context = None

    def __init__(self, request: dict[str, str]) -> None:
        self.aws_request_id = request["request_id"]
        self.invoked_function_arn = request["arn"]
        self.function_name = os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "")
        self.function_version = os.environ.get("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
        self.memory_limit_in_mb = int(os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"))
        self.log_group_name = os.environ.get("AWS_LAMBDA_LOG_GROUP_NAME", "")
        self.log_stream_name = os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME", "")
        self._ends_at = time.monotonic() + float(os.environ.get("AWS_LAMBDA_FUNCTION_TIMEOUT", "3"))

    def get_remaining_time_in_millis(self) -> int:
        return max(0, round(1000 * (self._ends_at - time.monotonic())))


def main(handler_name: str, fd: int) -> None:
    """Answers until the socket ends."""
    channel = socket.socket(fileno=fd)
    requests: Requests = queue.SimpleQueue()
    threading.Thread(target=_read, args=[channel, requests], daemon=True).start()
    sys.path.insert(0, str(os.getcwd()))  # noqa: PTH109 - as plain as the import system
    try:
        handler = _load(handler_name)
    except Exception as error:  # noqa: BLE001 - whatever an import raises is the answer
        _write(channel, _error(error, ""), is_error=True)
        return
    _write(channel, "ready", is_error=False)
    while True:
        payload, is_error = _run(handler, requests.get())
        _write(channel, payload, is_error=is_error)


def _read(channel: socket.socket, requests: Requests) -> None:
    """In a thread of its own, so that the end of who asks ends a busy handler too."""
    with channel.makefile("rb") as lines:
        for line in lines:
            requests.put(json.loads(line))
    os._exit(0)


def _load(handler_name: str) -> Handler:
    module, _, name = handler_name.rpartition(".")
    return getattr(importlib.import_module(module.replace("/", ".")), name)


def _run(handler: Handler, request: dict[str, str]) -> tuple[str, bool]:
    os.environ["_X_AMZN_TRACE_ID"] = request["trace_id"]
    try:
        return json.dumps(handler(json.loads(request["event"]), Context(request))), False
    except Exception as error:  # noqa: BLE001 - whatever a handler raises is the answer
        traceback.print_exc()
        return _error(error, request["request_id"]), True


def _error(error: Exception, request_id: str) -> str:
    return json.dumps(
        {
            "errorMessage": str(error),
            "errorType": type(error).__name__,
            "requestId": request_id,
            "stackTrace": traceback.format_tb(error.__traceback__),
        }
    )


def _write(channel: socket.socket, payload: str, *, is_error: bool) -> None:
    channel.sendall(json.dumps({"payload": payload, "is_error": is_error}).encode() + b"\n")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
