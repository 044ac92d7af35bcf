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

LOCK = READ + "for update"

LINK = """
update whatsapp_sessions set
    wanted = 'on', state = 'linking', attempt_id = %(attempt_id)s, method = %(method)s, reason = null,
    phone_to_link = null, qr = null, qr_expires_at = null, pair_code = null, updated_at = now()
where tenant_id = %(tenant_id)s
"""

RECONNECT = """
update whatsapp_sessions set wanted = 'on', state = 'reconnecting', reason = null, updated_at = now()
where tenant_id = %(tenant_id)s
"""

ASK_LOGOUT = """
update whatsapp_sessions set wanted = 'off', updated_at = now()
where tenant_id = %(tenant_id)s and wanted = 'on'
"""

FORGET = """
update whatsapp_sessions set
    wanted = 'off', state = 'disconnected', reason = %(reason)s, attempt_id = null, jid = null, lid = null,
    phone = null, qr = null, qr_expires_at = null, pair_code = null, updated_at = now()
where tenant_id = %(tenant_id)s
"""


def read(tx: Tx) -> WhatsappSession:
    return _found(tx.first(WhatsappSession, READ))


def connect(tx: Tx, method: Method) -> None:
    """Asks for a connection: of the device if there is one, otherwise of a new one, linked by `method`.

    What is already under way goes on unchanged.
    """
    session = _found(tx.first(WhatsappSession, LOCK))
    if session.wanted == "on" and _is_under_way(session, method):
        return
    if session.jid is None:
        tx.run(LINK, attempt_id=uuid4(), method=method)
    else:
        tx.run(RECONNECT)


def disconnect(tx: Tx) -> None:
    """Asks for the device to be logged out; a link that no shard holds ends at once.

    A device that WhatsApp stopped stays on the phone's list: only the owner can remove it there.
    """
    session = _found(tx.first(WhatsappSession, LOCK))
    if session.jid is None:
        tx.run(FORGET, reason=None)
    elif session.state in ("connected", "reconnecting"):
        tx.run(ASK_LOGOUT)
    else:
        tx.run(FORGET, reason="unreachable_logout")


def _is_under_way(session: WhatsappSession, method: Method) -> bool:
    if session.state == "linking":
        return session.method == method
    return session.state in ("connected", "reconnecting")


def _found(session: WhatsappSession | None) -> WhatsappSession:
    if session is None:
        raise NotFound("Toko ini tidak ditemukan.")
    return session
