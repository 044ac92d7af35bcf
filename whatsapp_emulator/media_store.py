"""The media server: keeps sealed files by the hash of their sealed bytes."""

import re
from base64 import urlsafe_b64decode

from whatsapp_emulator import media
from whatsapp_emulator.http_message import Request, Response, as_json
from whatsapp_emulator.world import World

_UPLOAD = re.compile(r"/(?:mms|product|optimistic)/[\w-]+/([\w-]+=*)$")


def handle(world: World, request: Request) -> Response:
    """Uploads by POST, downloads by GET; deleting does nothing."""
    path = re.split(r"[?&]", request.target, maxsplit=1)[0]
    upload = _UPLOAD.search(path)
    match request.method:
        case "POST" if upload:
            return _store(world, upload[1], request.body)
        case "GET":
            row = world.db.execute("select blob from media where path = ?", (path,)).fetchone()
            return Response(200, row[0], "application/octet-stream") if row else Response(404)
        case "DELETE":
            return Response(200)
        case _:
            return Response(404)


def store(world: World, sealed_sha256: bytes, blob: bytes) -> str:
    """Keeps a sealed file; returns its direct path."""
    path = media.path(sealed_sha256)
    world.db.execute("insert or replace into media values (?, ?)", (path, blob))
    return f"{path}?ccb=1"


def load(world: World, direct_path: str) -> bytes | None:
    """A sealed file by its direct path."""
    row = world.db.execute(
        "select blob from media where path = ?", (direct_path.partition("?")[0],)
    ).fetchone()
    return row[0] if row else None


def _store(world: World, token: str, blob: bytes) -> Response:
    with world.transaction():
        direct_path = store(world, urlsafe_b64decode(token + "=" * (-len(token) % 4)), blob)
    return as_json({"url": f"https://mmg.whatsapp.net{direct_path}", "direct_path": direct_path})
