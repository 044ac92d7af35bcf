"""Accounts (phones), their companions, and the keys of both."""

import os
import secrets
import sqlite3
from dataclasses import dataclass

from whatsapp_emulator import curve, hashes
from whatsapp_emulator.curve import KeyPair
from whatsapp_emulator.jid import LID_SERVER, PHONE_SERVER, Jid, lid_jid
from whatsapp_emulator.ratchet import Bundle

SIGNED_PREKEY_ID = 1


@dataclass(frozen=True, slots=True)
class Account:
    """A phone with its number: a shop's owner or a customer."""

    phone: str
    lid: str
    name: str
    identity: KeyPair
    registration_id: int
    signed_prekey: KeyPair
    app_state_key_id: bytes
    app_state_key: bytes

    @property
    def jid(self) -> Jid:
        """Its address by LID."""
        return lid_jid(self.lid)


@dataclass(frozen=True, slots=True)
class Companion:
    """A linked device of an account."""

    phone: str
    lid: str
    device: int
    noise_public: bytes
    identity_public: bytes
    registration_id: int
    signed_prekey_id: int
    signed_prekey: bytes
    signed_prekey_signature: bytes
    platform: str
    is_bootstrapped: bool

    @property
    def jid(self) -> Jid:
        """Its address by LID and device."""
        return lid_jid(self.lid, self.device)


def ensure(db: sqlite3.Connection, phone: str, name: str = "") -> Account:
    """The account of a phone number, made on first use; a name given now replaces the old one."""
    found = find(db, phone)
    if found is None:
        db.execute(
            "insert into account (phone, lid, name, identity_private, registration_id, signed_prekey_private,"
            " app_state_key_id, app_state_key) values (?, ?, ?, ?, ?, ?, ?, ?)",
            (phone, _stable_lid(phone), name or f"Nomor {phone[-4:]}", curve.generate().private,
             secrets.randbelow(16380) + 1, curve.generate().private,
             b"\0\0" + os.urandom(4), os.urandom(32)),
        )  # fmt: skip
    elif name and name != found.name:
        db.execute("update account set name = ? where phone = ?", (name, phone))
    account = find(db, phone)
    assert account is not None  # noqa: S101 - just inserted
    return account


def find(db: sqlite3.Connection, phone: str) -> Account | None:
    """The account of a phone number, if it was ever used."""
    return _account(db.execute("select * from account where phone = ?", (phone,)).fetchone())


def find_by_jid(db: sqlite3.Connection, jid: Jid | None) -> Account | None:
    """The account that an address, by number or by LID, belongs to."""
    if jid is None:
        return None
    column = "lid" if jid.server == LID_SERVER else "phone"
    return _account(db.execute(f"select * from account where {column} = ?", (jid.user,)).fetchone())  # noqa: S608


def ensure_by_jid(db: sqlite3.Connection, jid: Jid | None) -> Account | None:
    """The account of an address; a phone number that was never used before is made one."""
    found = find_by_jid(db, jid)
    if found is None and jid and jid.server == PHONE_SERVER and jid.user.isdigit():
        return ensure(db, jid.user)
    return found


def everyone(db: sqlite3.Connection) -> list[Account]:
    """All accounts, oldest first."""
    rows = db.execute("select * from account order by rowid").fetchall()
    return [account for row in rows if (account := _account(row))]


def companions(db: sqlite3.Connection, phone: str) -> list[Companion]:
    """The linked devices of an account."""
    query = "select c.*, a.lid from companion c join account a using (phone) where phone = ? order by device"
    return [_companion(row) for row in db.execute(query, (phone,))]


def find_companion(db: sqlite3.Connection, phone: str, device: int) -> Companion | None:
    """One linked device."""
    return next((found for found in companions(db, phone) if found.device == device), None)


def next_device(db: sqlite3.Connection, phone: str) -> int:
    """A device number that this account never used before."""
    query = "update account set next_device = next_device + 1 where phone = ? returning next_device - 1"
    return db.execute(query, (phone,)).fetchone()[0]


def add_companion(db: sqlite3.Connection, companion: Companion) -> None:
    """Remembers a device that has just been linked."""
    db.execute(
        "insert into companion (phone, device, noise_public, identity_public, registration_id,"
        " signed_prekey_id, signed_prekey, signed_prekey_signature, platform)"
        " values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (companion.phone, companion.device, companion.noise_public, companion.identity_public,
         companion.registration_id, companion.signed_prekey_id, companion.signed_prekey,
         companion.signed_prekey_signature, companion.platform),
    )  # fmt: skip


def remove_companion(db: sqlite3.Connection, phone: str, device: int) -> None:
    """Forgets a device with all that waits for it."""
    for table in ("companion", "companion_prekey", "stanza"):
        db.execute(f"delete from {table} where phone = ? and device = ?", (phone, device))  # noqa: S608
    db.execute("delete from phone_sent where to_phone = ? and to_device = ?", (phone, device))


def mark_bootstrapped(db: sqlite3.Connection, phone: str, device: int) -> None:
    """The device has been sent its keys and history."""
    db.execute("update companion set is_bootstrapped = 1 where phone = ? and device = ?", (phone, device))


def store_prekeys(db: sqlite3.Connection, phone: str, device: int, prekeys: list[tuple[int, bytes]]) -> None:
    """Adds one-time prekeys that a companion uploaded."""
    db.executemany(
        "insert or replace into companion_prekey (phone, device, id, public) values (?, ?, ?, ?)",
        [(phone, device, key_id, public) for key_id, public in prekeys],
    )


def store_signed_prekey(db: sqlite3.Connection, phone: str, device: int, bundle: Bundle) -> None:
    """Replaces a companion's identity and signed prekey with the uploaded ones."""
    db.execute(
        "update companion set registration_id = ?, identity_public = ?, signed_prekey_id = ?,"
        " signed_prekey = ?, signed_prekey_signature = ? where phone = ? and device = ?",
        (bundle.registration_id, bundle.identity, bundle.signed_prekey_id, bundle.signed_prekey,
         bundle.signature, phone, device),
    )  # fmt: skip


def prekey_count(db: sqlite3.Connection, phone: str, device: int) -> int:
    """How many one-time prekeys of a companion are left."""
    query = "select count(*) from companion_prekey where phone = ? and device = ?"
    return db.execute(query, (phone, device)).fetchone()[0]


def take_companion_bundle(db: sqlite3.Connection, companion: Companion) -> Bundle:
    """A companion's bundle; its one-time prekey, if any is left, is given away only once."""
    query = (
        "delete from companion_prekey where (phone, device, id) = (select phone, device, min(id)"
        " from companion_prekey where phone = ? and device = ?) returning id, public"
    )
    rows = db.execute(query, (companion.phone, companion.device)).fetchall()
    prekey_id, prekey = rows[0] if rows else (None, None)
    return Bundle(
        companion.registration_id, companion.identity_public, companion.signed_prekey_id,
        companion.signed_prekey, companion.signed_prekey_signature, prekey_id, prekey,
    )  # fmt: skip


def take_phone_bundle(db: sqlite3.Connection, account: Account) -> Bundle:
    """A phone's bundle with a one-time prekey made for the asker."""
    query = (
        "update account set next_prekey_id = next_prekey_id + 1 where phone = ? returning next_prekey_id - 1"
    )
    prekey_id = db.execute(query, (account.phone,)).fetchone()[0]
    prekey = curve.generate()
    db.execute("insert into phone_prekey values (?, ?, ?)", (account.phone, prekey_id, prekey.private))
    signature = curve.sign(account.identity.private, b"\x05" + account.signed_prekey.public)
    return Bundle(
        account.registration_id, account.identity.public, SIGNED_PREKEY_ID, account.signed_prekey.public,
        signature, prekey_id, prekey.public,
    )  # fmt: skip


def _account(row: sqlite3.Row | None) -> Account | None:
    if row is None:
        return None
    return Account(
        row["phone"], row["lid"], row["name"], curve.from_private(row["identity_private"]),
        row["registration_id"], curve.from_private(row["signed_prekey_private"]),
        row["app_state_key_id"], row["app_state_key"],
    )  # fmt: skip


def _companion(row: sqlite3.Row) -> Companion:
    return Companion(
        row["phone"], row["lid"], row["device"], row["noise_public"], row["identity_public"],
        row["registration_id"], row["signed_prekey_id"], row["signed_prekey"], row["signed_prekey_signature"],
        row["platform"], bool(row["is_bootstrapped"]),
    )  # fmt: skip


def _stable_lid(phone: str) -> str:
    """Fifteen digits that look nothing like the number, the same in every world."""
    return "1" + str(int.from_bytes(hashes.sha256(b"lid" + phone.encode())))[:14]
