"""The profile that a shop's agent speaks from, one JSON document per shop."""

from pydantic import TypeAdapter

from balas.db.database import Tx
from balas.errors import NotFound
from balas.tenant import ShopProfile

GET = "select profile from ai_configs where tenant_id = %(tenant_id)s"

REPLACE = """
update ai_configs set profile = %(profile)s::jsonb, updated_at = now() where tenant_id = %(tenant_id)s
"""

_DOCUMENT = TypeAdapter(ShopProfile)


def get(tx: Tx) -> ShopProfile:
    """The shop's profile; fields that the document lacks take their defaults."""
    document = tx.scalar(object, GET)
    if document is None:
        raise NotFound("Toko ini tidak ditemukan.")
    return load(document)


def replace(tx: Tx, profile: ShopProfile) -> None:
    if tx.run(REPLACE, profile=dump(profile)) == 0:
        raise NotFound("Toko ini tidak ditemukan.")


def load(document: object) -> ShopProfile:
    """The profile that a JSON object of its fields says."""
    return _DOCUMENT.validate_python(document)


def dump(profile: ShopProfile) -> str:
    """The profile as it is stored."""
    return _DOCUMENT.dump_json(profile).decode()
