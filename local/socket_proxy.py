"""A browser's socket on our origin, joined to the one that the WebSocket API holds."""

import asyncio
from contextlib import suppress

from starlette.responses import Response
from starlette.websockets import WebSocket, WebSocketDisconnect
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

OPEN_LIMIT_S = 15
"""For the handshake: its authorizer may have to start first."""


async def forward(browser: WebSocket, url: str) -> None:
    """Passes frames both ways until either end closes; a refused handshake is refused with its status."""
    query = browser.scope["query_string"].decode("ascii", "replace")
    try:
        api = await connect(f"{url}?{query}", proxy=None, open_timeout=OPEN_LIMIT_S)
    except (OSError, TimeoutError, InvalidHandshake) as error:
        status = error.response.status_code if isinstance(error, InvalidStatus) else 502
        await browser.send_denial_response(Response(status_code=status))
        return
    async with api:
        with suppress(WebSocketDisconnect):  # the browser closed first
            await browser.accept()
            await _join(browser, api)


async def _join(browser: WebSocket, api: ClientConnection) -> None:
    ways = [asyncio.create_task(_to_api(browser, api)), asyncio.create_task(_to_browser(api, browser))]
    await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    for way in ways:
        way.cancel()
    await asyncio.gather(*ways, return_exceptions=True)
    await browser.close()


async def _to_api(browser: WebSocket, api: ClientConnection) -> None:
    with suppress(WebSocketDisconnect, ConnectionClosed):
        while True:
            await api.send(await browser.receive_text())


async def _to_browser(api: ClientConnection, browser: WebSocket) -> None:
    with suppress(ConnectionClosed):
        async for frame in api:
            await browser.send_text(frame if isinstance(frame, str) else frame.decode())
