"""The shop's link to WhatsApp."""

import time
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import segno
from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError

from balas import whatsapp_session
from balas.db import audit_log, whatsapp_sessions
from balas.db.database import Database
from balas.tenant import TenantId
from balas.whatsapp_session import Method, State, WhatsappSession
from functions.api import fields
from functions.api.deps import Config, Db, Me

POLL_S = 0.2

router = APIRouter(prefix="/device", tags=["device"])


HAS_WHAT_IT_NEEDS: JsonDict = {
    "anyOf": [
        {"properties": {"method": {"const": "qr"}}},
        {"properties": {"phone": {"type": "string"}}, "required": ["phone"]},
    ]
}


class Connect(BaseModel):
    """`phone` is the number to link; a pairing code needs it, a QR does not."""

    model_config = ConfigDict(json_schema_extra=HAS_WHAT_IT_NEEDS)

    method: Method
    phone: fields.Phone | None = Field(default=None, validate_default=True)

    @field_validator("phone")
    @classmethod
    def _is_there_for_a_code(cls, phone: str | None, info: ValidationInfo) -> str | None:
        if info.data.get("method") == "qr":
            return None
        if phone is None and info.data.get("method") == "code":
            raise PydanticCustomError("missing", "Wajib diisi.")
        return phone


class Device(BaseModel):
    """`message` is what the owner reads; `qr` is what `qr_svg` draws, until `qr_expires_at`."""

    state: State
    reason: str | None
    message: str
    attempt_id: UUID | None
    qr: str | None
    qr_svg: str | None
    qr_expires_at: datetime | None
    pair_code: str | None
    jid: str | None
    phone: str | None
    last_seen_at: datetime | None


@router.get("/status")
def device_status(who: Me, db: Db) -> Device:
    """The state of the link."""
    return _device(_read(db, who.tenant_id))


@router.post("/connect")
def device_connect(body: Connect, who: Me, settings: Config, db: Db) -> Device:
    """Connects the shop's device, or begins to link one and waits a moment for the first code."""
    with db.tenant_tx(who.tenant_id) as tx:
        whatsapp_sessions.connect(tx, body.method, body.phone)
        audit_log.record(tx, who.user_id, "device_connect_asked")
    return _device(_wait_until(_has_code, db, who.tenant_id, settings.link_wait_s))


@router.post("/disconnect")
def device_disconnect(who: Me, settings: Config, db: Db) -> Device:
    """Logs the device out on WhatsApp and waits a moment for that to happen."""
    with db.tenant_tx(who.tenant_id) as tx:
        whatsapp_sessions.disconnect(tx)
        audit_log.record(tx, who.user_id, "device_disconnect_asked")
    return _device(_wait_until(_is_off, db, who.tenant_id, settings.logout_wait_s))


def _wait_until(
    is_met: Callable[[WhatsappSession], bool], db: Database, tenant_id: TenantId, wait_s: float
) -> WhatsappSession:
    """The session once the fleet has done its part, or as it is when the time is over."""
    deadline = time.monotonic() + wait_s
    while not is_met(session := _read(db, tenant_id)) and time.monotonic() < deadline:
        time.sleep(POLL_S)
    return session


def _has_code(session: WhatsappSession) -> bool:
    return session.state != "linking" or bool(session.qr or session.pair_code)


def _is_off(session: WhatsappSession) -> bool:
    return session.state not in ("connected", "reconnecting")


def _read(db: Database, tenant_id: TenantId) -> WhatsappSession:
    with db.tenant_tx(tenant_id) as tx:
        return whatsapp_sessions.read(tx)


def _device(session: WhatsappSession) -> Device:
    return Device(
        state=session.state,
        reason=session.reason,
        message=whatsapp_session.sentence(session.state, session.reason),
        attempt_id=session.attempt_id,
        qr=session.qr,
        qr_svg=_svg(session.qr) if session.qr else None,
        qr_expires_at=session.qr_expires_at,
        pair_code=session.pair_code,
        jid=session.jid,
        phone=session.phone,
        last_seen_at=session.last_seen_at,
    )


def _svg(qr: str) -> str:
    """With its namespace, without which an <img> does not show it."""
    svg = segno.make_qr(qr, error="l").svg_inline(scale=4, light="#fff")
    return svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
