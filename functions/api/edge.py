"""What every request passes on its way in and out."""

from collections.abc import Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from functions.api import problems

MAX_BODY_BYTES = 1_000_000
MAX_UPLOAD_BYTES = 2_000_000
MULTIPART_BYTES = 10_000
"""What the boundaries and headers around an uploaded file may add to it."""
UPLOADS = "/knowledge/import"
HEADERS: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class Edge:
    """Refuses huge bodies, adds the security headers, and makes what nobody foresaw a 500 that tells nothing.

    Without the last, Starlette raises it again and its message, which may quote a customer, is logged.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def send_with_headers(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        limit = _limit(scope)
        try:
            inner = problems.too_large() if _announces_more(scope, limit) else self._app
            await inner(scope, _receive_at_most(limit, receive), send_with_headers)
        except Exception as error:  # noqa: BLE001 - the last resort
            response = problems.unexpected(error)
            if not started:
                await response(scope, receive, send_with_headers)


def _limit(scope: Scope) -> int:
    return MAX_UPLOAD_BYTES + MULTIPART_BYTES if scope["path"].endswith(UPLOADS) else MAX_BODY_BYTES


def _announces_more(scope: Scope, limit: int) -> bool:
    announced = Headers(scope=scope).get("content-length", "")
    return announced.isdecimal() and int(announced) > limit


def _receive_at_most(limit: int, receive: Receive) -> Receive:
    """Stops a body that does not announce its size and goes on for too long."""
    received = 0

    async def receive_some() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > limit:
            raise HTTPException(413)
        return message

    return receive_some
