"""The two chains of trust a client checks: TLS (an own CA) and Noise (an own root key).

Kept in the state folder: `ca.pem` and `noise-root.hex` are what a client must be given; the `*.key` files
are their private halves.
"""

import datetime as dt
import ssl
import time
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes as x509_hashes
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from whatsapp_emulator import curve
from whatsapp_emulator.curve import KeyPair
from whatsapp_emulator.protobufs import cert

HOSTS = ("web.whatsapp.com", "*.whatsapp.net", "*.whatsapp.com", "*.cdn.whatsapp.net")
_YEAR = dt.timedelta(days=365)


@dataclass(frozen=True, slots=True)
class NoiseIdentity:
    """What the server proves itself with in the Noise handshake."""

    static: KeyPair
    chain: bytes


def tls_context(state: Path) -> ssl.SSLContext:
    """A server context for WhatsApp's host names, under the CA of this state folder (made if absent)."""
    ca_key, ca = _load_ca(state)
    key = ec.generate_private_key(ec.SECP256R1())
    names = x509.SubjectAlternativeName([x509.DNSName(host) for host in HOSTS])
    leaf = _certificate("web.whatsapp.com", key, ca.subject).add_extension(names, critical=False)
    chain = state / "tls.pem"
    _write_secret(chain, _pem(key) + leaf.sign(ca_key, x509_hashes.SHA256()).public_bytes(_PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    context.set_alpn_protocols(["http/1.1"])
    return context


def noise_identity(state: Path) -> NoiseIdentity:
    """A fresh static key with its certificate chain, under the root key of this state folder."""
    root = _load_noise_root(state)
    intermediate, static = curve.generate(), curve.generate()
    middle = cert.CertChain.NoiseCertificate.Details(
        serial=1, issuerSerial=0, key=intermediate.public, notBefore=_now(-1), notAfter=_now(10)
    )
    leaf = cert.CertChain.NoiseCertificate.Details(
        serial=2, issuerSerial=1, key=static.public, notBefore=_now(-1), notAfter=_now(10)
    )
    chain = cert.CertChain(
        intermediate=_signed(middle.SerializeToString(), root),
        leaf=_signed(leaf.SerializeToString(), intermediate),
    )
    return NoiseIdentity(static, chain.SerializeToString())


def _signed(details: bytes, issuer: KeyPair) -> cert.CertChain.NoiseCertificate:
    return cert.CertChain.NoiseCertificate(details=details, signature=curve.sign(issuer.private, details))


def _now(years: int) -> int:
    return int(time.time() + years * _YEAR.total_seconds())


def _load_noise_root(state: Path) -> KeyPair:
    path = state / "noise-root.key"
    if not path.exists():
        _write_secret(path, curve.generate().private)
    root = curve.from_private(path.read_bytes())
    (state / "noise-root.hex").write_text(root.public.hex() + "\n")
    return root


_PEM = serialization.Encoding.PEM


def _load_ca(state: Path) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    key_path, path = state / "ca.key", state / "ca.pem"
    if not (key_path.exists() and path.exists()):
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "whatsapp emulator CA")])
        builder = _certificate("whatsapp emulator CA", key, name)
        ca = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        _write_secret(key_path, _pem(key))
        path.write_bytes(ca.sign(key, x509_hashes.SHA256()).public_bytes(_PEM))
    key = serialization.load_pem_private_key(key_path.read_bytes(), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError(f"{key_path.name} is not an EC key: delete it and {path.name} to make new ones")
    return key, x509.load_pem_x509_certificate(path.read_bytes())


def _certificate(name: str, key: ec.EllipticCurvePrivateKey, issuer: x509.Name) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC)
    return x509.CertificateBuilder(
        issuer_name=issuer,
        subject_name=x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]),
        public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=now - dt.timedelta(days=1),
        not_valid_after=now + 10 * _YEAR,
    )


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(_PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def _write_secret(path: Path, data: bytes) -> None:
    path.touch(mode=0o600)
    path.write_bytes(data)
