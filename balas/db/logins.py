"""Refresh tokens, stored as hashes: each is used once, and its children form the family of one sign-in.

Whatever changes a user's tokens locks the user first: otherwise a token that is being traded while all are
revoked would leave a child that nobody revoked.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID, uuid4

from balas.db import audit_log
from balas.db.audit_log import Subject
from balas.db.database import Tx
from balas.db.paging import Position, window
from balas.errors import NotFound
from balas.tenant import LoginId, UserId

LIFETIME = timedelta(days=30)
GRACE = timedelta(seconds=30)
"""Two tabs, or a lost answer: a token may come back this long after its rotation."""

STORE = """
insert into logins (tenant_id, user_id, family_id, token_hash, agent, expires_at)
values (%(tenant_id)s, %(user_id)s, %(login_id)s, %(token_hash)s, %(agent)s, now() + %(lifetime)s)
"""

LOCK_USER = """
select u.id
from users as u join logins as l on l.tenant_id = u.tenant_id and l.user_id = u.id
where u.tenant_id = %(tenant_id)s and l.token_hash = %(token_hash)s
for no key update of u
"""

READ = """
select user_id, family_id as login_id, agent,
    case when revoked_at is not null or expires_at <= now() then 'ended'
        when rotated_at <= now() - %(grace)s then 'reused'
        else 'good' end as state
from logins
where tenant_id = %(tenant_id)s and token_hash = %(token_hash)s
"""

MARK_ROTATED = """
update logins set rotated_at = coalesce(rotated_at, now())
where tenant_id = %(tenant_id)s and token_hash = %(token_hash)s
"""

REVOKE = """
update logins set revoked_at = now()
where tenant_id = %(tenant_id)s and user_id = %(user_id)s and revoked_at is null
    and family_id = %(login_id)s and exists (
        select from logins as living
        where living.tenant_id = %(tenant_id)s and living.family_id = %(login_id)s
            and living.revoked_at is null and living.expires_at > now()
    )
"""

REVOKE_OTHERS = """
update logins set revoked_at = now()
where tenant_id = %(tenant_id)s and user_id = %(user_id)s and revoked_at is null
    and family_id is distinct from %(kept)s
"""

NEWEST = """
select f.id, f.created_at, f.last_used_at, f.agent
from (
    select family_id as id, min(created_at) as created_at, max(created_at) as last_used_at,
        min(agent) as agent
    from logins
    where tenant_id = %(tenant_id)s and user_id = %(user_id)s
    group by family_id
    having bool_and(revoked_at is null) and max(expires_at) > now()
) as f
where %(after_at)s::timestamptz is null or (f.created_at, f.id) < (%(after_at)s, %(after_id)s)
order by f.created_at desc, f.id desc
limit %(limit)s
"""


@dataclass(frozen=True)
class Login:
    """Whose sign-in it is, and which."""

    user_id: UserId
    login_id: LoginId


@dataclass(frozen=True)
class LoginRow:
    """A sign-in that has not ended; `agent` is the browser in which it began."""

    id: LoginId
    created_at: datetime
    last_used_at: datetime
    agent: str


@dataclass(frozen=True)
class _Token:
    user_id: UserId
    login_id: LoginId
    agent: str
    state: Literal["good", "ended", "reused"]


def start(tx: Tx, user_id: UserId, token_hash: bytes, agent: str) -> LoginId:
    """Stores the first token of a sign-in."""
    login_id = LoginId(uuid4())
    _store(tx, Login(user_id, login_id), token_hash, agent)
    return login_id


def rotate(tx: Tx, token_hash: bytes, child_hash: bytes) -> Login | None:
    """Trades a token for its child; None when it is not good for that any more.

    A token that comes back after the grace was copied: its whole family is revoked, which the caller
    must commit, so it raises only afterwards.
    """
    token = _lock(tx, token_hash)
    if token is None or token.state == "ended":
        return None
    login = Login(token.user_id, token.login_id)
    if token.state == "reused":
        tx.run(REVOKE, **vars(login))
        audit_log.record(tx, None, "refresh_token_reused", Subject("session", login.login_id))
        return None
    tx.run(MARK_ROTATED, token_hash=token_hash)
    _store(tx, login, child_hash, token.agent)
    return login


def end_family(tx: Tx, token_hash: bytes) -> Login | None:
    """Ends the sign-in that a token belongs to, on every tab; None when it is not a token."""
    token = _lock(tx, token_hash)
    if token is None:
        return None
    login = Login(token.user_id, token.login_id)
    tx.run(REVOKE, **vars(login))
    return login


def newest(tx: Tx, user_id: UserId, after: Position | None) -> list[LoginRow]:
    """The user's sign-ins that have not ended."""
    return tx.all(LoginRow, NEWEST, user_id=user_id, **window(after))


def revoke(tx: Tx, login: Login) -> None:
    """Ends a sign-in of the user, who has been locked; NotFound when he has none of that id."""
    if tx.run(REVOKE, **vars(login)) == 0:
        raise NotFound("Sesi masuk ini tidak ditemukan.")


def revoke_all(tx: Tx, user_id: UserId, *, kept: LoginId | None = None) -> None:
    """Ends every sign-in of the user, who has been locked, save the one `kept`."""
    tx.run(REVOKE_OTHERS, user_id=user_id, kept=kept)


def _lock(tx: Tx, token_hash: bytes) -> _Token | None:
    """The token as it is once nobody else changes its user's tokens."""
    tx.scalar(UUID, LOCK_USER, token_hash=token_hash)
    return tx.first(_Token, READ, token_hash=token_hash, grace=GRACE)


def _store(tx: Tx, login: Login, token_hash: bytes, agent: str) -> None:
    tx.run(STORE, token_hash=token_hash, agent=agent, lifetime=LIFETIME, **vars(login))
