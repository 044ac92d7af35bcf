"""What every request passes on its way in and out."""

from collections.abc import Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from functions.api import problems

MAX_BODY_BYTES = 1_000_000
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

        try:
            inner = problems.too_large() if _is_too_large(scope) else self._app
            await inner(scope, receive, send_with_headers)
        except Exception as error:  # noqa: BLE001 - the last resort
            response = problems.unexpected(error)
            if not started:
                await response(scope, receive, send_with_headers)


def _is_too_large(scope: Scope) -> bool:
    return int(Headers(scope=scope).get("content-length", "0")) > MAX_BODY_BYTES
