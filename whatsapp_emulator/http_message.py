"""HTTP/1.1 as far as the emulator needs it: one request, one answer, closed."""

import asyncio
import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

_MAX_BODY = 128 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Request:
    """A request; `head` keeps its bytes for a WebSocket upgrade, header names are in lower case."""

    method: str
    target: str
    headers: dict[str, str]
    head: bytes
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Response:
    """An answer."""

    status: int
    body: bytes = b""
    content_type: str = "text/plain; charset=utf-8"

    def encode(self) -> bytes:
        """Its bytes, after which the connection is closed."""
        lines = [
            f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}",
            f"Content-Type: {self.content_type}",
            f"Content-Length: {len(self.body)}",
            "Cache-Control: no-store",
            "Connection: close",
        ]
        return "\r\n".join([*lines, "", ""]).encode() + self.body


def as_json(value: dict[str, Any], status: int = 200) -> Response:
    """An answer in JSON."""
    return Response(status, json.dumps(value, ensure_ascii=False).encode(), "application/json")


async def read_request(reader: asyncio.StreamReader) -> Request | None:
    """The next request; None if the client closed; ValueError if it is malformed or too large."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    except asyncio.LimitOverrunError as error:
        raise ValueError("the request head is too large") from error
    line, *rest = head.decode("latin-1").strip().split("\r\n")
    try:
        method, target, _ = line.split(" ")
    except ValueError as error:
        raise ValueError("not an HTTP request") from error
    headers = {
        name.strip().lower(): value.strip() for name, _, value in (item.partition(":") for item in rest)
    }
    size = int(headers.get("content-length", "0"))
    if size > _MAX_BODY:
        raise ValueError("the request body is too large")
    return Request(method, target, headers, head, await reader.readexactly(size))
