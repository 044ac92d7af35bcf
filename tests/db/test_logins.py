"""Sign-ins that end while they are being renewed: no token is left that nobody ended."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import pytest

from balas.db import logins, users
from balas.db.database import Database, Tx
from balas.db.logins import Login
from balas.tenant import UserId
from tests import shops
from tests.shops import TestShop

T = TypeVar("T")

FIRST, CHILD = b"first", b"child"
LIMIT_S = 10
LIVING = "select count(*) from logins where tenant_id = %(tenant_id)s and revoked_at is null"
WAITING = """
select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
"""


@pytest.fixture
def shop(app_db: Database) -> TestShop:
    return shops.make(app_db)


@pytest.fixture
def login(app_db: Database, shop: TestShop) -> Login:
    """Someone who is signed in with the token FIRST."""
    with app_db.tenant_tx(shop.tenant_id) as tx:
        user_id = users.create(tx, email=f"{shop.lid}@toko.example", name="Pemilik", password_hash="lama")
        return Login(user_id, logins.start(tx, user_id, FIRST, ""))


def in_turn(db: Database, shop: TestShop, first: Callable[[Tx], object], second: Callable[[Tx], T]) -> T:
    """What `second` returns when it begins after `first`, in another transaction, and before that ends."""

    def later() -> T:
        with db.tenant_tx(shop.tenant_id) as tx:
            return second(tx)

    with ThreadPoolExecutor(1) as pool:
        with db.tenant_tx(shop.tenant_id) as tx:
            first(tx)
            result = pool.submit(later)
            _await_waiting(db)
        return result.result(LIMIT_S)


def living(db: Database, shop: TestShop) -> int | None:
    with db.tenant_tx(shop.tenant_id) as tx:
        return tx.scalar(int, LIVING)


def throw_out(user_id: UserId) -> Callable[[Tx], None]:
    """What a new password does."""

    def run(tx: Tx) -> None:
        users.set_password(tx, user_id, "baru")
        logins.revoke_all(tx, user_id)

    return run


def renew(tx: Tx) -> Login | None:
    return logins.rotate(tx, FIRST, CHILD)


def test_a_token_that_is_traded_just_before_leaves_no_child(
    app_db: Database, shop: TestShop, login: Login
) -> None:
    in_turn(app_db, shop, renew, throw_out(login.user_id))
    assert living(app_db, shop) == 0


def test_a_token_that_is_traded_just_after_gets_no_child(
    app_db: Database, shop: TestShop, login: Login
) -> None:
    assert in_turn(app_db, shop, throw_out(login.user_id), renew) is None
    assert living(app_db, shop) == 0


def test_a_logout_in_one_tab_leaves_no_child_of_another(
    app_db: Database, shop: TestShop, login: Login
) -> None:
    assert in_turn(app_db, shop, renew, lambda tx: logins.end_family(tx, FIRST)) == login
    assert living(app_db, shop) == 0


def test_who_signs_in_with_the_old_password_meanwhile_sees_the_new_one(
    app_db: Database, shop: TestShop, login: Login
) -> None:
    found = in_turn(app_db, shop, throw_out(login.user_id), lambda tx: users.lock(tx, login.user_id))
    assert found is not None
    assert found.password_hash == "baru"


def test_all_but_one_may_be_ended(app_db: Database, shop: TestShop, login: Login) -> None:
    with app_db.tenant_tx(shop.tenant_id) as tx:
        logins.start(tx, login.user_id, b"elsewhere", "")
        logins.revoke_all(tx, login.user_id, kept=login.login_id)
        assert [row.id for row in logins.newest(tx, login.user_id, None)] == [login.login_id]


def _await_waiting(db: Database) -> None:
    deadline = time.monotonic() + LIMIT_S
    while True:
        with db.routing_tx() as tx:
            if tx.scalar(int, WAITING):
                return
        assert time.monotonic() < deadline, "the other transaction did not wait"
