"""
A certificate that vouches for itself, to try TLS out with. It knows cryptography and files, and no daemon.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID


def make_pair(names: Sequence[str], now: datetime, days: int) -> tuple[bytes, bytes]:
    """
    A certificate and its key, a new one on the curve P-256, both as PEM.

    @param names: host names and addresses that it is for (RFC 5280, 4.2.1.6), the first also as its subject.
    @param days: how long it is lawful from C{now} on.
    @raise ValueError: a name that cannot stand in a certificate.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))  # clocks differ
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([general_name(name) for name in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, SHA256())
    )
    key_text = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return certificate.public_bytes(Encoding.PEM), key_text


def general_name(name: str) -> x509.GeneralName:
    """An address or a host name as a certificate writes it."""
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name.encode("idna").decode("ascii"))


def write_pair(folder: str, certificate: bytes, key: bytes) -> None:
    """
    Put them where C{--tls} looks for them; only their owner can read the key.

    @raise FileExistsError: the file already exists. It is left as it is.
    @raise OSError: they cannot be written.
    """
    os.makedirs(folder, mode=0o700, exist_ok=True)
    paths = [os.path.join(folder, name) for name in ("privkey.pem", "cert.pem")]
    for path in paths:
        if os.path.exists(path):
            raise FileExistsError(17, "the file already exists", path)
    for path, text, mode in zip(paths, (key, certificate), (0o600, 0o644), strict=True):
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            file.write(text)
