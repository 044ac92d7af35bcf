"""One Signal session: X3DH agreement, then the double ratchet (message version 3).

Source: the X3DH and Double Ratchet specifications, with libsignal's constants and encodings. Public keys
inside messages are 0x05 and 32 bytes; everywhere else here they are the bare 32 bytes.
"""

import hmac
from dataclasses import dataclass, field

from whatsapp_emulator import curve, fields, hashes
from whatsapp_emulator.curve import KeyPair

VERSION = b"\x33"
_MAC_SIZE = 8
_MAX_SKIPPED = 2000
_MAX_CHAINS = 5


class SignalError(ValueError):
    """A message that this session cannot decrypt."""


class OldCounterError(SignalError):
    """A message whose key was already used."""


@dataclass(slots=True)
class Chain:
    """A symmetric ratchet; `index` counts the message keys already taken."""

    key: bytes
    index: int = 0

    def step(self) -> bytes:
        """The next message key seed."""
        seed = hashes.mac(self.key, b"\x01")
        self.key = hashes.mac(self.key, b"\x02")
        self.index += 1
        return seed


@dataclass(slots=True)
class ReceivingChain:
    """The chain of one ratchet key of theirs, with the seeds of messages that came out of order."""

    ratchet: bytes
    chain: Chain
    skipped: dict[int, bytes] = field(default_factory=dict[int, bytes])

    def seed(self, counter: int) -> bytes:
        """The message key seed of this counter, once."""
        if counter < self.chain.index:
            if counter not in self.skipped:
                raise OldCounterError(f"counter {counter} was already used")
            return self.skipped.pop(counter)
        if counter - self.chain.index > _MAX_SKIPPED:
            raise SignalError("too many messages were skipped")
        while self.chain.index < counter:
            index = self.chain.index
            self.skipped[index] = self.chain.step()
        return self.chain.step()


@dataclass(slots=True)
class Invitation:
    """What an initiator repeats in front of its messages until the first answer."""

    base: bytes
    signed_prekey_id: int
    prekey_id: int | None


@dataclass(slots=True)
class Session:
    """The state of one end; `base` is the initiator's base key and tells two sessions apart."""

    our_identity: bytes
    their_identity: bytes
    base: bytes
    root: bytes
    ratchet: KeyPair
    sending: Chain
    receiving: list[ReceivingChain]
    previous_counter: int = 0
    invitation: Invitation | None = None


@dataclass(frozen=True, slots=True)
class Bundle:
    """The public keys with which a stranger starts a session."""

    registration_id: int
    identity: bytes
    signed_prekey_id: int
    signed_prekey: bytes
    signature: bytes
    prekey_id: int | None = None
    prekey: bytes | None = None


@dataclass(frozen=True, slots=True)
class PreKeyMessage:
    """The first message of a session, opened as far as it goes without keys."""

    prekey_id: int | None
    base: bytes
    identity: bytes
    message: bytes
    registration_id: int
    signed_prekey_id: int


def initiate(identity: KeyPair, bundle: Bundle) -> Session:
    """A session with the owner of this bundle; SignalError if its signature is wrong."""
    if not curve.verify(bundle.identity, b"\x05" + bundle.signed_prekey, bundle.signature):
        raise SignalError("the signed prekey is not signed by its identity")
    base, ratchet = curve.generate(), curve.generate()
    secret = curve.agree(identity.private, bundle.signed_prekey)
    secret += curve.agree(base.private, bundle.identity) + curve.agree(base.private, bundle.signed_prekey)
    if bundle.prekey:
        secret += curve.agree(base.private, bundle.prekey)
    root, first = _start(secret)
    receiving = [ReceivingChain(bundle.signed_prekey, Chain(first))]
    root, key = _turn(root, ratchet.private, bundle.signed_prekey)
    invitation = Invitation(base.public, bundle.signed_prekey_id, bundle.prekey_id)
    return Session(
        identity.public,
        bundle.identity,
        base.public,
        root,
        ratchet,
        Chain(key),
        receiving,
        invitation=invitation,
    )


def respond(
    identity: KeyPair, signed_prekey: KeyPair, prekey: KeyPair | None, first: PreKeyMessage
) -> Session:
    """The session that a stranger's first message proposes."""
    secret = curve.agree(signed_prekey.private, first.identity)
    secret += curve.agree(identity.private, first.base) + curve.agree(signed_prekey.private, first.base)
    if prekey:
        secret += curve.agree(prekey.private, first.base)
    root, key = _start(secret)
    return Session(identity.public, first.identity, first.base, root, signed_prekey, Chain(key), [])


def encrypt(session: Session, plaintext: bytes, registration_id: int) -> tuple[str, bytes]:
    """The next message and its type: "pkmsg" until the other side has answered, then "msg"."""
    counter = session.sending.index
    key, mac_key, iv = _message_keys(session.sending.step())
    body = fields.encode(
        [
            (1, b"\x05" + session.ratchet.public),
            (2, counter),
            (3, session.previous_counter),
            (4, hashes.cbc_encrypt(key, iv, plaintext)),
        ]
    )
    mac = _mac(mac_key, session.our_identity, session.their_identity, VERSION + body)
    message = VERSION + body + mac
    if session.invitation is None:
        return "msg", message
    invitation = session.invitation
    wrapped = [
        (1, invitation.prekey_id),
        (2, b"\x05" + invitation.base),
        (3, b"\x05" + session.our_identity),
        (4, message),
        (5, registration_id),
        (6, invitation.signed_prekey_id),
    ]
    return "pkmsg", VERSION + fields.encode(wrapped)


def decrypt(session: Session, message: bytes) -> bytes:
    """The plaintext; the session may be half advanced after an error, so decrypt on a copy."""
    version, body, mac = message[:1], message[1:-_MAC_SIZE], message[-_MAC_SIZE:]
    if version != VERSION:
        raise SignalError("not a version 3 message")
    values = fields.decode(body)
    ratchet, counter, ciphertext = _bytes(values, 1)[1:], _int(values, 2), _bytes(values, 4)
    key, mac_key, iv = _message_keys(_receiving(session, ratchet).seed(counter))
    expected = _mac(mac_key, session.their_identity, session.our_identity, VERSION + body)
    if not hmac.compare_digest(mac, expected):
        raise SignalError("the message authentication code is wrong")
    session.invitation = None
    return hashes.cbc_decrypt(key, iv, ciphertext)


def open_prekey_message(data: bytes) -> PreKeyMessage:
    """The parts of a "pkmsg"; ValueError if malformed."""
    if data[:1] != VERSION:
        raise SignalError("not a version 3 prekey message")
    values = fields.decode(data[1:])
    prekey_id = values.get(1)
    return PreKeyMessage(
        prekey_id=prekey_id if isinstance(prekey_id, int) else None,
        base=_bytes(values, 2)[1:],
        identity=_bytes(values, 3)[1:],
        message=_bytes(values, 4),
        registration_id=_int(values, 5),
        signed_prekey_id=_int(values, 6),
    )


def _receiving(session: Session, ratchet: bytes) -> ReceivingChain:
    for chain in session.receiving:
        if chain.ratchet == ratchet:
            return chain
    session.root, key = _turn(session.root, session.ratchet.private, ratchet)
    chain = ReceivingChain(ratchet, Chain(key))
    session.receiving = [chain, *session.receiving][:_MAX_CHAINS]
    session.previous_counter = max(session.sending.index - 1, 0)
    session.ratchet = curve.generate()
    session.root, key = _turn(session.root, session.ratchet.private, ratchet)
    session.sending = Chain(key)
    return chain


def _start(secret: bytes) -> tuple[bytes, bytes]:
    material = hashes.hkdf(b"\xff" * 32 + secret, 64, info=b"WhisperText")
    return material[:32], material[32:]


def _turn(root: bytes, private: bytes, public: bytes) -> tuple[bytes, bytes]:
    material = hashes.hkdf(curve.agree(private, public), 64, info=b"WhisperRatchet", salt=root)
    return material[:32], material[32:]


def _message_keys(seed: bytes) -> tuple[bytes, bytes, bytes]:
    material = hashes.hkdf(seed, 80, info=b"WhisperMessageKeys")
    return material[:32], material[32:64], material[64:]


def _mac(key: bytes, sender: bytes, receiver: bytes, message: bytes) -> bytes:
    return hashes.mac(key, b"\x05" + sender + b"\x05" + receiver + message)[:_MAC_SIZE]


def _bytes(values: dict[int, int | bytes], number: int) -> bytes:
    value = values.get(number)
    if not isinstance(value, bytes):
        raise SignalError(f"field {number} is missing")
    return value


def _int(values: dict[int, int | bytes], number: int) -> int:
    value = values.get(number, 0)
    if not isinstance(value, int):
        raise SignalError(f"field {number} is not a number")
    return value
