"""Tells browsers what changed in their shop, as ids: a thread of the supervisor.

A push may be lost or doubled (each fleet task pushes): browsers refetch what an event names, and everything
when their socket opens and every minute. So nothing here is retried, and nothing else waits for it.
"""

import json
import threading
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import cast
from uuid import UUID

from balas import log
from balas.aws import realtime
from balas.aws.realtime import Sockets
from balas.db import ws_connections
from balas.db.database import Database
from balas.db.notifications import Listener
from balas.db.ws_connections import OpenSocket
from balas.errors import Unavailable
from balas.tenant import TenantId

logger = log.get("fleet.pusher")

CHANNEL = "realtime"
SOCKET_ENDED = "socket.ended"
"""The one event that no browser hears: its user signed out."""
POLL_S = 1.0
COALESCE_S = 0.05
SWEEP_S = 30.0
PAUSE_S = 5.0
BATCH = 100

Frames = dict[TenantId, list[str]]


class Pusher:
    """`run` pushes what Postgres notifies of, to whoever watches that shop, until it is told to stop."""

    def __init__(self, db: Database, listener: Listener, sockets: Sockets) -> None:
        self._db, self._listener, self._sockets = db, listener, sockets
        self._workers = ThreadPoolExecutor(realtime.PARALLEL, "push")
        self._swept_at = 0.0

    def run(self, stopping: threading.Event) -> None:
        """Until `stopping` is set."""
        while not stopping.is_set():
            try:
                self._round()
            except Unavailable as error:
                logger.warning("pushing waits", reason=error.code)
                stopping.wait(PAUSE_S)
            except Exception as error:  # noqa: BLE001 - an odd event must not end the pushing
                logger.unexpected("pushing failed", error)
                stopping.wait(PAUSE_S)
        self._workers.shutdown(wait=False, cancel_futures=True)

    def _round(self) -> None:
        frames, has_ended = _sort(self._collect())
        if frames:
            self._push(frames)
        if has_ended or time.monotonic() - self._swept_at > SWEEP_S:
            self._swept_at = time.monotonic()
            self._close_ended()

    def _collect(self) -> list[str]:
        """The next notifications, and those that follow at once: one reply makes half a dozen."""
        payloads = self._listener.wait(POLL_S)
        deadline = time.monotonic() + COALESCE_S
        while payloads and (left_s := deadline - time.monotonic()) > 0:
            payloads += self._listener.wait(left_s)
        return payloads

    def _push(self, frames: Frames) -> None:
        with self._db.routing_tx() as tx:
            sockets = ws_connections.list_open(tx, list(frames))
        pushes = _Round(self._sockets, frames)
        gone = [lost for lost in self._workers.map(pushes.push, sockets) if lost]
        if gone:
            with self._db.routing_tx() as tx:
                forgotten = ws_connections.forget_gone(tx, gone)
            logger.info("sockets were gone", count=len(gone), forgotten=forgotten)
        pushes.raise_trouble()

    def _close_ended(self) -> None:
        with self._db.routing_tx() as tx:
            ended = ws_connections.list_ended(tx, BATCH)
        for connection_id in ended:
            self._sockets.close(connection_id)
        if ended:
            with self._db.routing_tx() as tx:
                ws_connections.forget_ended(tx, ended)
            logger.info("sockets closed", count=len(ended))


class _Round:
    """One round of pushes: when API Gateway does not answer one of them, the rest is not tried."""

    def __init__(self, sockets: Sockets, frames: Frames) -> None:
        self._sockets, self._frames = sockets, frames
        self._trouble: Unavailable | None = None

    def push(self, socket: OpenSocket) -> str | None:
        """Sends a socket the events of its shop, in their order; its id when it is gone."""
        for frame in self._frames[socket.tenant_id]:
            if self._trouble:
                return None
            try:
                delivery = self._sockets.push(socket.connection_id, frame)
            except Unavailable as error:
                self._trouble = error
                return None
            if delivery == "gone":
                return socket.connection_id
            if delivery == "refused":
                logger.warning("a push was refused", connection_id=socket.connection_id)
                return None
        return None

    def raise_trouble(self) -> None:
        if self._trouble:
            raise self._trouble


def _sort(payloads: Sequence[str]) -> tuple[Frames, bool]:
    """Each shop's events once, and whether a socket is to be closed."""
    frames: Frames = {}
    has_ended = False
    for event in _events(dict.fromkeys(payloads)):
        tenant_id = TenantId(UUID(event.pop("tenant_id")))
        if event["type"] == SOCKET_ENDED:
            has_ended = True
        else:
            frames.setdefault(tenant_id, []).append(json.dumps(event))
    return frames, has_ended


def _events(payloads: Iterable[str]) -> Iterable[dict[str, str]]:
    return (cast("dict[str, str]", json.loads(payload)) for payload in payloads)
