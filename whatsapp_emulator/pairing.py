"""Linking a new device by QR: codes to show, the phone's signed invitation, the device's countersignature.

Source: WhatsApp's multi-device signatures; 06 00 marks the account's, 06 01 the device's.
"""

import os
import time
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Callable

from whatsapp_emulator import accounts, app_state, curve, hashes
from whatsapp_emulator.accounts import Account, Companion
from whatsapp_emulator.jid import SERVER, lid_jid, phone_jid
from whatsapp_emulator.link import Link, Offer, PairingAttempt
from whatsapp_emulator.node import Node
from whatsapp_emulator.protobufs import adv, companion_reg, wa6
from whatsapp_emulator.world import World

_ACCOUNT_SIGNATURE, _DEVICE_SIGNATURE = b"\x06\x00", b"\x06\x01"
_MAX_COMPANIONS = 4


class PairingError(ValueError):
    """A code that cannot be scanned; the message says what to do."""


def begin(world: World, link: Link, noise_public: bytes, payload: wa6.ClientPayload) -> None:
    """Offers QR references to a client that has no account yet."""
    data = payload.devicePairingData
    props = companion_reg.DeviceProps.FromString(data.deviceProps)
    link.pairing = PairingAttempt(
        noise_public=noise_public,
        identity_public=data.eIdent,
        registration_id=int.from_bytes(data.eRegid),
        signed_prekey_id=int.from_bytes(data.eSkeyID),
        signed_prekey=data.eSkeyVal,
        signed_prekey_signature=data.eSkeySig,
        platform=props.os or "unknown",
        refs=[f"2@{urlsafe_b64encode(os.urandom(48)).decode()}" for _ in range(world.switches.qr_refs)],
    )
    world.pairing.update(dict.fromkeys(link.pairing.refs, link))
    refs = [Node("ref", {}, ref.encode()) for ref in link.pairing.refs]
    attrs = {"from": SERVER, "type": "set", "id": "pair-device", "xmlns": "md"}
    world.send(link, Node("iq", attrs, [Node("pair-device", {}, refs)]))


def scan(world: World, qr: str, account: Account, done: Callable[[str], None]) -> None:
    """The phone scans a code: its invitation is sent to the client; `done` hears how it ended."""
    ref, noise, identity, secret = parse_qr(qr)
    link = world.pairing.get(ref)
    if link is None or link.pairing is None:
        raise PairingError("this QR code has expired: show a new one and scan that")
    if (noise, identity) != (link.pairing.noise_public, link.pairing.identity_public):
        raise PairingError("this QR code is damaged: copy its whole text")
    invite(world, link, account, secret, done)


def parse_qr(qr: str) -> tuple[str, bytes, bytes, bytes]:
    """The reference, Noise key, identity key and secret in a QR text, with or without its web address."""
    parts = qr.strip().rpartition("#")[2].split(",")
    try:
        ref, (noise, identity, secret) = parts[0], (b64decode(part, validate=True) for part in parts[1:4])
    except ValueError as error:
        raise PairingError("this is no WhatsApp QR text: paste the whole text of the code") from error
    return ref, noise, identity, secret


def invite(world: World, link: Link, account: Account, secret: bytes, done: Callable[[str], None]) -> None:
    """Sends the account's signed invitation to a client whose secret the phone has learned."""
    if len(accounts.companions(world.db, account.phone)) >= _MAX_COMPANIONS:
        raise PairingError("this phone already has four linked devices: remove one first")
    if link.pairing is None:
        raise PairingError("this device is not waiting to be linked")
    device = accounts.next_device(world.db, account.phone)
    identity = adv.ADVDeviceIdentity(rawID=device, timestamp=int(time.time()), keyIndex=device)
    details = identity.SerializeToString()
    signed = adv.ADVSignedDeviceIdentity(
        details=details,
        accountSignatureKey=account.identity.public,
        accountSignature=curve.sign(
            account.identity.private, _ACCOUNT_SIGNATURE + details + link.pairing.identity_public
        ),
    ).SerializeToString()
    box = adv.ADVSignedDeviceIdentityHMAC(details=signed, HMAC=hashes.mac(secret, signed))
    link.pairing.offer = Offer(account.phone, device, f"pair-success-{device}", details, done)
    world.send(link, _pair_success(account, link.pairing.offer, box.SerializeToString()))


def accept(world: World, link: Link, answer: Node) -> None:
    """The client's countersignature: the device becomes a companion and must log in anew (515)."""
    attempt = link.pairing
    if attempt is None or attempt.offer is None or answer.text("id") != attempt.offer.iq_id:
        return
    offer = attempt.offer
    account = accounts.ensure(world.db, offer.phone)
    if not _is_countersigned(attempt, account, answer):
        world.after_commit(lambda: offer.done("the device refused the invitation: show a new QR code"))
        return
    accounts.add_companion(world.db, _companion(attempt, account, offer.device))
    _share_push_name(world, account)
    forget(world, link)
    world.events.add("paired", phone=account.phone, lid=account.lid, device=offer.device)
    world.after_commit(lambda: offer.done(""))
    # The client closes by itself; closing first races its handler and leaves it paired but offline.
    world.end(link, Node("stream:error", {"code": "515"}), close_after_s=10)


def forget(world: World, link: Link) -> None:
    """The codes of this client can no longer be scanned."""
    for ref in link.pairing.refs if link.pairing else []:
        world.pairing.pop(ref, None)


def _pair_success(account: Account, offer: Offer, box: bytes) -> Node:
    jids = {"jid": phone_jid(account.phone, offer.device), "lid": lid_jid(account.lid, offer.device)}
    parts = [
        Node("device-identity", {}, box),
        Node("biz", {}),
        Node("device", jids),
        Node("platform", {"name": "android"}),
    ]
    attrs = {"from": SERVER, "type": "set", "id": offer.iq_id, "xmlns": "md", "t": str(int(time.time()))}
    return Node("iq", attrs, [Node("pair-success", {}, parts)])


def _is_countersigned(attempt: PairingAttempt, account: Account, answer: Node) -> bool:
    identity = answer.child("pair-device-sign", "device-identity")
    if identity is None or attempt.offer is None:
        return False
    signature = adv.ADVSignedDeviceIdentity.FromString(identity.body).deviceSignature
    message = _DEVICE_SIGNATURE + attempt.offer.details + attempt.identity_public + account.identity.public
    return len(signature) == 64 and curve.verify(attempt.identity_public, message, signature)


def _companion(attempt: PairingAttempt, account: Account, device: int) -> Companion:
    return Companion(
        phone=account.phone,
        lid=account.lid,
        device=device,
        noise_public=attempt.noise_public,
        identity_public=attempt.identity_public,
        registration_id=attempt.registration_id,
        signed_prekey_id=attempt.signed_prekey_id,
        signed_prekey=attempt.signed_prekey,
        signed_prekey_signature=attempt.signed_prekey_signature,
        platform=attempt.platform,
        is_bootstrapped=False,
    )


def _share_push_name(world: World, account: Account) -> None:
    """The phone's first app state patch; without it a companion may not send its presence."""
    patch = app_state.push_name_patch(account.app_state_key_id, account.app_state_key, account.name)
    world.db.execute(
        "insert or ignore into app_state_patch values (?, ?, 1, ?)",
        (account.phone, app_state.PUSH_NAME_COLLECTION, patch.SerializeToString()),
    )
