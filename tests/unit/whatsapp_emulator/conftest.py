"""An empty world, and a companion at the other end of a real link."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from whatsapp_emulator import accounts, binary_xml, curve, database
from whatsapp_emulator.accounts import Account, Companion
from whatsapp_emulator.curve import KeyPair
from whatsapp_emulator.link import Link
from whatsapp_emulator.node import Node
from whatsapp_emulator.noise import HEADER, Cipher, FrameReader, Transport
from whatsapp_emulator.world import World

SHOP, CUSTOMER = "6281200000001", "6281300000001"


class Client:
    """The far end of a link: it opens what the server sends."""

    def __init__(self, owner: tuple[str, int] | None = None) -> None:
        key = bytes(32)
        self._cipher = Cipher(key)
        self._frames = FrameReader()
        self._frames.feed(HEADER)
        self.stanzas: list[Node] = []
        self.ends: list[bool] = []
        self.link = Link(Transport(Cipher(key), Cipher(key)), self._take, self.ends.append)
        self.link.companion = owner

    def _take(self, data: bytes) -> None:
        for body in self._frames.feed(data):
            self.stanzas.append(binary_xml.decode(self._cipher.decrypt(body)))


@pytest.fixture
def db(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(database.open_database(tmp_path)) as connection:
        yield connection


@pytest.fixture
def world(db: sqlite3.Connection) -> World:
    return World(db)


@pytest.fixture
def shop(db: sqlite3.Connection) -> Account:
    return accounts.ensure(db, SHOP, "Warung Uji")


@pytest.fixture
def customer(db: sqlite3.Connection) -> Account:
    return accounts.ensure(db, CUSTOMER, "Pelanggan Uji")


@pytest.fixture
def identity() -> KeyPair:
    return curve.generate()


@pytest.fixture
def companion(db: sqlite3.Connection, shop: Account, identity: KeyPair) -> Companion:
    """The shop's linked device, before any upload of prekeys; its signed prekey is its identity."""
    found = Companion(
        phone=shop.phone,
        lid=shop.lid,
        device=accounts.next_device(db, shop.phone),
        noise_public=bytes(32),
        identity_public=identity.public,
        registration_id=7,
        signed_prekey_id=1,
        signed_prekey=identity.public,
        signed_prekey_signature=curve.sign(identity.private, b"\x05" + identity.public),
        platform="test",
        is_bootstrapped=False,
    )
    accounts.add_companion(db, found)
    return found


@pytest.fixture
def client(world: World, companion: Companion) -> Client:
    """The linked device, connected and ready."""
    connected = Client((companion.phone, companion.device))
    connected.link.is_active = True
    world.links[companion.phone, companion.device] = connected.link
    return connected
