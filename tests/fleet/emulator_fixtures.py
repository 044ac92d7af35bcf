"""Fixtures of the emulator's own tests: one emulator per module, a linked shop per test."""

import itertools
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.fleet.emulator_process import Emulator, Peer, link

_numbers = itertools.count(1)


@dataclass
class Shop:
    """A shop's phone number with one linked device, and a customer that has never written to it."""

    phone: str
    customer: str
    user: str
    peer: Peer


def new_number(prefix: str) -> str:
    """An obviously fake phone number that no other test uses."""
    return f"{prefix}{next(_numbers):06d}"


@pytest.fixture(scope="session")
def device_store(admin_url: str) -> Iterator[str]:
    """A database for whatsmeow's tables, shared by all peers."""
    name = f"peers_{secrets.token_hex(4)}"
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute(f"create database {name}".encode())
        yield urlsplit(admin_url)._replace(path=f"/{name}").geturl()
        admin.execute(f"drop database {name} with (force)".encode())


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """A running emulator."""
    process = Emulator(tmp_path_factory.mktemp("emulator"))
    yield process
    assert process.stop() == 0


@pytest.fixture
def stranger(emulator: Emulator, device_store: str) -> Iterator[Peer]:
    """A client that shows its first QR."""
    peer = Peer(emulator, device_store)
    yield peer
    peer.kill()


@pytest.fixture
def shop(emulator: Emulator, stranger: Peer) -> Shop:
    """A shop whose device is linked and connected."""
    phone = new_number("628120000")
    user = link(emulator, stranger, phone, "Warung Uji")
    return Shop(phone, new_number("628130000"), user, stranger)
