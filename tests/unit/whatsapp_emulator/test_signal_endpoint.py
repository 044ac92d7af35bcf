"""A phone's sessions live in the database, and a failed message changes nothing."""

import sqlite3

import pytest

from whatsapp_emulator import accounts, curve, ratchet, signal_endpoint
from whatsapp_emulator.accounts import Account
from whatsapp_emulator.jid import Jid, lid_jid
from whatsapp_emulator.ratchet import SignalError

DEVICE = lid_jid("199", 3)


def invite(db: sqlite3.Connection, phone: Account, text: bytes) -> tuple[ratchet.Session, bytes]:
    """A stranger's device starts a session with the phone."""
    session = ratchet.initiate(curve.generate(), accounts.take_phone_bundle(db, phone))
    return session, ratchet.encrypt(session, text + b"\x01", registration_id=1)[1]


def never() -> ratchet.Bundle:
    raise AssertionError("there is a session already")


def test_a_phone_answers_in_the_session_that_it_was_invited_to(db: sqlite3.Connection, shop: Account) -> None:
    session, first = invite(db, shop, b"halo")
    assert signal_endpoint.decrypt(db, shop, DEVICE, "pkmsg", first) == b"halo"
    kind, answer = signal_endpoint.encrypt(db, shop, DEVICE, b"ya", never)
    assert kind == "msg"
    assert ratchet.decrypt(session, answer)[:2] == b"ya"


def test_a_one_time_prekey_is_spent_by_the_first_readable_message(
    db: sqlite3.Connection, shop: Account
) -> None:
    _, first = invite(db, shop, b"halo")
    with pytest.raises(ValueError, match=r"."):
        signal_endpoint.decrypt(db, shop, DEVICE, "pkmsg", first[:-60] + bytes(60))
    assert signal_endpoint.decrypt(db, shop, DEVICE, "pkmsg", first) == b"halo"
    with pytest.raises(SignalError, match="no prekey"):
        signal_endpoint.decrypt(db, shop, Jid("200", "lid", 1), "pkmsg", first)


def test_a_forgotten_session_cannot_read_on(db: sqlite3.Connection, shop: Account) -> None:
    session, first = invite(db, shop, b"halo")
    signal_endpoint.decrypt(db, shop, DEVICE, "pkmsg", first)
    _, answer = signal_endpoint.encrypt(db, shop, DEVICE, b"ya", never)
    ratchet.decrypt(session, answer)
    signal_endpoint.forget(db, shop.phone)
    with pytest.raises(SignalError, match="no session"):
        signal_endpoint.decrypt(db, shop, DEVICE, "msg", ratchet.encrypt(session, b"x\x01", 1)[1])


def test_the_old_session_still_reads_after_a_renewal(db: sqlite3.Connection, shop: Account) -> None:
    session, first = invite(db, shop, b"halo")
    signal_endpoint.decrypt(db, shop, DEVICE, "pkmsg", first)
    other = curve.generate()
    signature = curve.sign(other.private, b"\x05" + other.public)
    signal_endpoint.renew(db, shop, DEVICE, ratchet.Bundle(1, other.public, 1, other.public, signature))
    assert signal_endpoint.encrypt(db, shop, DEVICE, b"baru", never)[0] == "pkmsg"
    late = ratchet.open_prekey_message(ratchet.encrypt(session, b"telat\x01", 1)[1]).message
    assert signal_endpoint.decrypt(db, shop, DEVICE, "msg", late) == b"telat"
