"""The password, asked again before what a thief of a signed-in browser would do."""

from datetime import timedelta

from balas.db import rate_limits, users
from balas.db.database import Database
from balas.db.rate_limits import Limit
from balas.db.users import Credentials
from balas.errors import Forbidden
from functions.api import limits, opaque_token, passwords
from functions.api.tokens import SignedIn

CONFIRMATIONS = Limit("confirmation", 5, timedelta(minutes=15))


def confirm(db: Database, who: SignedIn, password: str) -> Credentials:
    """What the user signs in with; Forbidden when `password` is not his, RateLimited when guessed at."""
    subject = str(who.user_id)
    limits.enforce(db, CONFIRMATIONS, subject)
    with db.tenant_tx(who.tenant_id) as tx:
        credentials = users.lock(tx, who.user_id)
    if credentials is None:
        raise opaque_token.sign_in_again()
    if not passwords.is_right(password, credentials.password_hash):
        raise Forbidden("Kata sandi salah.")
    with db.routing_tx() as tx:
        rate_limits.reset(tx, CONFIRMATIONS, subject)
    return credentials
