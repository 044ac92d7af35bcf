"""The server's side of Noise_XX_25519_AESGCM_SHA256, as WhatsApp frames it.

Source: the Noise protocol framework (XX pattern); WhatsApp's prologue is the connection header `WA 6 3`.
"""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from whatsapp_emulator import curve, hashes
from whatsapp_emulator.curve import KeyPair
from whatsapp_emulator.protobufs import wa6

HEADER = b"WA\x06\x03"
_PROTOCOL = b"Noise_XX_25519_AESGCM_SHA256\0\0\0\0"


class HandshakeError(ValueError):
    """The client's handshake cannot be decrypted: most likely it knows another root key."""


class Cipher:
    """AES-GCM with a counter nonce, one direction."""

    def __init__(self, key: bytes) -> None:
        self._aead = AESGCM(key)
        self._counter = 0

    def encrypt(self, plaintext: bytes, associated: bytes = b"") -> bytes:
        """The next message of this direction, sealed."""
        return self._aead.encrypt(self._nonce(), plaintext, associated)

    def decrypt(self, ciphertext: bytes, associated: bytes = b"") -> bytes:
        """The next message of this direction, opened."""
        try:
            return self._aead.decrypt(self._nonce(), ciphertext, associated)
        except InvalidTag as error:
            raise HandshakeError("a Noise message does not decrypt") from error

    def _nonce(self) -> bytes:
        self._counter += 1
        return b"\0" * 8 + (self._counter - 1).to_bytes(4)


class SymmetricState:
    """The running hash and key of a handshake; both sides keep one."""

    def __init__(self) -> None:
        self._hash = _PROTOCOL
        self._chain = _PROTOCOL
        self._cipher = Cipher(_PROTOCOL)
        self.mix_hash(HEADER)

    def mix_hash(self, data: bytes) -> None:
        """Both sides have seen these bytes."""
        self._hash = hashes.sha256(self._hash + data)

    def mix_key(self, secret: bytes) -> None:
        """Both sides share this secret."""
        material = hashes.hkdf(secret, 64, salt=self._chain)
        self._chain, self._cipher = material[:32], Cipher(material[32:])

    def encrypt(self, plaintext: bytes) -> bytes:
        """Sealed with the current key, and mixed into the hash."""
        ciphertext = self._cipher.encrypt(plaintext, self._hash)
        self.mix_hash(ciphertext)
        return ciphertext

    def decrypt(self, ciphertext: bytes) -> bytes:
        """Opened with the current key, and mixed into the hash."""
        plaintext = self._cipher.decrypt(ciphertext, self._hash)
        self.mix_hash(ciphertext)
        return plaintext

    def split(self) -> tuple[Cipher, Cipher]:
        """The transport ciphers (client to server, server to client)."""
        material = hashes.hkdf(b"", 64, salt=self._chain)
        return Cipher(material[:32]), Cipher(material[32:])


class Transport:
    """The encrypted frames after the handshake, seen from the server."""

    def __init__(self, incoming: Cipher, outgoing: Cipher) -> None:
        self._incoming = incoming
        self._outgoing = outgoing

    def seal(self, plaintext: bytes) -> bytes:
        """A frame, length included, for the client."""
        return frame(self._outgoing.encrypt(plaintext))

    def open(self, body: bytes) -> bytes:
        """What a frame of the client says."""
        return self._incoming.decrypt(body)


class ServerHandshake:
    """Answers one client's handshake with our static key and certificate chain."""

    def __init__(self, static: KeyPair, certificate_chain: bytes) -> None:
        self._static = static
        self._certificate_chain = certificate_chain
        self._state = SymmetricState()
        self._ephemeral = curve.generate()

    def answer(self, client_hello: bytes) -> bytes:
        """The server hello frame."""
        theirs = wa6.HandshakeMessage.FromString(client_hello).clientHello.ephemeral
        if len(theirs) != 32:
            raise HandshakeError("the client hello has no ephemeral key")
        state = self._state
        state.mix_hash(theirs)
        state.mix_hash(self._ephemeral.public)
        state.mix_key(curve.agree(self._ephemeral.private, theirs))
        static = state.encrypt(self._static.public)
        state.mix_key(curve.agree(self._static.private, theirs))
        payload = state.encrypt(self._certificate_chain)
        hello = wa6.HandshakeMessage.ServerHello(
            ephemeral=self._ephemeral.public, static=static, payload=payload
        )
        return frame(wa6.HandshakeMessage(serverHello=hello).SerializeToString())

    def finish(self, client_finish: bytes) -> tuple[bytes, bytes, Transport]:
        """The client's static key, its payload, and the transport."""
        theirs = wa6.HandshakeMessage.FromString(client_finish).clientFinish
        static = self._state.decrypt(theirs.static)
        self._state.mix_key(curve.agree(self._ephemeral.private, static))
        payload = self._state.decrypt(theirs.payload)
        incoming, outgoing = self._state.split()
        return static, payload, Transport(incoming, outgoing)


def frame(body: bytes) -> bytes:
    """The body behind its length of three bytes."""
    return len(body).to_bytes(3) + body


class FrameReader:
    """Cuts a client's byte stream into frames, whatever the pieces it arrives in."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._has_header = False

    def feed(self, data: bytes) -> list[bytes]:
        """The bodies that are complete now; HandshakeError if the stream does not start with WA 6 3."""
        self._buffer += data
        if not self._has_header:
            if len(self._buffer) < len(HEADER):
                return []
            if bytes(self._buffer[:4]) != HEADER:
                raise HandshakeError("not a WhatsApp client of dictionary version 3")
            del self._buffer[:4]
            self._has_header = True
        return self._complete()

    def _complete(self) -> list[bytes]:
        bodies: list[bytes] = []
        while len(self._buffer) >= 3:
            end = 3 + int.from_bytes(self._buffer[:3])
            if len(self._buffer) < end:
                break
            bodies.append(bytes(self._buffer[3:end]))
            del self._buffer[:end]
        return bodies
