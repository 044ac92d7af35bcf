"""The first process: starts shards and linking processes, and ends those that hang. No neonize here."""

import math
import os
import resource
import secrets
import signal
import socket
import threading
import time
from dataclasses import dataclass

from balas import log
from balas.aws.job_queue import JobQueue
from balas.aws.realtime import Sockets
from balas.db import linking, session_leases
from balas.db.database import Database
from balas.db.linking import Attempt
from balas.db.notifications import Listener
from balas.errors import Unavailable
from balas.whatsapp_session import AttemptId
from session_fleet import child, pusher, settings
from session_fleet.child import Child
from session_fleet.publisher import Publisher
from session_fleet.pusher import Pusher
from session_fleet.settings import Settings

logger = log.get("fleet.supervisor")

ROUND_S = 0.25
POLL_S = 1.0
STORE_LIMIT_S = 60.0
LINKING_LIMIT_S = 230.0
"""Longer than a linking process gives itself: for the one that hangs."""
STOP_LIMIT_S = 110.0
"""Source: ECS gives 120 s between SIGTERM and SIGKILL."""
FIRST_PAUSE_S, LONGEST_PAUSE_S, CALM_S = 0.5, 30.0, 60.0


@dataclass
class _Slot:
    """A place for a shard, which is filled again when its shard dies, ever later if it keeps dying."""

    child: Child | None = None
    start_at: float = 0.0
    pause_s: float = FIRST_PAUSE_S


@dataclass
class _Link:
    attempt: Attempt
    child: Child
    deadline: float


class Supervisor:
    """`run` returns when it was told to stop and every child has ended."""

    def __init__(
        self, config: Settings, launcher: list[str], queue: JobQueue, sockets: Sockets | None
    ) -> None:
        self._config, self._launcher = config, launcher
        self._task = f"{socket.gethostname()}-{secrets.token_hex(3)}/"
        self._db = Database(config.fleet_url, max_connections=3)
        self._listener = Listener(config.fleet_url, ["whatsapp_sessions"])
        self._publisher = Publisher(self._db, Listener(config.fleet_url, ["inbound"]), queue)
        self._pusher = (
            Pusher(self._db, Listener(config.fleet_url, [pusher.CHANNEL]), sockets) if sockets else None
        )
        self._slots: list[_Slot] = []
        self._links: dict[AttemptId, _Link] = {}
        self._children = 0
        self._stopping = threading.Event()
        self._looked = threading.Event()

    def run(self) -> int:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda _, __: self._stopping.set())
        _raise_open_files()
        self._prepare_store()
        threads = [
            threading.Thread(target=self._publisher.run, args=(self._stopping,)),
            threading.Thread(target=self._listen, daemon=True),
        ]
        if self._pusher:
            threads.append(threading.Thread(target=self._pusher.run, args=(self._stopping,), daemon=True))
        for thread in threads:
            thread.start()
        looked_at = 0.0
        while not self._stopping.is_set():
            if self._looked.is_set() or time.monotonic() - looked_at > POLL_S:
                self._looked.clear()
                looked_at = time.monotonic()
                self._look()
            self._tend()
            self._looked.wait(ROUND_S)
        self._stop()
        threads[0].join()
        return 0

    def _prepare_store(self) -> None:
        while not self._stopping.is_set():
            store = child.start(self._launcher, ["store"], self._new_owner("store"))
            deadline = time.monotonic() + STORE_LIMIT_S
            while store.is_running() and time.monotonic() < deadline and not self._stopping.wait(0.05):
                pass
            if store.is_running():
                store.kill()
            if store.process.returncode == 0:
                return
            logger.error("whatsmeow's tables could not be prepared; is Postgres up and migrated?")
            self._stopping.wait(POLL_S)

    def _look(self) -> None:
        """What Postgres wants us to run."""
        try:
            with self._db.routing_tx() as tx:
                wanted = session_leases.count_to_run(tx)
                attempts = linking.unserved_attempts(tx, self._task)
        except Unavailable:
            logger.warning("postgres did not answer")
            return
        capacity = min(wanted, self._config.sessions_per_task)
        shards = max(1, math.ceil(capacity / self._config.sessions_per_shard))
        while len(self._slots) < shards:
            self._slots.append(_Slot())
        for attempt in attempts:
            self._serve(attempt)

    def _serve(self, attempt: Attempt) -> None:
        if attempt.attempt_id in self._links:
            return
        for link in [x for x in self._links.values() if x.attempt.session_id == attempt.session_id]:
            link.child.kill()
            self._bury_link(link)
        owner = self._new_owner("linking")
        ids = [str(attempt.tenant_id), str(attempt.session_id), str(attempt.attempt_id)]
        process = child.start(self._launcher, ["linking", "--owner", owner, "--attempt", *ids], owner)
        deadline = time.monotonic() + LINKING_LIMIT_S
        self._links[attempt.attempt_id] = _Link(attempt, process, deadline)
        logger.info("linking started", session_id=attempt.session_id)

    def _tend(self) -> None:
        """Ends what hangs, buries what ended, fills empty places."""
        for slot in self._slots:
            if slot.child and slot.child.is_silent():
                logger.error("a shard gives no sign of life", owner=slot.child.owner)
                slot.child.kill()
            if slot.child and not slot.child.is_running():
                self._bury_shard(slot)
            if slot.child is None and time.monotonic() >= slot.start_at:
                owner = self._new_owner("shard")
                slot.child = child.start_with_heartbeat(self._launcher, ["shard", "--owner", owner], owner)
        for link in list(self._links.values()):
            if time.monotonic() > link.deadline:
                link.child.kill()
            if not link.child.is_running():
                self._bury_link(link)

    def _bury_shard(self, slot: _Slot) -> None:
        dead = slot.child
        if dead is None:
            return
        lived_s = time.monotonic() - dead.started_at
        slot.pause_s = FIRST_PAUSE_S if lived_s > CALM_S else min(2 * slot.pause_s, LONGEST_PAUSE_S)
        slot.child, slot.start_at = None, time.monotonic() + slot.pause_s
        self._release(dead)
        logger.warning("a shard ended", owner=dead.owner, code=dead.process.returncode, lived_s=int(lived_s))

    def _bury_link(self, link: _Link) -> None:
        del self._links[link.attempt.attempt_id]
        self._release(link.child)
        if link.child.process.returncode == 0 or self._stopping.is_set():
            return
        logger.warning("a linking process died", session_id=link.attempt.session_id)
        try:
            with self._db.tenant_tx(link.attempt.tenant_id) as tx:
                linking.abandon(tx, link.attempt)
        except Unavailable:
            logger.warning("postgres did not answer")

    def _release(self, dead: Child) -> None:
        """A process that has ended holds nothing: others need not wait for its leases to run out."""
        dead.forget()
        try:
            with self._db.routing_tx() as tx:
                session_leases.release_all(tx, dead.owner)
        except Unavailable:
            logger.warning("leases of a dead process run out by themselves", owner=dead.owner)

    def _stop(self) -> None:
        children = [slot.child for slot in self._slots if slot.child]
        children += [link.child for link in self._links.values()]
        for one in children:
            one.tell_to_stop()
        deadline = time.monotonic() + STOP_LIMIT_S
        for one in children:
            while one.is_running() and time.monotonic() < deadline:
                time.sleep(0.02)
            if one.is_running():
                logger.error("a child had to be killed", owner=one.owner)
                one.kill()
            self._release(one)
        logger.info("fleet stopped")

    def _listen(self) -> None:
        while not self._stopping.is_set():
            try:
                if self._listener.wait(POLL_S):
                    self._looked.set()
            except Unavailable:
                self._stopping.wait(POLL_S)

    def _new_owner(self, kind: str) -> str:
        self._children += 1
        return f"{self._task}{kind}-{self._children}"


def run(config: Settings, launcher: list[str]) -> int:
    queue = JobQueue(settings.inbound_queue_url(os.environ))
    endpoint = settings.websocket_endpoint(os.environ)
    if endpoint is None:
        logger.info("nothing is pushed to browsers: WEBSOCKET_ENDPOINT is not set")
    return Supervisor(config, launcher, queue, Sockets(endpoint) if endpoint else None).run()


def _raise_open_files() -> None:
    """Each start of a session leaks two descriptors; children inherit our limit."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 65536 if hard == resource.RLIM_INFINITY else min(65536, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
