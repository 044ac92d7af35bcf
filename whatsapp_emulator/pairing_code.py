"""Linking a new device by an eight-character code that the owner types into the phone.

Source: WhatsApp's link_code_companion_reg exchange; the label strings are its HKDF contexts.
"""

import hashlib
import os
import time
from collections.abc import Callable
from dataclasses import replace

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from whatsapp_emulator import accounts, curve, hashes, pairing
from whatsapp_emulator.accounts import Account
from whatsapp_emulator.jid import SERVER
from whatsapp_emulator.link import CodePairing, Link
from whatsapp_emulator.node import Node
from whatsapp_emulator.pairing import PairingError
from whatsapp_emulator.world import World

_ROUNDS = 131_072
_REG = "link_code_companion_reg"


def answer(world: World, link: Link, iq: Node) -> list[Node]:
    """Answers a client that has no account yet: its wish for a code, and the end of the exchange."""
    reg = iq.child(_REG)
    if reg is None or link.pairing is None:
        return []
    if reg.text("stage") == "companion_hello":
        return _begin(link, reg)
    if reg.text("stage") == "companion_finish":
        _finish(world, link, reg)
    return []


def enter(world: World, account: Account, code: str, done: Callable[[str], None]) -> None:
    """The owner types a code into the phone; `done` hears how it ended."""
    link = _waiting_link(world, account.phone)
    attempt = link.pairing and link.pairing.code
    if link.pairing is None or attempt is None:
        raise PairingError("no device asks for a code of this number: ask for a new code first")
    letters = code.replace("-", "").strip().upper()
    theirs = _unwrap(letters, attempt.wrapped_ephemeral)
    ephemeral = curve.generate()
    shared = curve.agree(ephemeral.private, theirs)
    link.pairing.code = replace(attempt, ephemeral=ephemeral, shared=shared)
    link.pairing.code_done = done
    world.send(link, _primary_hello(account, attempt, _wrap(letters, ephemeral.public)))


def _waiting_link(world: World, phone: str) -> Link:
    for link in world.pairing.values():
        if link.pairing and link.pairing.code and link.pairing.code.phone == phone:
            return link
    raise PairingError("no device asks for a code of this number: ask for a new code first")


def _begin(link: Link, reg: Node) -> list[Node]:
    jid = reg.jid("jid")
    if jid is None or link.pairing is None:
        raise ValueError("the request for a pairing code names no number")
    wrapped = reg.bytes_at("link_code_pairing_wrapped_companion_ephemeral_pub")
    link.pairing.code = CodePairing(jid.user, os.urandom(16), wrapped)
    return [Node(_REG, {}, [Node("link_code_pairing_ref", {}, link.pairing.code.ref)])]


def _primary_hello(account: Account, attempt: CodePairing, wrapped: bytes) -> Node:
    parts = [
        Node("link_code_pairing_wrapped_primary_ephemeral_pub", {}, wrapped),
        Node("primary_identity_pub", {}, account.identity.public),
        Node("link_code_pairing_ref", {}, attempt.ref),
    ]
    attrs = {"from": SERVER, "type": _REG, "id": attempt.ref.hex(), "t": str(int(time.time()))}
    return Node("notification", attrs, [Node(_REG, {"stage": "primary_hello"}, parts)])


def _finish(world: World, link: Link, reg: Node) -> None:
    if link.pairing is None or link.pairing.code is None:
        raise ValueError("this client never asked for a code")
    attempt, done = link.pairing.code, link.pairing.code_done
    account = accounts.ensure(world.db, attempt.phone)
    try:
        random = _open_bundle(attempt, reg.bytes_at("link_code_pairing_wrapped_key_bundle"))
    except InvalidTag:
        world.after_commit(lambda: done("this code is wrong: type the code that the screen shows"))
        return
    shared = attempt.shared + curve.agree(account.identity.private, link.pairing.identity_public) + random
    secret = hashes.hkdf(shared, 32, info=b"adv_secret")
    pairing.invite(world, link, account, secret, done)


def _open_bundle(attempt: CodePairing, wrapped: bytes) -> bytes:
    salt, nonce, sealed = wrapped[:32], wrapped[32:44], wrapped[44:]
    key = hashes.hkdf(attempt.shared, 32, info=b"link_code_pairing_key_bundle_encryption_key", salt=salt)
    return AESGCM(key).decrypt(nonce, sealed, None)[64:96]


def _wrap(code: str, public: bytes) -> bytes:
    salt, iv = os.urandom(32), os.urandom(16)
    return salt + iv + hashes.ctr(_code_key(code, salt), iv, public)


def _unwrap(code: str, wrapped: bytes) -> bytes:
    return hashes.ctr(_code_key(code, wrapped[:32]), wrapped[32:48], wrapped[48:80])


def _code_key(code: str, salt: bytes) -> bytes:
    return hashlib.pbkdf2_hmac("sha256", code.encode(), salt, _ROUNDS, 32)
