"""
Who really comes, where a proxy stands before the door: the PROXY protocol, versions 1 and 2, as HAProxy specifies it.

Twisted reads the header. What Twisted's wrapper does not do is to wait for it: it lets the door meet everybody at the
proxy's address first, and doors count addresses when they meet. Here the door is opened when the header has been read.

Only for ports that nobody but the proxy can reach: whoever connects to them can claim any address.
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any

from twisted.internet.interfaces import (
    IAddress,
    IDelayedCall,
    IHalfCloseableProtocol,
    IProtocolFactory,
    IReactorTime,
)
from twisted.internet.protocol import Protocol, connectionDone
from twisted.logger import Logger
from twisted.protocols.haproxy._wrapper import HAProxyProtocolWrapper
from twisted.protocols.policies import WrappingFactory
from twisted.python.failure import Failure
from zope.interface import alsoProvides, directlyProvides, providedBy

log = Logger()

HEADER_TIME = 5.0
"""Seconds the proxy has to say for whom it comes."""


class _Ahead(Protocol):
    """In the place of the door until it is opened: keeps what came in one piece with the header."""

    data = b""

    def dataReceived(self, data: bytes) -> None:
        """It is for the door."""
        self.data += data


def _is_lawful(address: Any) -> bool:
    """
    Whether this is an address, or a connection that the proxy makes for itself. Text in its place would be nobody's
    address to all limits, and would get into the log.
    """
    try:
        ip_address(getattr(address, "host", "127.0.0.1"))
    except ValueError:
        return False
    return True


class ProxiedConnection(HAProxyProtocolWrapper):
    """
    Stands between a proxy's connection and a door, to which it is the transport.

    It claims to know half-closed connections only where the door's own class does. TCP closes the others by itself. A
    door that is a wrapper as well, such as TLS or the web's, says of itself whatever its transport says: what it claims
    is no answer.
    """

    factory: ProxiedFactory
    wrappedProtocol: Any  # noqa: N815 Twisted's
    transport: Any
    _opened = False
    _waiting: IDelayedCall | None = None

    def makeConnection(self, transport: Any) -> None:
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
            super().dataReceived(data)
        except Exception as error:  # noqa: BLE001 Twisted's parser knows what a good header looks like, and no more
            log.warn("A proxy sent a header that is none: {error}", error=error)
            self.transport.abortConnection()
            return
        if self._proxyInfo is not None:
            if _is_lawful(self.getPeer()):
                self._open()
            else:
                log.warn("A proxy sent a header without an address.")
                self.transport.abortConnection()

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

    def buildProtocol(self, address: IAddress | None) -> ProxiedConnection:
        """The door's own is built later, for the address in the header."""
        return self.protocol(self, _Ahead())
