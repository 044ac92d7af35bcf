"""The one origin of the local house: the page at `/`, the API behind `/api/v1`, the socket at `/ws`, mails.

In AWS CloudFront does this. Its environment: FRONT_PORT, FRONT_API_URL and FRONT_SOCKET_URL (where the
deployed HTTP and WebSocket APIs are), FRONT_MAILS_URL (where MiniStack tells what was mailed), and
FRONT_PHONE_URL, FRONT_MODEL, which the page shows.
"""

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket

from balas import handover
from local import mail_page, socket_proxy

PAGE = Path(__file__).with_name("page")
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
HOP_BY_HOP = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
"""Source: RFC 9110, section 7.6.1."""
FORWARDED = frozenset({"x-forwarded-for", "x-forwarded-host", "x-forwarded-proto"})
TIMEOUT = httpx.Timeout(35, connect=3)
"""Above the 30 s that an HTTP API gives its function."""
POLICY = (
    "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


def make_app(api_url: str, socket_url: str, phone_url: str, model: str, *, mails_url: str) -> Starlette:
    """The ASGI application; `phone_url` is empty when a real phone is linked."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncGenerator[None]:
        async with httpx.AsyncClient(timeout=TIMEOUT, trust_env=False) as client:
            app.state.client = client
            yield

    async def to_api(request: Request) -> Response:
        return await _forward(request, request.app.state.client, api_url)

    async def to_socket(browser: WebSocket) -> None:
        await socket_proxy.forward(browser, socket_url)

    async def mails(request: Request) -> Response:
        return await mail_page.answer(request.app.state.client, mails_url, request.url.hostname)

    async def house(_: Request) -> Response:
        told = {"phone_url": phone_url, "model": model, "handovers": handover.SENTENCES}
        return JSONResponse(told)

    routes = [
        Route("/api/v1/{path:path}", to_api, methods=METHODS),
        WebSocketRoute("/ws", to_socket),
        Route("/house.json", house),
        Route("/mail", mails),
        Mount("/", _Page(directory=PAGE, html=True)),
    ]
    return Starlette(routes=routes, lifespan=lifespan)


class _Page(StaticFiles):
    """Static files that load nothing from elsewhere and are never stale."""

    def file_response(self, *args: object, **kwargs: object) -> Response:
        response = super().file_response(*args, **kwargs)  # pyright: ignore[reportArgumentType] - passed on
        response.headers.update({"Content-Security-Policy": POLICY, "Cache-Control": "no-cache"})
        return response


async def _forward(request: Request, client: httpx.AsyncClient, api_url: str) -> Response:
    path, query = request.scope["raw_path"].decode("ascii"), request.url.query
    outgoing = client.build_request(
        request.method,
        f"{api_url}{path}?{query}" if query else f"{api_url}{path}",
        headers=_request_headers(request),
        content=request.stream() if _has_body(request) else None,
    )
    try:
        answer = await client.send(outgoing, stream=True)
    except httpx.HTTPError:
        return _problem(502, "api_unreachable", "The API did not answer. Wait a moment and try again.")
    response = StreamingResponse(
        answer.aiter_raw(), answer.status_code, background=BackgroundTask(answer.aclose)
    )
    connection = answer.headers.get("connection", "")
    response.raw_headers = [(k.lower(), v) for k, v in answer.headers.raw if _is_end_to_end(k, connection)]
    return response


def _request_headers(request: Request) -> list[tuple[bytes, bytes]]:
    connection = request.headers.get("connection", "")
    dropped = FORWARDED | {"host"}
    kept = [
        (name, value)
        for name, value in request.headers.raw
        if _is_end_to_end(name, connection) and name.decode() not in dropped
    ]
    address = request.client.host if request.client else ""
    host = request.headers.get("host", "")
    return [
        *kept,
        (b"x-forwarded-for", address.encode()),
        (b"x-forwarded-proto", request.url.scheme.encode()),
        (b"x-forwarded-host", host.encode()),
    ]


def _is_end_to_end(name: bytes, connection: str) -> bool:
    """False for what concerns one hop only, among it whatever the header `Connection` names."""
    named = {part.strip().lower() for part in connection.split(",")}
    return name.decode().lower() not in HOP_BY_HOP | named


def _has_body(request: Request) -> bool:
    return "content-length" in request.headers or "transfer-encoding" in request.headers


def _problem(status: int, code: str, detail: str) -> Response:
    body = {"type": "about:blank", "title": code, "status": status, "code": code, "detail": detail}
    return JSONResponse(body, status, media_type="application/problem+json")


def make_server(app: Starlette, port: int) -> uvicorn.Server:
    """The server of `app`; it believes no caller's X-Forwarded headers."""
    return uvicorn.Server(
        uvicorn.Config(
            app,
            host="127.0.0.1",
            port=port,
            ws="websockets-sansio",
            proxy_headers=False,
            log_level="warning",
            timeout_graceful_shutdown=1,
        )
    )


def main() -> None:
    env = os.environ
    app = make_app(
        env["FRONT_API_URL"],
        env["FRONT_SOCKET_URL"],
        env["FRONT_PHONE_URL"],
        env["FRONT_MODEL"],
        mails_url=env["FRONT_MAILS_URL"],
    )
    make_server(app, int(env["FRONT_PORT"])).run()


if __name__ == "__main__":
    main()
