"""
People who speak TLS, in memory: real OpenSSL at both ends, and a wire between them that can stand still.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime, timezone
from itertools import count
from pathlib import Path
from typing import Any

from OpenSSL import SSL
from twisted.internet.address import IPv4Address
from twisted.internet.interfaces import IProtocolFactory
from twisted.protocols.tls import TLSMemoryBIOFactory

from chatroom.admin.cert import make_pair, write_pair
from chatroom.daemon.tls import Certificates
from chatroom.doors.proxied import ProxiedFactory
from chatroom.testing import Server
from tests.doors.readers import SlowWire

TODAY = datetime(2026, 1, 1, tzinfo=timezone.utc)
"""When the certificates of tests are made."""


_moments = count(int(TODAY.timestamp()))


def put_pair(folder: Path, *names: str) -> None:
    """A new certificate and key in this folder, in place of those that are there."""
    for path in folder.glob("*.pem"):
        path.unlink()
    write_pair(str(folder), *make_pair(names or ("localhost",), TODAY, 365))
    for path in folder.glob("*.pem"):
        touch(path)


def touch(path: Path) -> None:
    """It was written later than everything before: tests are faster than the clocks of file systems."""
    os.utime(path, (0, next(_moments)))


class SecretGuest:
    """
    Somebody with C{openssl s_client}.

    @ivar tls: their end of TLS.
    @ivar transport: the server's end of the wire under it.
    """

    def __init__(
        self,
        server: Server,
        certificates: Certificates,
        *,
        latest: int = SSL.TLS1_3_VERSION,
        ciphers: bytes = b"ALL:@SECLEVEL=0",
        address: str = "127.0.0.1",
        offers: Sequence[bytes] = (),
        silent: bool = False,
        header: bytes = b"",
        presents: Path | None = None,
    ) -> None:
        """
        @param latest: the newest version of TLS that they speak, and with which C{ciphers}.
        @param offers: protocols they would speak inside (RFC 7301).
        @param silent: they never begin.
        @param header: a proxy says this before, and the address is the proxy's.
        @param presents: the folder of a certificate that they present if they are asked: see L{put_pair}.
        """
        self.server = server
        context = SSL.Context(SSL.TLS_CLIENT_METHOD)
        context.set_cipher_list(ciphers)
        context.set_min_proto_version(SSL.TLS1_VERSION)
        context.set_max_proto_version(latest)
        if offers:
            context.set_alpn_protos(list(offers))
        if presents is not None:
            context.use_certificate_chain_file(str(presents / "cert.pem"))
            context.use_privatekey_file(str(presents / "privkey.pem"))
        self.tls = SSL.Connection(context, None)
        self.tls.set_connect_state()
        factory: IProtocolFactory = TLSMemoryBIOFactory(certificates, False, server.factory, clock=server.clock)
        if header:
            factory = ProxiedFactory(factory, server.clock)
        protocol: Any = factory.buildProtocol(IPv4Address("TCP", address, 1))
        self.protocol = protocol
        self.transport = SlowWire(address, self.protocol)
        self._read = b""
        self.protocol.makeConnection(self.transport)
        if header:
            self.protocol.dataReceived(header)
        if not silent:
            self.exchange()

    def exchange(self) -> None:
        """Let both ends send whatever they have, until neither has anything."""
        moved = True
        while moved:
            moved = False
            try:
                self._read += self.tls.recv(1 << 20)
                moved = True
            except (SSL.WantReadError, SSL.ZeroReturnError):
                pass
            try:
                out = self.tls.bio_read(1 << 20)
                if not self.transport.lost:
                    self.protocol.dataReceived(out)
                    moved = True
            except SSL.WantReadError:
                pass
            self.server.settle()
            came = self.transport.value()
            self.transport.clear()
            if came:
                self.tls.bio_write(came)
                moved = True

    def types(self, *lines: str) -> None:
        """Lines, each with the return key behind it."""
        self.tls.sendall("".join(f"{line}\n" for line in lines).encode())
        self.exchange()

    def reads(self) -> Sequence[str]:
        """Lines that came since the last time."""
        self.exchange()
        text, self._read = self._read.decode(), b""
        return text.split("\n")[:-1]

    def name(self) -> str:
        """What the certificate shown to this one says that it is for."""
        certificate = self.tls.get_peer_certificate(as_cryptography=True)
        assert certificate is not None
        return certificate.subject.rfc4514_string().removeprefix("CN=")
