"""Linking WhatsApp, as the dashboard asks for it; the fleet's part is written straight to the row."""

import pytest

from balas.db.database import Database
from tests.api.owner import Owner, code_of, pointers

SET = """
update whatsapp_sessions
set wanted = %(wanted)s, state = %(state)s, jid = %(jid)s, lid = %(jid)s, qr = %(qr)s, reason = %(reason)s
where tenant_id = %(tenant_id)s
"""
AGE = (
    "update whatsapp_sessions set updated_at = now() - interval '31 seconds' where tenant_id = %(tenant_id)s"
)
WANTED = "select wanted from whatsapp_sessions where tenant_id = %(tenant_id)s"
FIELDS = {
    "state", "reason", "message", "attempt_id", "qr", "qr_svg", "qr_expires_at", "pair_code", "jid", "phone",
    "last_seen_at",
}  # fmt: skip


def fleet_writes(
    owner: Owner, state: str, *, wanted: str = "on", jid: str | None = None, qr: str | None = None,
    reason: str | None = None,
) -> None:  # fmt: skip
    with owner.db.tenant_tx(owner.tenant_id) as tx:
        tx.run(SET, state=state, wanted=wanted, jid=jid, qr=qr, reason=reason)


def wanted(owner: Owner) -> str | None:
    with owner.db.tenant_tx(owner.tenant_id) as tx:
        return tx.scalar(str, WANTED)


def test_a_new_shop_has_no_whatsapp(owner: Owner) -> None:
    device = owner.get("device/status").json()
    assert set(device) == FIELDS
    assert (device["state"], device["qr"], device["jid"]) == ("disconnected", None, None)
    assert "Sambungkan" in device["message"]


def test_connect_begins_an_attempt_and_goes_on_with_it(owner: Owner) -> None:
    first = owner.post("device/connect", {"method": "qr"}).json()
    assert (first["state"], wanted(owner)) == ("linking", "on")
    assert first["attempt_id"]
    fleet_writes(owner, "linking", qr="2@rujukan,kunci,identitas,rahasia")
    again = owner.post("device/connect", {"method": "qr"}).json()
    assert again["attempt_id"] == first["attempt_id"]
    assert again["qr"] == "2@rujukan,kunci,identitas,rahasia"
    assert again["qr_svg"].startswith("<svg")
    assert owner.get("device/status").json() == again


@pytest.mark.parametrize("state", ["link_expired", "logged_out", "failed"])
def test_connect_after_an_end_begins_a_new_attempt(owner: Owner, state: str) -> None:
    first = owner.post("device/connect", {"method": "qr"}).json()
    fleet_writes(owner, state, wanted="off", reason="pairing_failed")
    again = owner.post("device/connect", {"method": "qr"}).json()
    assert (again["state"], again["reason"]) == ("linking", None)
    assert again["attempt_id"] != first["attempt_id"]


@pytest.mark.parametrize("state", ["connected", "reconnecting"])
def test_connect_leaves_a_connected_device_alone(owner: Owner, state: str) -> None:
    fleet_writes(owner, state, jid="1:1@lid")
    assert owner.post("device/connect", {"method": "qr"}).json()["state"] == state


@pytest.mark.parametrize("state", ["banned", "replaced", "failed", "connected"])
def test_connect_brings_back_a_device_that_was_stopped(owner: Owner, state: str) -> None:
    fleet_writes(owner, state, wanted="off", jid="1:1@lid", reason="client_outdated")
    device = owner.post("device/connect", {"method": "qr"}).json()
    assert (device["state"], device["reason"], wanted(owner)) == ("reconnecting", None, "on")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/method"),
        ({"method": "nfc"}, "/method"),
        ({"method": "code", "phone": "abc"}, "/phone"),
        ([], ""),
    ],
)
def test_connect_refuses(refused: Owner, body: object, pointer: str) -> None:
    assert pointers(refused.post("device/connect", body)) == [pointer]


def test_connect_by_code_says_that_it_is_not_there_yet(refused: Owner) -> None:
    answer = refused.post("device/connect", {"method": "code", "phone": "0812-0000-0001"})
    assert (answer.status_code, code_of(answer)) == (409, "conflict")
    assert "belum tersedia" in answer.json()["detail"]


def test_disconnect_while_linking_ends_at_once(owner: Owner) -> None:
    owner.post("device/connect", {"method": "qr"})
    fleet_writes(owner, "linking", qr="2@rujukan")
    device = owner.post("device/disconnect").json()
    assert (device["state"], device["qr"], device["attempt_id"], wanted(owner)) == (
        "disconnected",
        None,
        None,
        "off",
    )


def test_disconnect_asks_the_shard_and_says_so_when_it_cannot_be_reached(owner: Owner) -> None:
    fleet_writes(owner, "connected", jid="1:1@lid")
    device = owner.post("device/disconnect").json()
    assert (device["state"], device["reason"], wanted(owner)) == ("connected", None, "off")
    with owner.db.tenant_tx(owner.tenant_id) as tx:
        tx.run(AGE)
    late = owner.post("device/disconnect").json()
    assert late["reason"] == "unreachable_logout"
    assert "Hapus perangkat di HP" in late["message"]


def test_disconnect_of_a_device_that_whatsapp_stopped_forgets_it(owner: Owner) -> None:
    fleet_writes(owner, "banned", wanted="off", jid="1:1@lid")
    device = owner.post("device/disconnect").json()
    assert (device["state"], device["jid"], device["reason"]) == ("disconnected", None, "unreachable_logout")


def test_the_fleet_is_woken(owner: Owner, app_db: Database, fleet_db: Database) -> None:
    owner.post("device/connect", {"method": "qr"})
    with fleet_db.routing_tx() as tx:
        row = "select attempt_id is not null and wanted = 'on' from whatsapp_sessions where state = 'linking'"
        assert tx.scalars(bool, row) == [True]
