"""A client's WebSocket: framing below, Noise above, stanzas out."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable

from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.server import ServerProtocol

from whatsapp_emulator import binary_xml, dispatch, login, noise
from whatsapp_emulator.certificates import NoiseIdentity
from whatsapp_emulator.link import Link
from whatsapp_emulator.noise import FrameReader, ServerHandshake
from whatsapp_emulator.world import World

log = logging.getLogger("whatsapp_emulator")
_MAX_MESSAGE = 64 * 1024 * 1024
_READ = 64 * 1024


async def serve(
    world: World,
    identity: NoiseIdentity,
    streams: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    head: bytes,
) -> None:
    """Talks to one WhatsApp client until either side closes; `head` is its upgrade request."""
    socket = _Socket(streams)
    session = _Session(world, identity, socket)
    try:
        async for data in socket.messages(head):
            session.feed(data)
    except noise.HandshakeError as error:
        log.warning("client refused: %s", error)
    finally:
        session.end()


class _Socket:
    """WebSocket messages over a byte stream."""

    def __init__(self, streams: tuple[asyncio.StreamReader, asyncio.StreamWriter]) -> None:
        self._reader, self._writer = streams
        self._protocol = ServerProtocol(max_size=_MAX_MESSAGE)

    async def messages(self, head: bytes) -> AsyncIterator[bytes]:
        """The bytes of every binary frame until the stream ends."""
        self._protocol.receive_data(head)
        while True:
            for event in self._protocol.events_received():
                if isinstance(event, Request):
                    self._protocol.send_response(self._protocol.accept(event))
                elif isinstance(event, Frame) and event.opcode in (Opcode.BINARY, Opcode.CONT):
                    yield bytes(event.data)
            self._flush()
            if self._protocol.close_expected():
                return
            data = await self._reader.read(_READ)
            if not data:
                return
            self._protocol.receive_data(data)

    def write(self, data: bytes) -> None:
        """Sends one binary message."""
        if not self._writer.is_closing():
            self._protocol.send_binary(data)
            self._flush()

    def end(self, abort: bool) -> None:  # noqa: FBT001 - the callback of Link
        """Closes after flushing, or at once."""
        if abort:
            self._writer.transport.abort()
        else:
            self._writer.close()

    def _flush(self) -> None:
        for data in self._protocol.data_to_send():
            if data:
                self._writer.write(data)


class _Session:
    """The Noise handshake and then the stanzas of one client."""

    def __init__(self, world: World, identity: NoiseIdentity, socket: _Socket) -> None:
        self._world = world
        self._socket = socket
        self._frames = FrameReader()
        self._handshake = ServerHandshake(identity.static, identity.chain)
        self._take: Callable[[bytes], None] = self._hello
        self._link: Link | None = None

    def feed(self, data: bytes) -> None:
        """Takes what arrived."""
        for body in self._frames.feed(data):
            self._take(body)

    def end(self) -> None:
        """The client is gone."""
        link = self._link
        if link:
            link.close()
            with self._world.transaction():
                login.leave(self._world, link)

    def _hello(self, body: bytes) -> None:
        self._socket.write(self._handshake.answer(body))
        self._take = self._finish

    def _finish(self, body: bytes) -> None:
        static, payload, transport = self._handshake.finish(body)
        self._link = link = Link(transport, self._socket.write, self._socket.end)
        self._take = lambda frame: self._stanza(link, binary_xml.decode(transport.open(frame)))
        with self._world.transaction():
            login.enter(self._world, link, static, payload)

    def _stanza(self, link: Link, stanza: binary_xml.Node) -> None:
        log.debug("from %s: %s", link.companion, stanza)
        try:
            with self._world.transaction():
                dispatch.handle(self._world, link, stanza)
        except Exception:
            log.exception("a <%s> could not be handled", stanza.tag)
