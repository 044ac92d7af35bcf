"""Media files: sealed by the sender, kept sealed by the server."""

import os
from base64 import urlsafe_b64encode
from dataclasses import dataclass

from whatsapp_emulator import hashes

_LABELS = {"image": "Image", "video": "Video", "audio": "Audio", "document": "Document", "sticker": "Image"}
_MAC_SIZE = 10


@dataclass(frozen=True, slots=True)
class SealedMedia:
    """A sealed file and what its receiver must know to open it."""

    blob: bytes
    key: bytes
    sha256: bytes
    sealed_sha256: bytes
    size: int


def seal(kind: str, data: bytes) -> SealedMedia:
    """The file sealed with a fresh key."""
    key = os.urandom(32)
    iv, cipher_key, mac_key = _keys(kind, key)
    sealed = hashes.cbc_encrypt(cipher_key, iv, data)
    blob = sealed + hashes.mac(mac_key, iv + sealed)[:_MAC_SIZE]
    return SealedMedia(blob, key, hashes.sha256(data), hashes.sha256(blob), len(data))


def unseal(kind: str, key: bytes, blob: bytes) -> bytes:
    """The file; ValueError if the blob was not sealed with this key."""
    iv, cipher_key, mac_key = _keys(kind, key)
    sealed, mac = blob[:-_MAC_SIZE], blob[-_MAC_SIZE:]
    if hashes.mac(mac_key, iv + sealed)[:_MAC_SIZE] != mac:
        raise ValueError("the media MAC is wrong")
    return hashes.cbc_decrypt(cipher_key, iv, sealed)


def path(sealed_sha256: bytes) -> str:
    """Where the server keeps a blob, without the query."""
    return f"/v/t62/{urlsafe_b64encode(sealed_sha256).decode().rstrip('=')}.enc"


def _keys(kind: str, key: bytes) -> tuple[bytes, bytes, bytes]:
    material = hashes.hkdf(key, 112, info=f"WhatsApp {_LABELS[kind]} Keys".encode())
    return material[:16], material[16:48], material[48:80]
