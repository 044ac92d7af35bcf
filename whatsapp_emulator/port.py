"""The one port: a proxy (CONNECT) for WhatsApp's hosts, the control API, and the phone page."""

import asyncio
import contextlib
import fnmatch
import logging
import ssl
from pathlib import Path

from whatsapp_emulator import certificates, client_socket, control, http_message, media_store
from whatsapp_emulator.certificates import NoiseIdentity
from whatsapp_emulator.http_message import Request, Response, as_json
from whatsapp_emulator.world import World

log = logging.getLogger("whatsapp_emulator")
_PAGE = Path(__file__).with_name("phone")
_TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Port:
    """Serves the connections of one listening socket."""

    def __init__(self, world: World, tls: ssl.SSLContext, identity: NoiseIdentity) -> None:
        self._world = world
        self._tls = tls
        self._identity = identity

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Talks to one client, whatever it is."""
        gone = (ConnectionError, ssl.SSLError, asyncio.IncompleteReadError, TimeoutError)
        with contextlib.suppress(*gone, asyncio.CancelledError):
            try:
                await self._serve((reader, writer))
            except ValueError as error:
                writer.write(as_json({"error": str(error)}, 400).encode())
            finally:
                writer.close()

    async def _serve(self, streams: Streams) -> None:
        reader, writer = streams
        request = await http_message.read_request(reader)
        if request is None:
            return
        if request.method != "CONNECT":
            writer.write((await self._answer(request)).encode())
            await writer.drain()
            return
        host = request.target.partition(":")[0]
        if not any(fnmatch.fnmatch(host, pattern) for pattern in certificates.HOSTS):
            writer.write(Response(403, b"this proxy leads to WhatsApp's hosts only").encode())
            return
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await writer.start_tls(self._tls)
        await self._serve_whatsapp(streams)

    async def _serve_whatsapp(self, streams: Streams) -> None:
        reader, writer = streams
        request = await http_message.read_request(reader)
        if request is None:
            return
        if request.headers.get("upgrade", "").lower() == "websocket":
            await client_socket.serve(self._world, self._identity, streams, request.head)
        else:
            writer.write(media_store.handle(self._world, request).encode())
            await writer.drain()

    async def _answer(self, request: Request) -> Response:
        path = request.target.partition("?")[0]
        if path.startswith("/_emu/"):
            return await control.handle(
                self._world, request.method, path.removeprefix("/_emu/"), request.body
            )
        name = "index.html" if path in ("/", "/phone", "/phone/") else path.removeprefix("/phone/")
        file = _PAGE / Path(name).name
        if request.method != "GET" or not file.is_file():
            return as_json({"error": "there is nothing here: the pretend phone is at /phone"}, 404)
        return Response(200, file.read_bytes(), f"{_TYPES.get(file.suffix, 'text/plain')}; charset=utf-8")
