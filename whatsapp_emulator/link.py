"""One connected client, from its handshake to its last stanza."""

from collections.abc import Callable
from dataclasses import dataclass, field

from whatsapp_emulator import binary_xml
from whatsapp_emulator.curve import KeyPair
from whatsapp_emulator.node import Node
from whatsapp_emulator.noise import Transport


@dataclass(slots=True)
class PairingAttempt:
    """A client that shows QR codes: its public keys, and where the pairing stands."""

    noise_public: bytes
    identity_public: bytes
    registration_id: int
    signed_prekey_id: int
    signed_prekey: bytes
    signed_prekey_signature: bytes
    platform: str
    refs: list[str] = field(default_factory=list[str])
    code: "CodePairing | None" = None
    code_done: Callable[[str], None] = lambda _: None
    offer: "Offer | None" = None


@dataclass(frozen=True, slots=True)
class CodePairing:
    """A client that waits for its pairing code to be typed into a phone."""

    phone: str
    ref: bytes
    wrapped_ephemeral: bytes
    ephemeral: KeyPair | None = None
    shared: bytes = b""


@dataclass(frozen=True, slots=True)
class Offer:
    """A scanned code, answered with pair-success and waiting for the client's signature."""

    phone: str
    device: int
    iq_id: str
    details: bytes
    done: Callable[[str], None]
    """Called with "" when the device is linked, else with why not."""


class Link:
    """Sends stanzas to one client; `companion` is (phone, device) after a login."""

    def __init__(
        self, transport: Transport, write: Callable[[bytes], None], end: Callable[[bool], None]
    ) -> None:
        self._transport = transport
        self._write = write
        self._end = end
        self.companion: tuple[str, int] | None = None
        self.pairing: PairingAttempt | None = None
        self.is_active = False
        self.is_available = False
        self.is_closed = False

    def write(self, node: Node) -> None:
        """Sends a stanza at once; handlers use `World.send`, which waits for the commit."""
        if not self.is_closed:
            self._write(self._transport.seal(binary_xml.encode(node)))

    def close(self, *, abort: bool = False) -> None:
        """Ends the connection, after flushing or (abort) without."""
        if not self.is_closed:
            self.is_closed = True
            self._end(abort)
