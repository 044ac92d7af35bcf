"""App state patches and media can be opened with their keys, and with no others."""

import pytest

from whatsapp_emulator import app_state, hashes, media

KEY_ID, KEY = b"\0\0\0\0\0\1", bytes(range(32))


def test_a_push_name_can_be_read_back() -> None:
    patch = app_state.push_name_patch(KEY_ID, KEY, "Warung Uji")
    record = patch.mutations[0].record
    keys = app_state.mutation_keys(KEY)
    action = app_state.open_mutation(keys, KEY_ID, record.value.blob)
    assert action.value.pushNameSetting.name == "Warung Uji"
    assert record.index.blob == hashes.mac(keys.index, action.index)
    value_mac, tail = record.value.blob[-32:], (1).to_bytes(8) + b"critical_block"
    snapshot = hashes.mac(keys.snapshot_mac, app_state.lt_hash(bytes(128), [value_mac]) + tail)
    assert patch.snapshotMAC == snapshot
    assert patch.patchMAC == hashes.mac(keys.patch_mac, snapshot + value_mac + tail)


def test_a_patch_of_another_key_is_refused() -> None:
    patch = app_state.push_name_patch(KEY_ID, KEY, "Warung Uji")
    with pytest.raises(ValueError, match="MAC"):
        app_state.open_mutation(
            app_state.mutation_keys(bytes(32)), KEY_ID, patch.mutations[0].record.value.blob
        )


def test_the_collection_hash_does_not_depend_on_the_order() -> None:
    one, two = bytes(32), bytes([1]) * 32
    forth, back = app_state.lt_hash(bytes(128), [one, two]), app_state.lt_hash(bytes(128), [two, one])
    assert forth == back != app_state.lt_hash(bytes(128), [one])


@pytest.mark.parametrize("size", [1, 15, 16, 100_000])
def test_media_can_be_opened_with_its_key(size: int) -> None:
    sealed = media.seal("image", bytes(size))
    assert media.unseal("image", sealed.key, sealed.blob) == bytes(size)
    assert (sealed.sha256, sealed.size) == (hashes.sha256(bytes(size)), size)
    with pytest.raises(ValueError, match="MAC"):
        media.unseal("video", sealed.key, sealed.blob)
