"""The handshake gives both sides the same keys, and only to a client that checks the right root."""

import pytest

from whatsapp_emulator import certificates, curve, noise
from whatsapp_emulator.certificates import NoiseIdentity
from whatsapp_emulator.curve import KeyPair
from whatsapp_emulator.noise import (
    HEADER,
    FrameReader,
    HandshakeError,
    ServerHandshake,
    SymmetricState,
    Transport,
)
from whatsapp_emulator.protobufs import cert, wa6


def shake_hands(static: KeyPair, payload: bytes) -> tuple[bytes, bytes, bytes, Transport, Transport]:
    """Runs a client of the test's own against the server; returns what each side learned."""
    server_static = curve.generate()
    server = ServerHandshake(server_static, b"certificate chain")
    client, ephemeral = SymmetricState(), curve.generate()
    client.mix_hash(ephemeral.public)
    client_hello = wa6.HandshakeMessage.ClientHello(ephemeral=ephemeral.public)
    frame = server.answer(wa6.HandshakeMessage(clientHello=client_hello).SerializeToString())
    hello = wa6.HandshakeMessage.FromString(frame[3:]).serverHello
    client.mix_hash(hello.ephemeral)
    client.mix_key(curve.agree(ephemeral.private, hello.ephemeral))
    assert client.decrypt(hello.static) == server_static.public
    client.mix_key(curve.agree(ephemeral.private, server_static.public))
    chain = client.decrypt(hello.payload)
    sealed_static = client.encrypt(static.public)
    client.mix_key(curve.agree(static.private, hello.ephemeral))
    finish = wa6.HandshakeMessage.ClientFinish(static=sealed_static, payload=client.encrypt(payload))
    seen_static, seen_payload, transport = server.finish(
        wa6.HandshakeMessage(clientFinish=finish).SerializeToString()
    )
    outgoing, incoming = client.split()
    return chain, seen_static, seen_payload, transport, Transport(incoming, outgoing)


def test_both_sides_end_with_the_same_keys() -> None:
    static = curve.generate()
    chain, seen_static, payload, server, client = shake_hands(static, b"who I am")
    assert (chain, seen_static, payload) == (b"certificate chain", static.public, b"who I am")
    for number in range(3):
        assert client.open(server.seal(b"down %d" % number)[3:]) == b"down %d" % number
        assert server.open(client.seal(b"up %d" % number)[3:]) == b"up %d" % number


def test_a_changed_message_is_refused() -> None:
    *_, server, client = shake_hands(curve.generate(), b"")
    sealed = bytearray(client.seal(b"up")[3:])
    sealed[0] ^= 1
    with pytest.raises(HandshakeError):
        server.open(bytes(sealed))


def test_a_hello_without_a_key_is_refused() -> None:
    with pytest.raises(HandshakeError, match="ephemeral"):
        ServerHandshake(curve.generate(), b"").answer(b"")


@pytest.mark.parametrize("size", [1, 2, 5, 1000])
def test_frames_are_cut_whatever_the_pieces(size: int) -> None:
    bodies = [b"", b"a", b"b" * 700]
    stream = HEADER + b"".join(noise.frame(body) for body in bodies)
    reader = FrameReader()
    pieces = [stream[at : at + size] for at in range(0, len(stream), size)]
    assert [body for piece in pieces for body in reader.feed(piece)] == bodies


def test_a_stream_of_something_else_is_refused() -> None:
    with pytest.raises(HandshakeError, match="version 3"):
        FrameReader().feed(b"GET / HTTP/1.1")


def test_the_noise_identity_is_signed_by_the_root(tmp_path_factory: pytest.TempPathFactory) -> None:
    state = tmp_path_factory.mktemp("state")
    identity: NoiseIdentity = certificates.noise_identity(state)
    root = bytes.fromhex((state / "noise-root.hex").read_text().strip())
    chain = cert.CertChain.FromString(identity.chain)
    middle = cert.CertChain.NoiseCertificate.Details.FromString(chain.intermediate.details)
    leaf = cert.CertChain.NoiseCertificate.Details.FromString(chain.leaf.details)
    assert curve.verify(root, chain.intermediate.details, chain.intermediate.signature)
    assert curve.verify(middle.key, chain.leaf.details, chain.leaf.signature)
    assert (middle.issuerSerial, leaf.issuerSerial, leaf.key) == (0, middle.serial, identity.static.public)
    assert certificates.noise_identity(state).static != identity.static
    assert bytes.fromhex((state / "noise-root.hex").read_text().strip()) == root
