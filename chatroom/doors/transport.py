"""
Transports, as far as doors use them; and the only place that knows what Twisted's keep to themselves.

There is no public way to ask a transport how much it still holds, to write to its socket at once, or to see a TLS
handshake end. What is relied on instead is pinned by tests.doors.test_transport, so that another version of Twisted
that is built differently fails there first. It knows nothing of what is written.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any, Protocol, cast

from twisted.internet.abstract import FileDescriptor
from twisted.internet.address import UNIXAddress
from twisted.internet.interfaces import IAddress, IPushProducer
from twisted.internet.protocol import BaseProtocol


class Transport(Protocol):
    """
    TCP, a UNIX socket or TLS, a wrapper before one of these, or a test double: what L{ITransport}, L{IConsumer} and
    L{IPushProducer} of L{twisted.internet.interfaces} say of one connection, and C{abortConnection}.
    """

    def write(self, data: bytes, /) -> None: ...
    def loseConnection(self) -> None: ...
    def abortConnection(self) -> None: ...
    def getPeer(self) -> IAddress: ...  # noqa: N802 Twisted's
    def registerProducer(self, producer: IPushProducer, streaming: bool, /) -> None: ...
    def unregisterProducer(self) -> None: ...
    def pauseProducing(self) -> None: ...
    def resumeProducing(self) -> None: ...


def transport_of(protocol: BaseProtocol) -> Transport:
    """Of a protocol that is connected. Twisted's own type for it knows neither C{abortConnection} nor producers."""
    assert protocol.transport is not None
    return cast(Transport, protocol.transport)


def bottom_of(transport: Transport) -> Transport:
    """What is beneath all wrappers, such as TLS: a socket of Twisted's, or a test double of one."""
    found: Any = transport
    while not isinstance(found, FileDescriptor) and hasattr(found, "transport"):
        found = found.transport
    return cast(Transport, found)


def hold_at_most(transport: Transport, size: int) -> None:
    """
    Have a transport pause its producer when it holds more than this.

    @param size: in bytes; also the size of one piece that is read.
    """
    bottom: Any = bottom_of(transport)
    bottom.bufferSize = size


def unsent(transport: Transport) -> int:
    """
    Bytes that a transport of Twisted's still holds; 0 where it has no such buffer. What TLS has not encrypted yet, as
    before the end of a handshake, is held as well.
    """
    found: Any = transport
    # FileDescriptor's two buffers, of which a wrapper passes on those of the socket beneath it.
    held: int = getattr(found, "_tempDataLen", 0)
    held += len(getattr(found, "dataBuffer", b"")) - int(getattr(found, "offset", 0))
    while found is not None and not isinstance(found, FileDescriptor):
        held += sum(map(len, vars(found).get("_appSendBuffer", ())))
        aggregator = vars(found).get("_aggregator")
        held += sum(map(len, getattr(aggregator, "_buffer", ())))
        found = vars(found).get("transport")
    return held


def break_off(transport: Transport) -> None:
    """
    Abort a connection, and let go of what it still holds, which nobody will read. Twisted keeps that until the
    reactor's next turn: a thousand who are cut in one turn, because they do not read, would hold their share of
    memory until all others were told.
    """
    transport.abortConnection()
    found: Any = transport
    while found is not None and not isinstance(found, FileDescriptor):
        vars(found).get("_appSendBuffer", []).clear()
        getattr(vars(found).get("_aggregator"), "_buffer", []).clear()
        found = vars(found).get("transport")
    if found is not None:
        found.dataBuffer, found.offset, found._tempDataBuffer, found._tempDataLen = b"", 0, [], 0


def peer_fingerprint(transport: Transport) -> str:
    """
    The SHA-256 of the certificate that the peer has presented in TLS, as 64 small hexadecimal digits; C{""}: there is
    none. It is known when the handshake is over, and so when the first bytes are read.
    """
    ask: Callable[[], Any] | None = getattr(transport, "getPeerCertificate", None)
    certificate = None if ask is None else ask()
    if certificate is None:
        return ""
    digest: bytes = certificate.digest("sha256")
    return digest.decode().replace(":", "").lower()


class Encryption(Enum):
    """How a connection is encrypted: by TLS that ends here, not at all, or it is not known, as behind a proxy."""

    TLS = "tls"
    PLAIN = "plain"
    UNKNOWN = "unknown"


def encryption_of(transport: Transport) -> Encryption:
    """How it is encrypted. A wrapper other than TLS stands for a proxy, and so does a UNIX socket."""
    if hasattr(transport, "getPeerCertificate"):
        return Encryption.TLS
    behind = hasattr(transport, "wrappedProtocol") or isinstance(transport.getPeer(), UNIXAddress)
    return Encryption.UNKNOWN if behind else Encryption.PLAIN


def is_shaking_hands(transport: Transport) -> bool:
    """Whether TLS has not begun yet, so that nothing can be said to the peer."""
    found: Any = transport
    while found is not None and not isinstance(found, FileDescriptor):
        # Its own, and not what a wrapper passes on of the one beneath.
        if vars(found).get("_handshakeDone", getattr(type(found), "_handshakeDone", None)) is False:
            return True
        found = vars(found).get("transport")
    return False


def sender(transport: Transport) -> Callable[[bytes], int] | None:
    """
    What L{send_at_once} sends with to a plain socket: C{socket.send}. C{None} where something stands before the socket:
    to go around TLS would be to write in the clear.
    """
    if not isinstance(transport, FileDescriptor) or getattr(transport, "TLS", False):
        return None
    straight: Any = transport
    send: Callable[[bytes], int] = straight.getHandle().send
    return send


def send_at_once(transport: Any, send: Callable[[bytes], int], data: bytes) -> int:
    """
    Send now, and not by way of the reactor's next turn: most of what is said is read like this.

    @param send: what L{sender} gave for this transport.
    @return: how many bytes the operating system has taken; 0 where others wait before them.
    """
    if transport._tempDataLen or transport.dataBuffer:  # as L{unsent}, but quicker
        return 0
    try:
        return send(data)
    except OSError:  # there is no room, or nobody any more: write finds out which
        return 0


def sends_no_more(transport: Transport) -> bool:
    """Close our half of a plain connection, so that the peer reads the end. False where that cannot be done."""
    if not isinstance(transport, FileDescriptor):
        return False
    transport.loseWriteConnection()  # type: ignore[no-untyped-call]
    return True
