"""
Certificates: a folder of PEM files as what OpenSSL needs to serve, read again when the files change.

It knows files and OpenSSL, and nothing of who connects. Connections that are open keep what they were opened with.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509 import load_pem_x509_certificates
from OpenSSL import SSL
from OpenSSL.crypto import X509, PKey
from twisted.internet.interfaces import IOpenSSLServerConnectionCreator, IProtocolNegotiationFactory
from twisted.internet.ssl import AcceptableCiphers, CertificateOptions, TLSVersion
from twisted.logger import Logger
from twisted.protocols.tls import TLSMemoryBIOProtocol
from zope.interface import implementer

from chatroom.daemon.files import read_bytes
from chatroom.errors import with_full_stop

log = Logger()

PAIRS = (("fullchain.pem", "privkey.pem"), ("cert.pem", "privkey.pem"))
"""
Names of the chain, the server's own certificate first, and of its key. The first pair that is there is taken:
certbot writes a C{cert.pem} as well, which holds no chain.
"""

CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"
"""Of TLS 1.2 only what keeps a secret even if the key is stolen later (RFC 9325, 4.2). Those of TLS 1.3 all do."""

Stamp = tuple[tuple[int, int, int], ...]
"""Inode, length and time of change of each file: what differs when one was replaced or rewritten."""


def make_options(chain_file: str, key_file: str, asks: bool = False) -> CertificateOptions:
    """
    TLS 1.2 and later, with this certificate.

    @param asks: see L{Certificates}.
    @raise ValueError: a sentence, if they are not what they should be or do not belong together.
    """
    chain_text, key_text = read_bytes(chain_file), read_bytes(key_file)
    try:
        chain = [X509.from_cryptography(each) for each in load_pem_x509_certificates(chain_text)]
    except ValueError:
        raise ValueError(f"{chain_file} has no certificate in PEM format") from None
    try:
        key = PKey.from_cryptography_key(load_pem_private_key(key_text, password=None))  # type: ignore[arg-type]
    except TypeError:
        raise ValueError(f"{key_file} is encrypted; a daemon needs a key without a password") from None
    except ValueError:
        raise ValueError(f"{key_file} has no private key in PEM format") from None
    options = CertificateOptions(
        privateKey=key,
        certificate=chain[0],
        extraCertChain=chain[1:],
        raiseMinimumTo=TLSVersion.TLSv1_2,
        acceptableCiphers=AcceptableCiphers.fromOpenSSLCipherString(CIPHERS),
    )
    try:
        context = options.getContext()
    except SSL.Error:
        raise ValueError(f"the key in {key_file} does not match the certificate in {chain_file}") from None
    # Newer OpenSSL does not let clients ask for it unless it is told to; older does, at our cost (CVE-2011-1473).
    context.set_options(SSL.OP_NO_RENEGOTIATION | SSL.OP_NO_COMPRESSION)
    context.set_alpn_select_callback(select_protocol)
    if asks:
        context.set_verify(SSL.VERIFY_PEER, accept_any)
        context.set_verify_depth(0)  # no work for certificates that come with it
    return options


def accept_any(connection: SSL.Connection, certificate: X509, error: int, depth: int, right: int) -> bool:
    """
    Take whatever certificate a client presents. That it has the key is proved by the handshake. Who has signed it, and
    until when, is no matter: an account knows its fingerprint, or it does not.
    """
    return True


def select_protocol(connection: SSL.Connection, offered: Sequence[bytes]) -> Any:
    """
    Which of these is spoken inside TLS (RFC 7301): the first that the door behind it speaks, else none is agreed on.

    Twisted's own answer to the latter is an empty name, at which OpenSSL ends the handshake: a client that offers
    anything could not come to a door that has no such names.
    """
    door = connection.get_app_data().factory
    while not IProtocolNegotiationFactory.providedBy(door) and hasattr(door, "wrappedFactory"):
        door = door.wrappedFactory
    spoken = door.acceptableProtocols() if IProtocolNegotiationFactory.providedBy(door) else ()
    return next((name for name in spoken if name in offered), SSL.NO_OVERLAPPING_PROTOCOLS)


def ends(chain_file: str) -> datetime:
    """When the first certificate in this file expires."""
    return load_pem_x509_certificates(read_bytes(chain_file))[0].not_valid_after_utc


@implementer(IOpenSSLServerConnectionCreator)
class Certificates:
    """
    A folder's certificate, the newest at each new connection. Where the new files are no good, the old ones go on
    serving, and the log says why.
    """

    def __init__(self, folder: str, asks: bool = False) -> None:
        """
        @param asks: clients are asked for a certificate. They need not have one. A browser would ask its person.
        @raise ValueError: a sentence: the folder does not hold what is needed.
        """
        self._folder = folder
        self._asks = asks
        self._trouble = ""
        try:
            self._stamp = self._look()
            self._options = make_options(*self._files(), asks)
            self._ends = ends(self._files()[0])
        except OSError as error:
            raise ValueError(f"{error.filename}: {(error.strerror or str(error)).lower()}") from None

    def _files(self) -> tuple[str, str]:
        for pair in PAIRS:
            chain, key = (os.path.join(self._folder, name) for name in pair)
            if os.path.exists(chain):
                return chain, key
        wanted = " or ".join(" and ".join(pair) for pair in PAIRS)
        raise ValueError(f"{self._folder} holds no {wanted}")

    def _look(self) -> Stamp:
        found = (os.stat(path) for path in self._files())  # through the links that certbot changes
        return tuple((each.st_ino, each.st_size, each.st_mtime_ns) for each in found)

    def ends(self) -> float:
        """When the one in use expires, in seconds since 1970."""
        return self._ends.timestamp()

    def renew(self) -> None:
        """Read the files again if they have changed. Never raises."""
        try:
            stamp = self._look()
            if stamp == self._stamp:
                return
            self._stamp = stamp  # also of files that are no good: they are tried once, not at each connection
            self._options, self._ends = make_options(*self._files(), self._asks), ends(self._files()[0])
        except (ValueError, OSError) as error:
            if str(error) != self._trouble:  # once, and not at each connection
                log.error("The old certificate stays in use: {error}", error=with_full_stop(error))
            self._trouble = str(error)
        else:
            self._trouble = ""
            log.info("New certificate in use. It expires on {day}.", day=self._ends.date())

    def serverConnectionForTLS(self, protocol: TLSMemoryBIOProtocol) -> SSL.Connection:  # noqa: N802 Twisted's
        """See L{IOpenSSLServerConnectionCreator}. To look at two files is nothing beside a handshake."""
        self.renew()
        return self._options.serverConnectionForTLS(protocol)
