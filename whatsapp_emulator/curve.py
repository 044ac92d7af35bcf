"""Curve25519 keys: agreement (X25519) and signatures (XEdDSA)."""

import os
from dataclasses import dataclass

import xeddsa.bindings as xeddsa


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A private key of 32 bytes and its public key."""

    private: bytes
    public: bytes


def generate() -> KeyPair:
    """A fresh key pair."""
    return from_private(os.urandom(32))


def from_private(private: bytes) -> KeyPair:
    """The key pair of a private key."""
    return KeyPair(private, xeddsa.priv_to_curve25519_pub(private))


def agree(private: bytes, public: bytes) -> bytes:
    """The secret that both holders of these keys share."""
    return xeddsa.x25519(private, public)


def sign(private: bytes, message: bytes) -> bytes:
    """An XEdDSA signature of 64 bytes."""
    return xeddsa.ed25519_priv_sign(
        xeddsa.priv_force_sign(private, set_sign_bit=False), message, os.urandom(64)
    )


def verify(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the holder of `public` signed the message.

    Source: XEdDSA as libsignal uses it: the top bit of the signature is the sign of the Ed25519 key.
    """
    sign_bit = bool(signature[63] & 0x80)
    cleared = signature[:63] + bytes([signature[63] & 0x7F])
    return xeddsa.ed25519_verify(cleared, xeddsa.curve25519_pub_to_ed25519_pub(public, sign_bit), message)
