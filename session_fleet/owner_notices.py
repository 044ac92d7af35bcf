"""Tells the owner, from the shop's own WhatsApp, what happened in the shop; in no customer's chat."""

import os

from balas import log
from balas.db import owner_notices
from balas.db.database import Database
from balas.db.session_leases import Lease
from session_fleet.neonize_calls import Client, NotSent, Rejected, Unproven

logger = log.get("fleet.owner_notices")


class OwnerNotices:
    """Used by the session's sender, in its thread: when no customer waits for a message."""

    def __init__(self, db: Database, lease: Lease, client: Client, origin: str) -> None:
        self._db, self._lease, self._client, self._origin = db, lease, client, origin

    def send_next(self) -> bool:
        """Sends what waits the longest; False when nothing does, or nothing can leave now.

        A crash in between loses the notice, which the dashboard shows anyhow, and never doubles it.
        """
        with self._db.tenant_tx(self._lease.tenant_id) as tx:
            notice = owner_notices.claim(tx, self._origin)
        if notice is None:
            return False
        failure: str | None = None
        try:
            self._client.send_text(f"pn:{notice.to}", notice.text, os.urandom(32))
        except NotSent:
            with self._db.tenant_tx(self._lease.tenant_id) as tx:
                owner_notices.give_back(tx, notice)
            return False
        except Rejected as error:
            failure = f"whatsapp_{error.number}"
        except Unproven:
            failure = "no_proof"
        with self._db.tenant_tx(self._lease.tenant_id) as tx:
            if failure:
                owner_notices.mark_failed(tx, notice, failure)
            else:
                owner_notices.mark_sent(tx, notice)
        session_id, count = self._lease.session_id, len(notice.ids)
        logger.info("the owner was told", session_id=session_id, count=count, failure=failure)
        return True
