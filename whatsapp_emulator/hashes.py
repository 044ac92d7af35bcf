"""HKDF, HMAC and AES as the protocol uses them."""

import hashlib
import hmac

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC, CTR
from cryptography.hazmat.primitives.padding import PKCS7


def hkdf(secret: bytes, length: int, *, info: bytes = b"", salt: bytes = b"\0" * 32) -> bytes:
    """`length` bytes derived from the secret with HKDF-SHA256."""
    key = mac(salt, secret)
    out, block, counter = b"", b"", 0
    while len(out) < length:
        counter += 1
        block = mac(key, block + info + bytes([counter]))
        out += block
    return out[:length]


def mac(key: bytes, message: bytes) -> bytes:
    """HMAC-SHA256."""
    return hmac.digest(key, message, "sha256")


def mac_512(key: bytes, message: bytes) -> bytes:
    """HMAC-SHA512."""
    return hmac.digest(key, message, "sha512")


def sha256(message: bytes) -> bytes:
    """SHA-256."""
    return hashlib.sha256(message).digest()


def cbc_encrypt(key: bytes, iv: bytes, plaintext: bytes) -> bytes:
    """AES-256-CBC with PKCS7 padding."""
    padder, encryptor = PKCS7(128).padder(), Cipher(AES(key), CBC(iv)).encryptor()
    return encryptor.update(padder.update(plaintext) + padder.finalize()) + encryptor.finalize()


def cbc_decrypt(key: bytes, iv: bytes, ciphertext: bytes) -> bytes:
    """The inverse of `cbc_encrypt`; ValueError if the padding is wrong."""
    decryptor, unpadder = Cipher(AES(key), CBC(iv)).decryptor(), PKCS7(128).unpadder()
    padded = decryptor.update(ciphertext) + decryptor.finalize()
    return unpadder.update(padded) + unpadder.finalize()


def ctr(key: bytes, iv: bytes, data: bytes) -> bytes:
    """AES-256-CTR, which is its own inverse."""
    encryptor = Cipher(AES(key), CTR(iv)).encryptor()
    return encryptor.update(data) + encryptor.finalize()
