"""The token in a link that was mailed."""

from typing import Annotated

from pydantic import StringConstraints

from balas.errors import NotFound, Unauthenticated
from functions.api import fields
from functions.api.opaque_token import OpaqueToken

Token = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200), fields.ONE_LINE]


def read(text: str) -> OpaqueToken:
    """The token in `text`; NotFound, as for one that is too old, when it is none."""
    try:
        return OpaqueToken.read(text)
    except Unauthenticated:
        raise useless() from None


def useless() -> NotFound:
    return NotFound("Tautan ini sudah dipakai atau kedaluwarsa. Minta tautan baru.")
