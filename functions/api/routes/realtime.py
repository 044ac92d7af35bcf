"""The way to a live socket."""

from datetime import timedelta

from fastapi import APIRouter
from pydantic import BaseModel

from balas.db import ws_tickets
from balas.db.rate_limits import Limit
from functions.api import limits, opaque_token
from functions.api.deps import Db, Me
from functions.api.opaque_token import OpaqueToken

TICKETS = Limit("ticket", 60, timedelta(minutes=1))
"""Several tabs that all reconnect stay far below it."""

router = APIRouter(prefix="/realtime", tags=["realtime"])


class Ticket(BaseModel):
    ticket: str


@router.post("/ticket")
def create_ticket(who: Me, db: Db) -> Ticket:
    """A ticket that opens one socket at `/ws?ticket=…`, once, within 60 seconds.

    Events carry ids only, and may be lost: refetch when the socket opens, and every 60 seconds.
    """
    limits.enforce(db, TICKETS, str(who.user_id))
    ticket = OpaqueToken.new(who.tenant_id)
    with db.tenant_tx(who.tenant_id) as tx:
        is_issued = ws_tickets.issue(tx, who.user_id, ticket.hash)
    if not is_issued:
        raise opaque_token.sign_in_again()
    return Ticket(ticket=str(ticket))
