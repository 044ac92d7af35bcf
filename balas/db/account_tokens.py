"""What a link in a mail is good for: each is used once, within its time. Stored as hashes."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from balas.db.database import Tx
from balas.tenant import UserId

Purpose = Literal["reset", "verify", "change_email"]

LIFETIMES: dict[Purpose, timedelta] = {
    "reset": timedelta(minutes=60),
    "verify": timedelta(days=3),
    "change_email": timedelta(days=1),
}

FORGET_EXPIRED = "delete from account_tokens where tenant_id = %(tenant_id)s and expires_at <= now()"

# From `users`, so that for a user who does not exist it does the same, and stores nothing.
STORE = """
insert into account_tokens (tenant_id, token_hash, user_id, purpose, new_email, expires_at)
select tenant_id, %(token_hash)s, id, %(purpose)s, %(new_email)s, now() + %(lifetime)s
from users
where tenant_id = %(tenant_id)s and id = %(user_id)s
"""

REDEEM = """
update account_tokens set used_at = now()
where tenant_id = %(tenant_id)s and token_hash = %(token_hash)s and purpose = any(%(purposes)s)
    and used_at is null and expires_at > now()
returning user_id, purpose, new_email
"""

END = """
update account_tokens set used_at = now()
where tenant_id = %(tenant_id)s and user_id = %(user_id)s and purpose = any(%(purposes)s)
    and used_at is null
"""


@dataclass(frozen=True)
class Proof:
    """What the holder of a link has shown: that he reads the user's mails, or those to `new_email`."""

    user_id: UserId
    purpose: Purpose
    new_email: str | None


def issue(
    tx: Tx, user_id: UserId, purpose: Purpose, token_hash: bytes, *, new_email: str | None = None
) -> None:
    """Stores a token, and clears away the shop's old ones."""
    tx.run(FORGET_EXPIRED)
    row = {"user_id": user_id, "purpose": purpose, "token_hash": token_hash, "new_email": new_email}
    tx.run(STORE, lifetime=LIFETIMES[purpose], **row)


def redeem(tx: Tx, token_hash: bytes, *purposes: Purpose) -> Proof | None:
    """What the token proves, for the first who shows it in time; None for everybody else."""
    return tx.first(Proof, REDEEM, token_hash=token_hash, purposes=list(purposes))


def end(tx: Tx, user_id: UserId, *purposes: Purpose) -> None:
    """Makes the user's open links useless."""
    tx.run(END, user_id=user_id, purposes=list(purposes))
