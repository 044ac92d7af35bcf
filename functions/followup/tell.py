"""What the sweep tells owners: that their device is dead, by mail; what yesterday was like, by a notice."""

from collections.abc import Callable
from datetime import datetime

from balas import mail_texts
from balas.db import owner_mails
from balas.db.database import Database
from balas.db.owner_mails import DeadDevice
from balas.mail_texts import Letter

BATCH = 100

Post = Callable[[str, Letter], None]
"""Sends a letter to an address; raises Unavailable when it is not taken."""


def plan_digests(db: Database, now: datetime) -> int:
    """Plans the morning's notices, which the fleet sends; returns how many shops were looked at."""
    with db.routing_tx() as tx:
        shops = owner_mails.list_undigested(tx, now, BATCH)
    for shop in shops:
        with db.tenant_tx(shop.tenant_id) as tx:
            owner_mails.digest(tx, shop.day, now)
    return len(shops)


def mail_of_dead_devices(db: Database, post: Post, origin: str, now: datetime) -> int:
    """Mails owners whose device has died; returns to how many shops.

    A mail that is not taken raises Unavailable: its notice stays claimed, and a later sweep tries again.
    """
    with db.routing_tx() as tx:
        dead = owner_mails.list_dead_devices(tx, now, BATCH)
    return sum(_mail(db, each, post, origin, now) for each in dead)


def _mail(db: Database, dead: DeadDevice, post: Post, origin: str, now: datetime) -> bool:
    with db.tenant_tx(dead.tenant_id) as tx:
        state = owner_mails.claim(tx, dead.notice_id, now)
        addresses = owner_mails.addresses(tx) if state else []
    if state is None:
        return False
    for address in addresses:
        post(address, mail_texts.device_down(origin, state))
    with db.tenant_tx(dead.tenant_id) as tx:
        owner_mails.settle(tx, dead.notice_id, was_sent=bool(addresses), now=now)
    return bool(addresses)
