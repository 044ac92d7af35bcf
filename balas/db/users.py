"""The people who sign in. An e-mail address belongs to one user of one shop."""

from dataclasses import dataclass
from uuid import UUID

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
select u.id, u.name, u.email, u.tenant_id, t.name as tenant_name
from users as u join tenants as t on t.tenant_id = u.tenant_id
where u.tenant_id = %(tenant_id)s and u.id = %(user_id)s
"""

FIND_LOGIN = "select tenant_id, user_id, password_hash from app.find_login(%(email)s)"


@dataclass(frozen=True)
class User:
    id: UserId
    name: str
    email: str
    tenant_id: TenantId
    tenant_name: str


@dataclass(frozen=True)
class FoundLogin:
    """What signing in needs, before any tenant is known."""

    tenant_id: TenantId
    user_id: UserId
    password_hash: str


def create(tx: Tx, *, email: str, name: str, password_hash: str) -> UserId:
    """The id of a new user; Conflict when the address is taken, by whichever shop."""
    user_id = tx.scalar(UUID, CREATE, email=email, name=name, password_hash=password_hash)
    if user_id is None:
        raise Conflict("E-mail ini sudah terdaftar. Masuk saja, atau pakai e-mail lain.")
    return UserId(user_id)


def read(tx: Tx, user_id: UserId) -> User | None:
    return tx.first(User, READ, user_id=user_id)


def find_login(tx: Tx, email: str) -> FoundLogin | None:
    """The user of a lower-cased address, in no tenant: the one look-up that needs none."""
    return tx.first(FoundLogin, FIND_LOGIN, email=email)
