"""Linking WhatsApp, as the dashboard asks for it; the fleet's part is written straight to the row."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import psycopg
import pytest
from fastapi.testclient import TestClient

from balas.db.bootstrap import RoleUrls
from functions.api.app import create_app
from functions.api.settings import Settings
from tests.api.owner import Owner, pointers

SET = """
update whatsapp_sessions
set wanted = %(wanted)s, state = %(state)s, jid = %(jid)s, lid = %(jid)s, qr = %(qr)s, reason = %(reason)s
where tenant_id = %(tenant_id)s
"""
AGE = (
    "update whatsapp_sessions set updated_at = now() - interval '31 seconds' where tenant_id = %(tenant_id)s"
)
PHONE_TO_LINK = "select phone_to_link from whatsapp_sessions where tenant_id = %(tenant_id)s"
SHOW_CODE = "update whatsapp_sessions set pair_code = 'ABCD-1234' where tenant_id = %(tenant_id)s"
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
        ({"method": "code"}, "/phone"),
        ({}, "/method"),
        ({"method": "nfc"}, "/method"),
        ({"method": "code", "phone": "abc"}, "/phone"),
        ([], ""),
    ],
)
def test_connect_refuses(refused: Owner, body: object, pointer: str) -> None:
    assert pointers(refused.post("device/connect", body)) == [pointer]


def test_an_attempt_of_another_kind_replaces_the_running_one(owner: Owner) -> None:
    by_phone = {"method": "code", "phone": "0812-0000-0001"}
    bodies = [{"method": "qr"}, by_phone, by_phone, {**by_phone, "phone": "6281200000002"}, {"method": "qr"}]
    attempts = [owner.post("device/connect", body).json()["attempt_id"] for body in bodies]
    assert attempts[1] == attempts[2]
    assert len(set(attempts)) == 4


def test_a_pairing_code_is_shown_when_it_is_there(owner: Owner) -> None:
    owner.post("device/connect", {"method": "code", "phone": "0812-0000-0001"})
    with owner.db.tenant_tx(owner.tenant_id) as tx:
        assert tx.scalar(str, PHONE_TO_LINK) == "6281200000001"
        tx.run(SHOW_CODE)
    device = owner.get("device/status").json()
    assert (device["state"], device["pair_code"], device["qr_svg"]) == ("linking", "ABCD-1234", None)


def test_disconnect_while_linking_ends_at_once(owner: Owner) -> None:
    owner.post("device/connect", {"method": "qr"})
    fleet_writes(owner, "linking", qr="2@rujukan")
    device = owner.post("device/disconnect").json()
    assert (device["state"], wanted(owner)) == ("disconnected", "off")
    assert (device["qr"], device["attempt_id"]) == (None, None)


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


def test_connect_and_disconnect_wake_the_fleet(owner: Owner, urls: RoleUrls) -> None:
    with psycopg.connect(urls.fleet, autocommit=True) as fleet:
        fleet.execute("listen whatsapp_sessions")
        for path, body in (("device/connect", {"method": "qr"}), ("device/disconnect", None)):
            owner.post(path, body)
            assert [n.channel for n in fleet.notifies(timeout=5, stop_after=1)] == ["whatsapp_sessions"]


def test_connect_and_disconnect_wait_for_the_fleet(owner: Owner, urls: RoleUrls, settings: Settings) -> None:
    patient = settings.model_copy(update={"link_wait_s": 30, "logout_wait_s": 30})
    owner = replace(owner, client=TestClient(create_app(patient, owner.db)))
    with psycopg.connect(urls.fleet, autocommit=True) as fleet, ThreadPoolExecutor() as dashboard:
        fleet.execute("listen whatsapp_sessions")
        connected = dashboard.submit(owner.post, "device/connect", {"method": "qr"})
        assert list(fleet.notifies(timeout=5, stop_after=1))
        fleet_writes(owner, "linking", qr="2@rujukan")
        assert connected.result(20).json()["qr"] == "2@rujukan"
        fleet_writes(owner, "connected", jid="1:1@lid")
        disconnected = dashboard.submit(owner.post, "device/disconnect")
        assert len(list(fleet.notifies(timeout=5, stop_after=3))) == 3  # two writes of ours before it
        fleet_writes(owner, "disconnected", wanted="off")
        assert disconnected.result(20).json()["state"] == "disconnected"
