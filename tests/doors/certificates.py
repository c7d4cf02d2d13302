"""
Clients that have presented a certificate in TLS, in memory.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any, TypeVar

from chatroom.testing.people import Line

L = TypeVar("L", bound=Line)


class PeerCertificate:
    """What pyOpenSSL's C{X509} says of a certificate."""

    def __init__(self, name: str) -> None:
        self._digest = sha256(name.encode()).digest()

    def digest(self, method: str) -> bytes:
        """Its fingerprint, in capitals and with colons."""
        assert method == "sha256"
        return self._digest.hex(":").upper().encode()


def fingerprint(name: str) -> str:
    """That of the certificate called so, as it is kept."""
    return sha256(name.encode()).hexdigest()


def over_tls(client: L, certificate: str | None = None) -> L:
    """
    A client that is connected over TLS, and has said nothing yet.

    @param certificate: what the certificate that it has presented is called; C{None}: it has presented none.
    """
    presented = None if certificate is None else PeerCertificate(certificate)
    transport: Any = client.transport
    transport.getPeerCertificate = lambda: presented
    return client
