"""Who may connect a session: one owner at a time, and an old fence changes nothing."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from balas.db import session_leases
from balas.db.database import Database, Tx
from balas.db.session_leases import ClaimedSession, Lease
from balas.whatsapp_session import SessionId
from tests import shops
from tests.shops import TestShop

Claim = Callable[[str], list[ClaimedSession]]


@pytest.fixture
def shop(app_db: Database) -> TestShop:
    return shops.make(app_db)


@pytest.fixture
def claim(fleet_db: Database, shop: TestShop) -> Claim:
    def by(owner: str) -> list[ClaimedSession]:
        with fleet_db.routing_tx() as tx:
            return session_leases.claim(tx, owner, 25, [])

    return by


def expire(app_db: Database, shop: TestShop) -> None:
    with app_db.tenant_tx(shop.tenant_id) as tx:
        tx.run(
            "update session_leases set until = now() - %(ago)s where tenant_id = %(tenant_id)s",
            ago=timedelta(seconds=1),
        )


def write(app_db: Database, shop: TestShop, column_values: str) -> None:
    with app_db.tenant_tx(shop.tenant_id) as tx:
        match column_values:
            case "off":
                tx.run("update whatsapp_sessions set wanted = 'off' where tenant_id = %(tenant_id)s")
            case state:
                tx.run(
                    "update whatsapp_sessions set state = %(state)s where tenant_id = %(tenant_id)s",
                    state=state,
                )


def state(tx: Tx) -> str | None:
    return tx.scalar(str, "select state from whatsapp_sessions where tenant_id = %(tenant_id)s")


def test_a_session_is_claimed_by_one_only(shop: TestShop, claim: Claim) -> None:
    [first] = claim("a")
    assert (first.lease.session_id, first.lease.fence) == (shop.session_id, 1)
    assert claim("b") == []


def test_an_expired_lease_goes_to_another_with_a_higher_fence(
    app_db: Database, shop: TestShop, claim: Claim
) -> None:
    claim("a")
    expire(app_db, shop)
    [second] = claim("b")
    assert second.lease.fence == 2


def test_an_expired_lease_cannot_be_renewed(
    app_db: Database, fleet_db: Database, shop: TestShop, claim: Claim
) -> None:
    claim("a")
    ids = [SessionId(shop.session_id)]
    with fleet_db.routing_tx() as tx:
        assert session_leases.renew(tx, "a", ids) == set(ids)
        assert session_leases.renew(tx, "b", ids) == set()
    expire(app_db, shop)
    with fleet_db.routing_tx() as tx:
        assert session_leases.renew(tx, "a", ids) == set()


def test_an_old_fence_changes_nothing(
    app_db: Database, fleet_db: Database, shop: TestShop, claim: Claim
) -> None:
    [old] = claim("a")
    expire(app_db, shop)
    [new] = claim("b")
    with fleet_db.tenant_tx(shop.tenant_id) as tx:
        assert not session_leases.set_state(tx, old.lease, "reconnecting")
        assert not session_leases.stop(tx, old.lease, "replaced")
        assert state(tx) == "connected"
        assert session_leases.stop(tx, new.lease, "replaced")
        assert state(tx) == "replaced"


def test_the_same_owner_with_an_older_fence_changes_nothing_either(fleet_db: Database, claim: Claim) -> None:
    [held] = claim("a")
    lease = Lease(held.lease.tenant_id, held.lease.session_id, "a", held.lease.fence - 1)
    with fleet_db.tenant_tx(lease.tenant_id) as tx:
        assert not session_leases.stop(tx, lease, "replaced")


def test_a_released_lease_is_free_at_once_and_the_session_not_connected(
    fleet_db: Database, shop: TestShop, claim: Claim
) -> None:
    claim("a")
    with fleet_db.routing_tx() as tx:
        session_leases.release_all(tx, "b")
        assert session_leases.claim(tx, "c", 25, []) == []
        session_leases.release_all(tx, "a")
    with fleet_db.tenant_tx(shop.tenant_id) as tx:
        assert state(tx) == "reconnecting"
    assert len(claim("b")) == 1


@pytest.mark.parametrize("stopped", ["banned", "replaced", "failed", "logged_out", "linking", "disconnected"])
def test_only_sessions_that_should_run_are_claimed(
    app_db: Database, shop: TestShop, claim: Claim, stopped: str
) -> None:
    write(app_db, shop, stopped)
    assert claim("a") == []


def test_a_session_to_be_logged_out_is_claimed_too(app_db: Database, shop: TestShop, claim: Claim) -> None:
    write(app_db, shop, "off")
    [claimed] = claim("a")
    assert claimed.wanted == "off"


def test_a_late_connected_does_not_undo_the_owners_disconnect(
    app_db: Database, fleet_db: Database, shop: TestShop, claim: Claim
) -> None:
    [claimed] = claim("a")
    write(app_db, shop, "off")
    with fleet_db.tenant_tx(shop.tenant_id) as tx:
        assert not session_leases.set_state(tx, claimed.lease, "connected")


def test_a_session_that_whatsapp_ended_is_not_asked_to_log_out(
    app_db: Database, fleet_db: Database, shop: TestShop, claim: Claim
) -> None:
    [claimed] = claim("a")
    ids = [claimed.lease.session_id]
    write(app_db, shop, "off")
    with fleet_db.routing_tx() as tx:
        assert session_leases.wanted_off(tx, ids) == set(ids)
    write(app_db, shop, "banned")
    with fleet_db.routing_tx() as tx:
        assert session_leases.wanted_off(tx, ids) == set()
