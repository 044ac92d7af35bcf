"""Scanning a QR: a client of the test's own pairs; codes that are old, damaged or forged do not."""

import asyncio
import hmac
from base64 import b64encode
from dataclasses import dataclass

import pytest

from tests.unit.whatsapp_emulator.conftest import SHOP, Client
from whatsapp_emulator import accounts, curve, pairing
from whatsapp_emulator.accounts import Account
from whatsapp_emulator.curve import KeyPair
from whatsapp_emulator.node import Node
from whatsapp_emulator.pairing import PairingError
from whatsapp_emulator.protobufs import adv, wa6
from whatsapp_emulator.world import World

SECRET = bytes(range(32))


@dataclass
class Device:
    """A device that shows a QR."""

    client: Client
    identity: KeyPair
    qr: str

    def answer(self, *, signer: KeyPair) -> Node:
        """Its countersignature of the invitation, checked as a real client checks it."""
        success = self.client.stanzas[-1]
        box = success.child("pair-success", "device-identity")
        assert box is not None
        sealed = adv.ADVSignedDeviceIdentityHMAC.FromString(box.body)
        assert hmac.digest(SECRET, sealed.details, "sha256") == sealed.HMAC
        signed = adv.ADVSignedDeviceIdentity.FromString(sealed.details)
        owner = signed.accountSignatureKey
        invitation = b"\x06\x00" + signed.details + self.identity.public
        assert curve.verify(owner, invitation, signed.accountSignature)
        countersigned = b"\x06\x01" + signed.details + self.identity.public + owner
        signed.deviceSignature = curve.sign(signer.private, countersigned)
        signed.ClearField("accountSignatureKey")
        parts = [Node("device-identity", {"key-index": "1"}, signed.SerializeToString())]
        return Node("iq", {"type": "result", "id": success.text("id")}, [Node("pair-device-sign", {}, parts)])


@pytest.fixture
def device(world: World) -> Device:
    client, identity, noise = Client(), curve.generate(), curve.generate()
    data = wa6.ClientPayload.DevicePairingRegistrationData(
        eRegid=bytes(4), eIdent=identity.public, eSkeyID=bytes(3), eSkeyVal=bytes(32), eSkeySig=bytes(64)
    )
    with world.transaction():
        pairing.begin(world, client.link, noise.public, wa6.ClientPayload(devicePairingData=data))
    offered = client.stanzas[0].child("pair-device")
    assert offered is not None
    keys = ",".join(b64encode(key).decode() for key in (noise.public, identity.public, SECRET))
    qr = f"https://wa.me/settings/linked_devices#{offered.children[0].body.decode()},{keys},1"
    return Device(client, identity, qr)


def scan(world: World, device: Device, account: Account) -> list[str]:
    """The phone scans; the list fills with how it ended."""
    outcome: list[str] = []
    with world.transaction():
        pairing.scan(world, device.qr, account, outcome.append)
    return outcome


def answer(world: World, device: Device, signer: KeyPair) -> None:
    async def step() -> None:
        with world.transaction():
            pairing.accept(world, device.client.link, device.answer(signer=signer))

    asyncio.run(step())


def test_a_countersigned_device_is_linked_and_told_to_log_in(
    world: World, device: Device, shop: Account
) -> None:
    outcome = scan(world, device, shop)
    answer(world, device, device.identity)
    assert outcome == [""]
    assert [item.identity_public for item in accounts.companions(world.db, SHOP)] == [device.identity.public]
    assert device.client.stanzas[-1].attrs == {"code": "515"}
    assert world.pairing == {}


def test_a_forged_countersignature_links_nothing(world: World, device: Device, shop: Account) -> None:
    outcome = scan(world, device, shop)
    answer(world, device, curve.generate())
    assert "refused" in outcome[0]
    assert accounts.companions(world.db, SHOP) == []


def test_a_code_of_a_closed_client_has_expired(world: World, device: Device, shop: Account) -> None:
    pairing.forget(world, device.client.link)
    with pytest.raises(PairingError, match="expired"):
        scan(world, device, shop)


def test_a_code_with_other_keys_is_damaged(world: World, device: Device, shop: Account) -> None:
    parts = device.qr.split(",")
    device.qr = ",".join([parts[0], parts[2], parts[1], *parts[3:]])
    with pytest.raises(PairingError, match="damaged"):
        scan(world, device, shop)


@pytest.mark.parametrize("text", ["", "halo", "a,b,c,d", "https://example.com/#x,AA==,AA=="])
def test_what_is_no_code_is_said_to_be_none(text: str) -> None:
    with pytest.raises(PairingError, match="no WhatsApp QR"):
        pairing.parse_qr(text)


def test_a_fifth_device_is_refused(world: World, device: Device, shop: Account) -> None:
    for _ in range(4):
        number = accounts.next_device(world.db, SHOP)
        world.db.execute(
            "insert into companion values (?, ?, x'', x'', 1, 1, x'', x'', 'x', 0)", (SHOP, number)
        )
    with pytest.raises(PairingError, match="four"):
        scan(world, device, shop)
