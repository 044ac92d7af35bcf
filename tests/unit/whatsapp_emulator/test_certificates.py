"""TLS: a client that trusts the state folder's CA accepts WhatsApp's host names, across restarts."""

import ssl
from pathlib import Path

import pytest

from whatsapp_emulator import certificates


def handshake(context: ssl.SSLContext, ca: Path, host: str) -> None:
    """A TLS handshake in memory; ssl.SSLError if the client does not accept the server."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = ssl.create_default_context(cafile=str(ca)).wrap_bio(to_client, to_server, server_hostname=host)
    server = context.wrap_bio(to_server, to_client, server_side=True)
    waiting = [client, server]
    while waiting:
        for side in list(waiting):
            try:
                side.do_handshake()
                waiting.remove(side)
            except ssl.SSLWantReadError:
                pass


@pytest.mark.parametrize("host", ["web.whatsapp.com", "mmg.whatsapp.net"])
def test_whatsapps_hosts_are_ours_under_our_ca(tmp_path: Path, host: str) -> None:
    handshake(certificates.tls_context(tmp_path), tmp_path / "ca.pem", host)


def test_the_ca_stays_the_same_after_a_restart(tmp_path: Path) -> None:
    certificates.tls_context(tmp_path)
    ca = (tmp_path / "ca.pem").read_bytes()
    handshake(certificates.tls_context(tmp_path), tmp_path / "ca.pem", "web.whatsapp.com")
    assert (tmp_path / "ca.pem").read_bytes() == ca


def test_other_hosts_and_other_cas_are_refused(tmp_path: Path) -> None:
    context = certificates.tls_context(tmp_path)
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(context, tmp_path / "ca.pem", "example.com")
    other = tmp_path / "other"
    other.mkdir()
    certificates.tls_context(other)
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(context, other / "ca.pem", "web.whatsapp.com")


def test_private_keys_are_private(tmp_path: Path) -> None:
    certificates.tls_context(tmp_path)
    certificates.noise_identity(tmp_path)
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert {name for name, mode in modes.items() if mode == 0o600} == {"ca.key", "tls.pem", "noise-root.key"}
