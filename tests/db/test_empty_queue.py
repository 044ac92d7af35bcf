"""A job that ended with the local queue is found again at once, not after the two minutes of a lost one."""

from uuid import UUID

from balas.db.bootstrap import RoleUrls
from balas.db.database import Database
from local.empty_queue import requeue_what_was_lost
from tests import shops

WAITING = "select message_id from app.unqueued_messages(10)"


def test_what_the_old_queue_held_is_queued_again(
    urls: RoleUrls, app_db: Database, fleet_db: Database
) -> None:
    shop = shops.make(app_db)
    with fleet_db.tenant_tx(shop.tenant_id) as tx:
        waiting = shops.receive(tx, shop, wa_message_id="WA1")
        old = shops.receive(tx, shop, wa_message_id="WA2")
        answered = shops.receive(tx, shop, wa_message_id="WA3")
        tx.run("update messages set queued_at = now() where tenant_id = %(tenant_id)s")
        age = (
            "update messages set stored_at = now() - interval '11 minutes'"
            " where tenant_id = %(tenant_id)s and id = %(id)s"
        )
        tx.run(age, id=old)
        tx.run(
            "update messages set answered_by = id where tenant_id = %(tenant_id)s and id = %(id)s",
            id=answered,
        )
    assert requeue_what_was_lost(urls.owner) == 1
    with fleet_db.routing_tx() as tx:
        assert tx.scalars(UUID, WAITING) == [waiting]
