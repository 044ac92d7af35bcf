"""The Signal end of a simulated phone: its sessions in the database, by the other device's LID address."""

import copy
import json
import secrets
import sqlite3
from collections.abc import Callable
from typing import Any

from whatsapp_emulator import curve, ratchet
from whatsapp_emulator.accounts import Account
from whatsapp_emulator.curve import KeyPair
from whatsapp_emulator.jid import Jid
from whatsapp_emulator.ratchet import Bundle, Chain, Invitation, PreKeyMessage, ReceivingChain, Session

_MAX_STATES = 5


def encrypt(
    db: sqlite3.Connection, phone: Account, to: Jid, plaintext: bytes, take_bundle: Callable[[], Bundle]
) -> tuple[str, bytes]:
    """The padded plaintext for one device; `take_bundle` is asked only if there is no session yet."""
    states = _load(db, phone, to) or [ratchet.initiate(phone.identity, take_bundle())]
    sealed = ratchet.encrypt(states[0], _pad(plaintext), phone.registration_id)
    _save(db, phone, to, states)
    return sealed


def decrypt(db: sqlite3.Connection, phone: Account, sender: Jid, kind: str, data: bytes) -> bytes:
    """The plaintext of an <enc> of type `kind`; SignalError if no session fits."""
    states = _load(db, phone, sender)
    if kind != "pkmsg":
        return _decrypt_with_any(db, phone, sender, states, data)
    first = ratchet.open_prekey_message(data)
    if not any(state.base == first.base for state in states):
        states = [_respond(db, phone, first), *states]
    plaintext = _decrypt_with_any(db, phone, sender, states, first.message)
    db.execute("delete from phone_prekey where phone = ? and id = ?", (phone.phone, first.prekey_id))
    return plaintext


def renew(db: sqlite3.Connection, phone: Account, to: Jid, bundle: Bundle) -> None:
    """Starts a new session with a device; the old one still reads what is on its way."""
    states = [ratchet.initiate(phone.identity, bundle), *_load(db, phone, to)]
    _save(db, phone, to, states[:_MAX_STATES])


def forget(db: sqlite3.Connection, phone: str, address: Jid | None = None) -> None:
    """Drops the session with one device, or all of them."""
    query = "delete from signal_session where phone = ? and (? is null or address = ?)"
    db.execute(query, (phone, address and str(address), address and str(address)))


def _decrypt_with_any(
    db: sqlite3.Connection, phone: Account, sender: Jid, states: list[Session], message: bytes
) -> bytes:
    failure: Exception = ratchet.SignalError("there is no session with this device")
    for index, state in enumerate(states):
        attempt = copy.deepcopy(state)
        try:
            plaintext = ratchet.decrypt(attempt, message)
        except ValueError as error:
            failure = error
            continue
        _save(db, phone, sender, [attempt, *states[:index], *states[index + 1 :]][:_MAX_STATES])
        return _unpad(plaintext)
    raise ratchet.SignalError(str(failure)) from failure


def _respond(db: sqlite3.Connection, phone: Account, first: PreKeyMessage) -> Session:
    prekey: KeyPair | None = None
    if first.prekey_id is not None:
        query = "select private from phone_prekey where phone = ? and id = ?"
        row = db.execute(query, (phone.phone, first.prekey_id)).fetchone()
        if row is None:
            raise ratchet.SignalError(f"there is no prekey {first.prekey_id}")
        prekey = curve.from_private(row[0])
    return ratchet.respond(phone.identity, phone.signed_prekey, prekey, first)


def _pad(plaintext: bytes) -> bytes:
    size = secrets.randbelow(15) + 1
    return plaintext + bytes([size]) * size


def _unpad(padded: bytes) -> bytes:
    if not padded or not 0 < padded[-1] <= 16:
        raise ratchet.SignalError("the padding is wrong")
    return padded[: -padded[-1]]


def _load(db: sqlite3.Connection, phone: Account, address: Jid) -> list[Session]:
    query = "select states from signal_session where phone = ? and address = ?"
    row = db.execute(query, (phone.phone, str(address))).fetchone()
    return [_from_json(state) for state in json.loads(row[0])] if row else []


def _save(db: sqlite3.Connection, phone: Account, address: Jid, states: list[Session]) -> None:
    text = json.dumps([_to_json(state) for state in states])
    db.execute("insert or replace into signal_session values (?, ?, ?)", (phone.phone, str(address), text))


def _to_json(session: Session) -> dict[str, Any]:
    invitation = session.invitation
    return {
        "identities": [session.our_identity.hex(), session.their_identity.hex()],
        "base": session.base.hex(),
        "root": session.root.hex(),
        "ratchet": session.ratchet.private.hex(),
        "sending": [session.sending.key.hex(), session.sending.index],
        "previous": session.previous_counter,
        "receiving": [
            [
                item.ratchet.hex(),
                item.chain.key.hex(),
                item.chain.index,
                {counter: seed.hex() for counter, seed in item.skipped.items()},
            ]
            for item in session.receiving
        ],
        "invitation": invitation
        and [invitation.base.hex(), invitation.signed_prekey_id, invitation.prekey_id],
    }


def _from_json(value: dict[str, Any]) -> Session:
    ours, theirs = value["identities"]
    key, index = value["sending"]
    return Session(
        our_identity=bytes.fromhex(ours),
        their_identity=bytes.fromhex(theirs),
        base=bytes.fromhex(value["base"]),
        root=bytes.fromhex(value["root"]),
        ratchet=curve.from_private(bytes.fromhex(value["ratchet"])),
        sending=Chain(bytes.fromhex(key), index),
        receiving=[_receiving_from_json(*item) for item in value["receiving"]],
        previous_counter=value["previous"],
        invitation=value["invitation"] and _invitation_from_json(*value["invitation"]),
    )


def _receiving_from_json(ratchet_key: str, key: str, index: int, skipped: dict[str, str]) -> ReceivingChain:
    seeds = {int(counter): bytes.fromhex(seed) for counter, seed in skipped.items()}
    return ReceivingChain(bytes.fromhex(ratchet_key), Chain(bytes.fromhex(key), index), seeds)


def _invitation_from_json(base: str, signed_prekey_id: int, prekey_id: int | None) -> Invitation:
    return Invitation(bytes.fromhex(base), signed_prekey_id, prekey_id)
