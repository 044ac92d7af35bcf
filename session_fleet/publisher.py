"""Turns stored messages into jobs for the AI worker, and settles sends that no shard will ever make."""

import threading
import time
from datetime import UTC, datetime

from balas import log
from balas.aws.job_queue import DelayedJob, Job, JobQueue
from balas.db import jobs, sends
from balas.db.database import Database
from balas.db.jobs import UnqueuedMessage
from balas.db.notifications import Listener
from balas.errors import Unavailable

logger = log.get("fleet.publisher")

BATCH = 100
POLL_S = 1.0
SWEEP_S = 30.0


class Publisher:
    """Runs in a thread of the supervisor. A message may be queued twice; the worker answers it once."""

    def __init__(self, db: Database, listener: Listener, queue: JobQueue) -> None:
        self._db, self._listener, self._queue = db, listener, queue
        self._swept_at = 0.0

    def run(self, stopping: threading.Event) -> None:
        """Until `stopping` is set."""
        while not stopping.is_set():
            try:
                while self.publish() == BATCH:
                    pass
                self._sweep()
                self._listener.wait(POLL_S)
            except Unavailable as error:
                logger.warning("publishing waits", reason=error.code)
                stopping.wait(POLL_S)
            except Exception as error:  # noqa: BLE001 - a bad row must not end the publishing
                logger.unexpected("publishing failed", error)
                stopping.wait(POLL_S)

    def publish(self) -> int:
        """Queues what is waiting, at most 100 messages, and returns how many were seen."""
        with self._db.routing_tx() as tx:
            messages = jobs.list_unqueued(tx, BATCH)
        if messages:
            now = datetime.now(UTC)
            refused = {
                delayed.job.message_id for delayed in self._queue.send([_job(m, now) for m in messages])
            }
            queued = [m for m in messages if m.message_id not in refused]
            jobs.mark_queued(self._db, queued)
            logger.info("jobs queued", count=len(queued), refused=len(refused))
        return len(messages)

    def _sweep(self) -> None:
        if time.monotonic() - self._swept_at < SWEEP_S:
            return
        self._swept_at = time.monotonic()
        with self._db.routing_tx() as tx:
            tenants = sends.tenants_with_overdue(tx)
        for tenant_id in tenants:
            with self._db.tenant_tx(tenant_id) as tx:
                count = sends.settle_overdue(tx)
            logger.warning("sends ran out of time", tenant_id=tenant_id, count=count)


def _job(message: UnqueuedMessage, now: datetime) -> DelayedJob:
    """Postgres's clock and ours differ by little; the pause is a courtesy, not a lock."""
    job = Job(message.tenant_id, message.conversation_id, message.message_id)
    return DelayedJob(job, message.due_at - now)
