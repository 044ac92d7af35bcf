"""What an owner asks of the shop's link to WhatsApp; the session fleet does it and writes the answer."""

from uuid import uuid4

from balas.db.database import Tx
from balas.errors import NotFound
from balas.whatsapp_session import Method, WhatsappSession

# A device that was told to log out and is still there after 30 s cannot be reached.
READ = """
select id, wanted, state, attempt_id, method, qr, qr_expires_at, pair_code, jid, lid, phone, last_seen_at,
    case
        when wanted = 'off' and jid is not null and state in ('connected', 'reconnecting')
            and updated_at < now() - interval '30 seconds' then 'unreachable_logout'
        else reason
    end as reason
from whatsapp_sessions
where tenant_id = %(tenant_id)s
"""

# Not while an attempt of the same kind runs: it goes on.
LINK = """
update whatsapp_sessions set
    wanted = 'on', state = 'linking', attempt_id = %(attempt_id)s, method = %(method)s, reason = null,
    phone_to_link = %(phone)s, qr = null, qr_expires_at = null, pair_code = null, updated_at = now()
where tenant_id = %(tenant_id)s and jid is null and not (
    wanted = 'on' and state = 'linking' and method = %(method)s
    and phone_to_link is not distinct from %(phone)s
)
"""

RECONNECT = """
update whatsapp_sessions set wanted = 'on', state = 'reconnecting', reason = null, updated_at = now()
where tenant_id = %(tenant_id)s and jid is not null
    and not (wanted = 'on' and state in ('connected', 'reconnecting'))
"""

ASK_LOGOUT = """
update whatsapp_sessions set wanted = 'off', updated_at = now()
where tenant_id = %(tenant_id)s and wanted = 'on'
    and jid is not null and state in ('connected', 'reconnecting')
"""

FORGET = """
update whatsapp_sessions set
    wanted = 'off', state = 'disconnected', attempt_id = null, jid = null, lid = null, phone = null,
    reason = case when jid is not null then 'unreachable_logout' end,
    qr = null, qr_expires_at = null, pair_code = null, phone_to_link = null, updated_at = now()
where tenant_id = %(tenant_id)s and (jid is null or state not in ('connected', 'reconnecting'))
"""


def read(tx: Tx) -> WhatsappSession:
    session = tx.first(WhatsappSession, READ)
    if session is None:
        raise NotFound("Toko ini tidak ditemukan.")
    return session


def connect(tx: Tx, method: Method, phone: str | None) -> None:
    """Asks for a connection: of the device if there is one, otherwise of a new one, linked by `method`.

    `phone` is the number, in digits, whose owner types the pairing code. What is already under way goes on
    unchanged.
    """
    tx.run(LINK, attempt_id=uuid4(), method=method, phone=phone)
    tx.run(RECONNECT)


def disconnect(tx: Tx) -> None:
    """Asks the shard to log the device out; a link that no shard serves ends at once.

    A device that WhatsApp stopped stays on the phone's list: only the owner can remove it there.
    """
    tx.run(ASK_LOGOUT)
    tx.run(FORGET)
