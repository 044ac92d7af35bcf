"""Passwords, as Argon2id hashes."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# Source: OWASP Password Storage Cheat Sheet, Argon2id with 19 MiB, two passes, one lane.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)

# Verified when nobody has the address, so that an unknown e-mail costs what a wrong password costs.
NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$bA5C322kLO1FZIU27GXQ0A$5lp8u6XiQirCXZSdbxnSNkdabGuf2MLS3A2NbsPNb54"


def hash_of(password: str) -> str:
    return _HASHER.hash(password)


def is_right(password: str, stored_hash: str | None) -> bool:
    """Whether the password belongs to the hash; None (no such user) is never right, and as slow."""
    try:
        return _HASHER.verify(stored_hash or NOBODY, password) and stored_hash is not None
    except (VerificationError, InvalidHashError):
        return False
