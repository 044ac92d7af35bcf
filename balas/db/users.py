"""The people who sign in. An e-mail address belongs to one user of one shop."""

from dataclasses import dataclass
from uuid import UUID

import psycopg

from balas.db.database import Tx
from balas.errors import Conflict
from balas.tenant import TenantId, UserId

CREATE = """
insert into users (tenant_id, email, name, password_hash)
values (%(tenant_id)s, %(email)s, %(name)s, %(password_hash)s)
on conflict (email) do nothing
returning id
"""

READ = """
select u.id, u.name, u.email, u.email_verified_at is not null as email_verified, u.tenant_id,
    t.name as tenant_name
from users as u join tenants as t on t.tenant_id = u.tenant_id
where u.tenant_id = %(tenant_id)s and u.id = %(user_id)s
"""

FIND_LOGIN = "select tenant_id, user_id, password_hash from app.find_login(%(email)s)"

LOCK = """
select email, password_hash from users
where tenant_id = %(tenant_id)s and id = %(user_id)s
for no key update
"""

STORE_HASH = """
update users set password_hash = %(password_hash)s
where tenant_id = %(tenant_id)s and id = %(user_id)s
"""

SET_EMAIL = """
update users set email = %(email)s, email_verified_at = now()
where tenant_id = %(tenant_id)s and id = %(user_id)s
"""

VERIFY_EMAIL = """
update users set email_verified_at = coalesce(email_verified_at, now())
where tenant_id = %(tenant_id)s and id = %(user_id)s and email = %(email)s
"""


@dataclass(frozen=True)
class User:
    id: UserId
    name: str
    email: str
    email_verified: bool
    tenant_id: TenantId
    tenant_name: str


@dataclass(frozen=True)
class FoundLogin:
    """What signing in needs, before any tenant is known."""

    tenant_id: TenantId
    user_id: UserId
    password_hash: str


@dataclass(frozen=True)
class Credentials:
    """What a user signs in with."""

    email: str
    password_hash: str


def create(tx: Tx, *, email: str, name: str, password_hash: str) -> UserId:
    """The id of a new user; Conflict when the address is taken, by whichever shop."""
    user_id = tx.scalar(UUID, CREATE, email=email, name=name, password_hash=password_hash)
    if user_id is None:
        raise _email_taken()
    return UserId(user_id)


def read(tx: Tx, user_id: UserId) -> User | None:
    return tx.first(User, READ, user_id=user_id)


def find_login(tx: Tx, email: str) -> FoundLogin | None:
    """The user of a lower-cased address, in no tenant: the one look-up that needs none."""
    return tx.first(FoundLogin, FIND_LOGIN, email=email)


def lock(tx: Tx, user_id: UserId) -> Credentials | None:
    """What the user signs in with; until the transaction ends nobody else changes it or his sign-ins."""
    return tx.first(Credentials, LOCK, user_id=user_id)


def set_password(tx: Tx, user_id: UserId, password_hash: str) -> None:
    tx.run(STORE_HASH, user_id=user_id, password_hash=password_hash)


def set_email(tx: Tx, user_id: UserId, email: str) -> None:
    """Gives the user an address that he has shown to be his; Conflict when another user has it."""
    try:
        tx.run(SET_EMAIL, user_id=user_id, email=email)
    except psycopg.errors.UniqueViolation as error:
        raise _email_taken() from error


def verify_email(tx: Tx, user_id: UserId, email: str) -> None:
    """Notes that `email` is the user's, if it is still the one that he signs in with."""
    tx.run(VERIFY_EMAIL, user_id=user_id, email=email)


def _email_taken() -> Conflict:
    return Conflict("E-mail ini sudah terdaftar. Masuk saja, atau pakai e-mail lain.")
