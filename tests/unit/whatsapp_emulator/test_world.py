"""A step is committed before its stanzas leave; a failed step leaves nothing behind."""

import asyncio
import sqlite3
from pathlib import Path

import pytest

from tests.unit.whatsapp_emulator.conftest import Client
from whatsapp_emulator import accounts, database
from whatsapp_emulator.node import Node
from whatsapp_emulator.world import World


def test_stanzas_leave_after_the_commit(world: World, client: Client) -> None:
    with world.transaction():
        world.send(client.link, Node("iq", {"id": "1"}))
        assert client.stanzas == []
        accounts.ensure(world.db, "6281300000009")
    assert [stanza.text("id") for stanza in client.stanzas] == ["1"]


def test_a_failed_step_changes_and_sends_nothing(world: World, client: Client) -> None:
    def fail() -> None:
        with world.transaction():
            accounts.ensure(world.db, "6281300000009")
            world.send(client.link, Node("iq", {"id": "1"}))
            raise RuntimeError("halfway")

    with pytest.raises(RuntimeError):
        fail()
    with world.transaction():
        pass
    assert accounts.find(world.db, "6281300000009") is None
    assert client.stanzas == []


def test_what_was_committed_is_there_for_the_next_process(world: World, tmp_path: Path) -> None:
    with world.transaction():
        account = accounts.ensure(world.db, "6281300000009", "Uji")
    again = database.open_database(tmp_path)  # the first connection was never closed: a kill -9
    assert accounts.find(again, "6281300000009") == account
    again.close()


def test_a_world_of_another_version_is_refused(world: World, tmp_path: Path) -> None:
    world.db.execute("pragma user_version=99")
    with pytest.raises(RuntimeError, match="another version"):
        database.open_database(tmp_path)


def test_a_numbers_lid_is_the_same_in_every_world(tmp_path: Path, db: sqlite3.Connection) -> None:
    lid = accounts.ensure(db, "6281300000009").lid
    other = tmp_path / "other"
    other.mkdir()
    elsewhere = database.open_database(other)
    assert accounts.ensure(elsewhere, "6281300000009").lid == lid
    assert (len(lid), lid.isdigit(), "6281300000009" in lid) == (15, True, False)
    elsewhere.close()


def test_a_long_poll_ends_with_the_event_it_waits_for(world: World) -> None:
    async def poll() -> list[str]:
        waiting = asyncio.create_task(world.events.wait(0, ["message"], 2, 30))
        for kind in ("typing", "message", "typing", "message"):
            await asyncio.sleep(0)
            with world.transaction():
                world.events.add(kind, text="x")
        return [event["kind"] for event in await waiting]

    assert asyncio.run(poll()) == ["message", "message"]


def test_a_long_poll_ends_with_what_there_is(world: World) -> None:
    with world.transaction():
        world.events.add("typing")
    assert [event["seq"] for event in asyncio.run(world.events.wait(0, [], 5, 0.01))] == [1]
    assert asyncio.run(world.events.wait(1, [], 1, 0)) == []
