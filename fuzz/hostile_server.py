"""
Somebody whose terminal client talks to a server that means no good.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred, succeed
from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IStreamClientEndpoint
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from zope.interface import implementer

from chatroom.client.client import Client
from chatroom.client.config import Store
from chatroom.client.connection import ServerConnection
from chatroom.client.display import Status
from chatroom.client.link import Link
from chatroom.client.plain import Plain
from chatroom.client.url import Address
from fuzz.invariants import Finding, lines_of, objects_of

HERE = Address("server.example", nick="vera")

_OURS = re.compile("\r\x1b\\[K|\b+|\a")
"""What the client itself writes to the terminal: the line typed in anew, the cursor moved back, a bell."""


@implementer(IStreamClientEndpoint)
class _Server:
    """Whoever connects is connected at once."""

    def __init__(self) -> None:
        self.protocol: Any = None
        self.transport = StringTransport()
        self.times = 0

    def connect(self, factory: Any) -> Deferred[Any]:
        """See L{IStreamClientEndpoint}."""
        self.times += 1
        self.protocol = factory.buildProtocol(None)
        self.transport = StringTransport()
        self.protocol.makeConnection(self.transport)
        return succeed(self.protocol)


class Victim:
    """The client in its plain mode, with what it writes to the terminal."""

    def __init__(self, folder: Path) -> None:
        self._clock = Clock()
        self._server = _Server()
        self._written: list[str] = []
        self._ended = False
        plain = Plain(self._written.append, lambda: 80, self._end, lambda call: self._clock.callLater(0, call))
        self._client = Client(HERE, plain, Store(folder), self._clock.seconds, lambda: 1767225600.0)
        plain.attach(self._client)
        self._plain = plain
        self._connection = ServerConnection(Link("vera"), HERE, self._server, self._clock, self._client.heard)
        self._client.connection = self._connection
        self._connection.start()
        self._clock.advance(0)

    def _end(self, status: Status, sentence: str) -> None:
        self._ended = True
        self._connection.stop()

    def receives(self, data: bytes) -> None:
        """The server sends this, on whatever connection there is."""
        if not self._ended and self._server.transport.connected:
            self._server.protocol.dataReceived(data)
        self._settle()

    def _settle(self) -> None:
        self._clock.advance(0)
        transport = self._server.transport
        if transport.connected and (transport.disconnecting or transport.disconnected):
            self._is_cut()
        self._check()

    def _is_cut(self) -> None:
        self._server.transport.connected = False
        self._server.protocol.connectionLost(Failure(ConnectionDone()))
        self._clock.advance(0)

    def types(self, text: str) -> None:
        """A line, with the Enter key."""
        for key in [*text, "enter"]:
            if not self._ended:
                self._plain.press(key)
        self._settle()

    def waits(self, seconds: float) -> None:
        """Time passes."""
        for _ in range(3):
            self._clock.advance(seconds / 3)
            self._settle()

    def ends(self) -> None:
        """The connection is lost; the client comes back, and its user leaves."""
        if self._server.transport.connected:
            self._is_cut()
        self.waits(120.0)
        if not self._ended and self._server.times < 2:
            raise Finding("the client does not come back")
        if not self._ended:
            self._client.leave()
            self._settle()
        self._check()

    def _check(self) -> None:
        """What was written leaves the terminal as it was, and what was sent are requests."""
        text = _OURS.sub("", "".join(self._written))
        self._written.clear()
        if text:
            lines_of(text.encode(errors="surrogatepass") + b"\n")
        sent = self._server.transport.value()
        self._server.transport.clear()
        for request in sent.decode().splitlines():
            objects_of([request.replace('"do":', '"event":', 1)])
