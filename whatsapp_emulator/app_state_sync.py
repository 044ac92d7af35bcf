"""The server's side of app state: keeps each account's patches and hands them to its companions."""

import time

from whatsapp_emulator import accounts, app_state, delivery
from whatsapp_emulator.accounts import Account
from whatsapp_emulator.jid import SERVER
from whatsapp_emulator.node import Node
from whatsapp_emulator.protobufs import server_sync
from whatsapp_emulator.world import World


def answer(world: World, owner: tuple[str, int], iq: Node) -> list[Node]:
    """The <sync> element: missing patches for each collection asked for, or the fate of an upload."""
    sync = iq.child("sync")
    asked = sync.children if sync else []
    return [Node("sync", {}, [_collection(world, owner, collection) for collection in asked])]


def _collection(world: World, owner: tuple[str, int], asked: Node) -> Node:
    phone, name = owner[0], asked.text("name")
    base, current = int(asked.text("version") or 0), _version(world, phone, name)
    upload = asked.child("patch")
    if upload is None:
        return Node("collection", {"name": name, "version": str(current)}, _missing(world, phone, name, base))
    if base != current:
        error = Node("error", {"code": "409", "text": "conflict"})
        parts = [error, *_missing(world, phone, name, base)]
        return Node("collection", {"name": name, "type": "error", "version": str(current)}, parts)
    _store(world, owner, name, current + 1, upload.body)
    return Node("collection", {"name": name, "version": str(current + 1)})


def _store(world: World, owner: tuple[str, int], name: str, version: int, body: bytes) -> None:
    phone, device = owner
    patch = server_sync.SyncdPatch.FromString(body)
    patch.version.version = version
    world.db.execute(
        "insert into app_state_patch values (?, ?, ?, ?)", (phone, name, version, patch.SerializeToString())
    )
    _follow_push_name(world, accounts.ensure(world.db, phone), patch)
    changed = [Node("collection", {"name": name, "version": str(version)})]
    attrs = {
        "from": SERVER,
        "type": "server_sync",
        "id": f"sync-{name}-{version}",
        "t": str(int(time.time())),
    }
    for companion in accounts.companions(world.db, phone):
        if companion.device != device:
            delivery.deliver(world, phone, companion.device, Node("notification", attrs, changed))


def _follow_push_name(world: World, account: Account, patch: server_sync.SyncdPatch) -> None:
    """A companion may rename the account; the phone follows."""
    keys = app_state.mutation_keys(account.app_state_key)
    for mutation in patch.mutations:
        try:
            action = app_state.open_mutation(keys, account.app_state_key_id, mutation.record.value.blob)
        except ValueError:
            continue
        if action.value.HasField("pushNameSetting"):
            accounts.ensure(world.db, account.phone, action.value.pushNameSetting.name)


def _version(world: World, phone: str, name: str) -> int:
    query = "select coalesce(max(version), 0) from app_state_patch where phone = ? and collection = ?"
    return world.db.execute(query, (phone, name)).fetchone()[0]


def _missing(world: World, phone: str, name: str, base: int) -> list[Node]:
    query = (
        "select patch from app_state_patch"
        " where phone = ? and collection = ? and version > ? order by version"
    )
    patches = [Node("patch", {}, row[0]) for row in world.db.execute(query, (phone, name, base))]
    return [Node("patches", {}, patches)] if patches else []
