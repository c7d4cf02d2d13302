"""
Who really comes, where a proxy stands before the door: the PROXY protocol, versions 1 and 2, as HAProxy specifies it.

Twisted reads the header. What Twisted's wrapper does not do is to wait for it: it lets the door meet everybody at the
proxy's address first, and doors count addresses when they meet. Here the door is opened when the header has been read.

Only for ports that nobody but the proxy can reach: a peer that connects to them can claim any address.
"""

from __future__ import annotations

import re
from typing import Any

from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.interfaces import (
    IAddress,
    IDelayedCall,
    IHalfCloseableProtocol,
    IProtocolFactory,
    IReactorTime,
)
from twisted.internet.protocol import Protocol, connectionDone
from twisted.logger import Logger
from twisted.protocols.haproxy._info import ProxyInfo
from twisted.protocols.haproxy._wrapper import HAProxyProtocolWrapper
from twisted.protocols.policies import WrappingFactory
from twisted.python.failure import Failure
from zope.interface import alsoProvides, directlyProvides, providedBy

from chatroom.addresses import plain
from chatroom.doors.transport import Transport

log = Logger()

HEADER_TIME = 5.0
"""Seconds the proxy has to say for whom it comes."""

LONGEST = 107
"""Bytes of a header of version 1 at most, with its end."""

SIGNATURE = b"\r\n\r\n\x00\r\nQUIT\n"
"""With it begins version 2."""

UNKNOWN = re.compile(rb"PROXY UNKNOWN( [^\r\n]*)?")
"""A header of version 1 that names nobody: from then on there may be anything, which is not to be read."""

COMPLAINT_TIME = 60.0
"""Seconds between two complaints in the log about headers, each with how many there were."""


class _Ahead(Protocol):
    """In the place of the door until it is opened: keeps what came in one piece with the header."""

    data = b""

    def dataReceived(self, data: bytes) -> None:
        """It is for the door."""
        self.data += data


def _canonical(address: IAddress) -> IAddress | None:
    """
    The same as everybody is shown it: without a zone, in which there can be anything. A connection that the proxy
    makes for itself, perhaps at a UNIX socket, has no other.

    @return: C{None} where text stands in its place: that would be nobody's address to all limits, and get into logs.
    """
    host = getattr(address, "host", None)
    if host is None:
        return address
    shown = plain(host)
    if not shown:
        return None
    kind = IPv6Address if ":" in shown else IPv4Address
    return kind("TCP", shown, getattr(address, "port", 0))


class ProxiedConnection(HAProxyProtocolWrapper):
    """
    Stands between a proxy's connection and a door, to which it is the transport.

    It claims to know half-closed connections only where the door's own class does. TCP closes the others by itself. A
    door that is a wrapper as well, such as TLS or the web's, says of itself whatever its transport says: what it claims
    is no answer.
    """

    factory: ProxiedFactory
    wrappedProtocol: Any  # noqa: N815 Twisted's
    transport: Transport  # type: ignore[assignment]
    _opened = False
    _head = b""
    _peer: IAddress | None = None
    _waiting: IDelayedCall | None = None

    def makeConnection(self, transport: Transport) -> None:
        """Somebody is here. The door is not told yet."""
        directlyProvides(self, providedBy(transport))
        Protocol.makeConnection(self, transport)
        self.factory.registerProtocol(self)  # type: ignore[no-untyped-call]
        self._waiting = self.factory.clock.callLater(HEADER_TIME, transport.abortConnection)

    def dataReceived(self, data: bytes) -> None:
        """The header first, then whatever the door makes of it."""
        if self._opened:
            super().dataReceived(data)
            return
        try:
            self._read(data)
        except Exception as error:  # noqa: BLE001 Twisted's parser knows what a good header looks like, and no more
            self._refuse(type(error).__name__)
            return
        if self._proxyInfo is not None:
            peer = _canonical(super().getPeer())
            if peer is None:
                self._refuse("it contains no address")
            else:
                self._peer = peer
                self._open()
        elif self.disconnecting:
            self._refuse("it cannot be parsed")

    def _read(self, data: bytes) -> None:
        """A header that comes in pieces is waited for, up to L{LONGEST} bytes; for L{HEADER_TIME} in any case."""
        if self._parser is not None:
            super().dataReceived(data)
        else:
            self._head += data
            head, end, rest = self._head.partition(b"\r\n")
            if end and UNKNOWN.fullmatch(head):  # the proxy does not say for whom: as version 2's LOCAL
                self._proxyInfo = ProxyInfo(head, None, None)
                self.wrappedProtocol.dataReceived(rest)
            elif self._is_enough(self._head):
                super().dataReceived(self._head)

    @staticmethod
    def _is_enough(head: bytes) -> bool:
        """Whether it can be told which version it is, if any. Twisted's wrapper looks at the first piece only."""
        if SIGNATURE.startswith(head[: len(SIGNATURE)]):
            return len(head) >= 16
        may_come = b"PROXY ".startswith(head[:6]) and b"\r\n" not in head and len(head) <= LONGEST
        return not may_come

    def _refuse(self, why: str) -> None:
        self.factory.refused(str(getattr(self.transport.getPeer(), "host", "a UNIX socket")), why)
        self.transport.abortConnection()

    def getPeer(self) -> IAddress:  # noqa: N802 Twisted's
        """Who really comes, once that is known."""
        return super().getPeer() if self._peer is None else self._peer

    def _open(self) -> None:
        self._opened = True
        self._stop_waiting()
        ahead = self.wrappedProtocol
        assert isinstance(ahead, _Ahead)
        door = self.factory.wrappedFactory.buildProtocol(self.getPeer())
        if door is None:
            self.transport.abortConnection()
            return
        self.wrappedProtocol = door
        door.makeConnection(self)
        if IHalfCloseableProtocol.implementedBy(type(door)):  # and behind makeConnection, in which wrappers copy
            alsoProvides(self, IHalfCloseableProtocol)
        if ahead.data and self.wrappedProtocol is door:
            door.dataReceived(ahead.data)

    def _stop_waiting(self) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is not None and waiting.active():
            waiting.cancel()

    def readConnectionLost(self) -> None:
        """The client sends no more, and this door still answers then."""
        self.wrappedProtocol.readConnectionLost()

    def writeConnectionLost(self) -> None:
        """We write no more, at our own wish."""

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Gone, perhaps before the door was opened."""
        self._stop_waiting()
        super().connectionLost(reason)  # type: ignore[no-untyped-call]


class ProxiedFactory(WrappingFactory[ProxiedConnection]):
    """
    @ivar clock: for how long a header is waited for.
    """

    protocol = ProxiedConnection
    noisy = False

    def __init__(self, door: IProtocolFactory, clock: IReactorTime) -> None:
        """@param door: makes what people meet."""
        super().__init__(door)  # type: ignore[no-untyped-call]
        self.clock = clock
        self._complained: float | None = None
        self._refused = 0

    def refused(self, peer: str, why: str) -> None:
        """
        A header was none. Each is refused, and one a minute is written down.

        @param peer: where it came from. @param why: in a word, and nothing of what was in it.
        """
        self._refused += 1
        now = self.clock.seconds()
        if self._complained is None or now - self._complained >= COMPLAINT_TIME:
            log.warn(
                "Refused a connection from {peer} without a valid PROXY header: {why} "
                "({count} refused since the last such message)",
                peer=plain(peer) or peer, why=why, count=self._refused,
            )  # fmt: skip
            self._complained, self._refused = now, 0

    def buildProtocol(self, address: IAddress | None) -> ProxiedConnection:
        """The door's own is built later, for the address in the header."""
        return self.protocol(self, _Ahead())
