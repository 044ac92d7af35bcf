"""App state: the encrypted settings that a phone shares with its companions, as patches.

Source: WhatsApp Web's syncd format; the label strings are its HKDF contexts.
"""

import json
import os
import struct
import time
from dataclasses import dataclass

from whatsapp_emulator import hashes
from whatsapp_emulator.protobufs import server_sync, sync_action

PUSH_NAME_COLLECTION = "critical_block"
_SET = b"\x01"
_LTHASH_WORDS = 64


@dataclass(frozen=True, slots=True)
class MutationKeys:
    """The keys derived from one app state sync key."""

    index: bytes
    value_encryption: bytes
    value_mac: bytes
    snapshot_mac: bytes
    patch_mac: bytes


def mutation_keys(key: bytes) -> MutationKeys:
    """The five keys of an app state sync key."""
    material = hashes.hkdf(key, 160, info=b"WhatsApp Mutation Keys")
    return MutationKeys(*(material[at : at + 32] for at in range(0, 160, 32)))


def push_name_patch(key_id: bytes, key: bytes, name: str) -> server_sync.SyncdPatch:
    """The first patch of an account's critical settings: its push name."""
    value = sync_action.SyncActionValue(
        timestamp=int(time.time() * 1000), pushNameSetting=sync_action.PushNameSetting(name=name)
    )
    action = sync_action.SyncActionData(
        index=json.dumps(["setting_pushName"]).encode(), value=value, padding=b"", version=1
    )
    return first_patch(key_id, key, PUSH_NAME_COLLECTION, action)


def first_patch(
    key_id: bytes, key: bytes, collection: str, action: sync_action.SyncActionData
) -> server_sync.SyncdPatch:
    """A patch to version 1 that sets one value."""
    keys = mutation_keys(key)
    content, value_mac = _seal(keys, key_id, action)
    index_mac = hashes.mac(keys.index, action.index)
    record = server_sync.SyncdRecord(
        index=server_sync.SyncdIndex(blob=index_mac),
        value=server_sync.SyncdValue(blob=content + value_mac),
        keyID=server_sync.KeyId(ID=key_id),
    )
    mutation = server_sync.SyncdMutation(operation=server_sync.SyncdMutation.SET, record=record)
    tail = (1).to_bytes(8) + collection.encode()
    snapshot_mac = hashes.mac(keys.snapshot_mac, lt_hash(bytes(128), [value_mac]) + tail)
    return server_sync.SyncdPatch(
        version=server_sync.SyncdVersion(version=1),
        mutations=[mutation],
        snapshotMAC=snapshot_mac,
        patchMAC=hashes.mac(keys.patch_mac, snapshot_mac + value_mac + tail),
        keyID=server_sync.KeyId(ID=key_id),
    )


def open_mutation(keys: MutationKeys, key_id: bytes, blob: bytes) -> sync_action.SyncActionData:
    """What a mutation's value says; ValueError if it was not sealed with these keys."""
    content, value_mac = blob[:-32], blob[-32:]
    if _value_mac(keys, key_id, content) != value_mac:
        raise ValueError("the value MAC is wrong")
    plaintext = hashes.cbc_decrypt(keys.value_encryption, content[:16], content[16:])
    return sync_action.SyncActionData.FromString(plaintext)


def lt_hash(base: bytes, added: list[bytes]) -> bytes:
    """The homomorphic hash of a collection after these value MACs were added."""
    layout = f"<{_LTHASH_WORDS}H"
    words = list(struct.unpack(layout, base))
    for value_mac in added:
        more = struct.unpack(layout, hashes.hkdf(value_mac, 128, info=b"WhatsApp Patch Integrity"))
        words = [(word + other) & 0xFFFF for word, other in zip(words, more, strict=True)]
    return struct.pack(layout, *words)


def _seal(keys: MutationKeys, key_id: bytes, action: sync_action.SyncActionData) -> tuple[bytes, bytes]:
    iv = os.urandom(16)
    content = iv + hashes.cbc_encrypt(keys.value_encryption, iv, action.SerializeToString())
    return content, _value_mac(keys, key_id, content)


def _value_mac(keys: MutationKeys, key_id: bytes, content: bytes) -> bytes:
    size = (len(key_id) + 1).to_bytes(8)
    return hashes.mac_512(keys.value_mac, _SET + key_id + content + size)[:32]
