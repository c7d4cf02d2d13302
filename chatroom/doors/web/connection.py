"""
One connection to the web, as long as it is HTTP and when it is a WebSocket.

Bytes of HTTP go to Twisted's web server. Once a handshake is answered, all that comes are frames, and a
L{WebSocketPeer} says whether they may be taken apart. It knows neither pages nor what messages mean.
"""

from __future__ import annotations

from typing import Protocol

from twisted.protocols.policies import ProtocolWrapper

from chatroom.addresses import AddressGroup
from chatroom.doors.web.frames import CLOSE, MALFORMED


class WebSocketPeer(Protocol):
    """Who speaks WebSocket through a connection."""

    def may_send(self, data: bytes) -> bool:
        """Whether these bytes may be taken apart; if not, it is being told why."""

    def go_on(self) -> None:
        """Take up what came."""

    def malformed(self, answer: bytes) -> bytes:
        """The parser could not go on. @param answer: what it would close with. @return: what it closes with."""

    def ended(self) -> None:
        """The peer sends no more, and reads no more."""


_SWITCHING = b"HTTP/1.1 101 "


def named_in(answer: bytes, subprotocol: str) -> bytes:
    """The answer to a handshake with this subprotocol in it, which Twisted has no way to say (RFC 6455, 4.2.2)."""
    if not answer.startswith(_SWITCHING):
        return answer
    return answer.removesuffix(b"\r\n") + f"Sec-WebSocket-Protocol: {subprotocol}\r\n\r\n".encode()


class WebSocketWire(ProtocolWrapper):
    """
    The bytes of one connection to the web: below HTTP and, when that is what it becomes, below WebSocket.

    @ivar where: it comes from.
    @ivar came: when it was made, on the doorkeeper's clock.
    @ivar heard: when anything came by it last, as long as it is HTTP.
    @ivar answered: when a request was answered last; C{None} if none was.
    @ivar browser: who speaks WebSocket through it, or C{None} as long as it is HTTP.
    @ivar ahead: frames that came in one piece with the handshake.
    @ivar subprotocol: the one that the answer to the handshake agrees on; C{""}: none.
    """

    where = AddressGroup("", "")
    came = 0.0
    heard = 0.0
    answered: float | None = None
    ahead = b""
    subprotocol = ""
    browser: WebSocketPeer | None = None

    def upgrade(self, browser: WebSocketPeer) -> None:
        """From now on, all that comes is frames."""
        self.browser = browser
        self.factory.upgraded(self)

    def dataReceived(self, data: bytes) -> None:
        """Whatever comes, in whatever pieces."""
        if self.browser is None:
            self.heard = self.factory.clock.seconds()
            super().dataReceived(data)  # type: ignore[no-untyped-call]
            data, self.ahead = self.ahead, b""
        if data and self.browser is not None and self.browser.may_send(data):
            super().dataReceived(data)  # type: ignore[no-untyped-call]
            self.browser.go_on()

    def write(self, data: bytes) -> None:
        """What is above answers: a handshake, a ping, or what it takes for the end."""
        if self.browser is None and self.subprotocol:
            data = named_in(data, self.subprotocol)
        if self.browser is not None and data[:1] == CLOSE and data[2:4] in MALFORMED:
            data = self.browser.malformed(data)
        super().write(data)  # type: ignore[no-untyped-call]

    def loseConnection(self) -> None:
        """
        Asked for by what is above. With WebSocket this means that the peer has said goodbye, or what is no frame: the
        parser has answered already.
        """
        if self.browser is not None:
            self.browser.ended()
        super().loseConnection()  # type: ignore[no-untyped-call]
