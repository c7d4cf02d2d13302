"""
Browsers in memory: a WebSocket client of Twisted's own at one end, the web door at the other, and no socket between.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Sequence
from itertools import count
from typing import Any
from urllib.parse import urljoin

from twisted.internet.address import IPv4Address
from twisted.internet.defer import Deferred, succeed
from twisted.internet.interfaces import IProtocol, IProtocolFactory, ISSLTransport
from twisted.python.failure import Failure
from twisted.test.iosim import FakeTransport, IOPump, connect
from twisted.web.iweb import IAgentEndpointFactory
from twisted.web.websocket import WebSocketClientEndpoint, WebSocketTransport
from zope.interface import alsoProvides, implementer

from chatroom.doors.web.site import WebFactory
from chatroom.interfaces import IPluginService
from chatroom.limits import Limits
from chatroom.testing import Server

HOST = "chat.example"
_ports = count(1024)


class Place:
    """A chat room with a web door."""

    def __init__(
        self,
        limits: Limits | None = None,
        origins: Collection[str] = (),
        name: str = "chatroom",
        services: Sequence[IPluginService] = (),
        irc: bool = True,
    ) -> None:
        """@param irc: IRC clients are served."""
        self.server = Server(limits, name=name, services=services)
        self.factory = WebFactory(self.server.doorkeeper, origins, self.server.irc if irc else None)
        self.factory.doStart()

    def browser(self, nick: str | None = None, address: str = "192.0.2.1") -> Tab:
        """A WebSocket, which has said hello if it has a nickname."""
        tab = Tab(self, address)
        if nick is not None:
            answer = tab.asks("hello", nick=nick)
            assert answer["ok"], answer
        return tab

    def wire(self, address: str = "192.0.2.1", tls: bool = False) -> Wire:
        """A connection nothing has been said on yet."""
        return Wire(self, address, tls)


class End(FakeTransport):
    """The server's end of a wire, which can be as full as a test wants it."""

    protocol: Any
    stream: list[bytes]
    producer: Any
    paused = False
    lingers = False
    unread = False

    @property
    def dataBuffer(self) -> bytes:
        """What waits to be sent, as a transport of Twisted's calls it; nothing unless it is as full as that."""
        return b"".join(self.stream) if self.unread else b""

    def pauseProducing(self) -> None:
        """Its reader stops."""
        self.paused = True

    def resumeProducing(self) -> None:
        """Its reader goes on."""
        self.paused = False

    def loseWriteConnection(self) -> None:
        """It closes its half."""
        self.lingers = True


def _end(place: Place, address: str) -> tuple[Any, End]:
    peer = IPv4Address("TCP", address, next(_ports))
    protocol = place.factory.buildProtocol(peer)
    end = End(protocol, True, IPv4Address("TCP", "127.0.0.1", 80), peer)
    return protocol, end


class Wire:
    """
    Somebody who writes HTTP by hand.

    @ivar end: the server's end.
    """

    def __init__(self, place: Place, address: str, tls: bool) -> None:
        self._place = place
        self._protocol, self.end = _end(place, address)
        if tls:
            alsoProvides(self.end, ISSLTransport)
        self._protocol.makeConnection(self.end)
        self.settle()

    def sends(self, data: bytes) -> None:
        """Bytes as they are."""
        if not self.end.disconnecting:
            self._protocol.dataReceived(data)
        self.settle()

    def reads(self) -> bytes:
        """What came since the last time."""
        data: bytes = self.end.getOutBuffer() or b""
        return data

    def is_unread(self) -> None:
        """From now on nothing that is written here gets away."""
        self.end.unread = True

    def gets(self, path: str, method: str = "GET", **headers: str) -> Response:
        """The answer to a request. Underscores in names of headers stand for hyphens."""
        lines = [f"{method} {path} HTTP/1.1", f"Host: {headers.pop('Host', HOST)}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        self.sends("".join(f"{line}\r\n" for line in [*lines, ""]).encode())
        return Response(self.reads())

    def shakes_hands(self, **headers: str) -> Response:
        """The answer to the first half of a handshake (the example of RFC 6455, 1.2)."""
        mine = {
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec_WebSocket_Key": "dGhlIHNhbXBsZSBub25jZQ==",
            "Sec_WebSocket_Version": "13",
        }
        return self.gets("/ws", **{**mine, **headers})

    def is_disconnected(self) -> bool:
        """Whether the server has closed it."""
        return bool(self.end.disconnecting)

    def disconnects(self) -> None:
        """It is closed from its end."""
        self.end.reportDisconnect()
        self.settle()

    def settle(self) -> None:
        """Let everything happen that needs no time."""
        self._place.server.settle()
        if self.end.disconnecting and not self.end.disconnected:
            self.end.disconnected = 1
            self.end.reportDisconnect()


class Response:
    """
    An answer to a request.

    @ivar headers: by name in small letters.
    """

    def __init__(self, data: bytes) -> None:
        head, _, self.body = data.partition(b"\r\n\r\n")
        first, *rest = head.decode().split("\r\n")
        self.status = int(first.split(" ")[1]) if first else 0
        self.headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in rest)}
        self.headers.pop("date", None)

    def assets(self) -> list[str]:
        """What the page asks for."""
        found = re.findall(rb"<(?:link|script)\b[^>]*(?:href|src)=\"([^\"]+)\"", self.body)
        return [urljoin("/", path.decode()) for path in found]


class Tab:
    """
    A browser's half of a WebSocket: a C{WebSocketProtocol} of Twisted's.

    @ivar end: the server's end.
    @ivar closed: the connection is gone.
    @ivar dead: it takes no notice of anything any more.
    @ivar texts: messages that came and were not looked at yet.
    @ivar pongs: how many pings of its own were answered.
    @ivar raw: all bytes that came.
    """

    def __init__(self, place: Place, address: str) -> None:
        self._place = place
        self._address = address
        self._pumps: list[IOPump] = []
        self._heard: list[Any] = []
        self._ids = count(1)
        self.closed = self.dead = False
        self.pongs = 0
        self.texts: list[str] = []
        self.raw = b""
        self.transport: WebSocketTransport  # known when hands are being shaken
        endpoint = WebSocketClientEndpoint(_Agent(self), f"ws://{HOST}/ws")
        connected: list[object] = []
        Deferred.fromCoroutine(endpoint.connect(_Itself(self))).addBoth(connected.append)
        self.settle()
        if connected and isinstance(connected[0], Failure):
            connected[0].raiseException()

    # What Twisted tells (WebSocketProtocol).

    def negotiationStarted(self, transport: WebSocketTransport) -> None:
        """Shaking hands."""
        self.transport = transport

    def negotiationFinished(self) -> None:
        """Hands are shaken."""

    def textMessageReceived(self, message: str) -> None:
        """Something comes."""
        self.texts.append(message)

    def bytesMessageReceived(self, data: bytes | bytearray) -> None:
        """That never happens."""
        raise AssertionError(data)

    def pongReceived(self, payload: bytes) -> None:
        """A ping was answered."""
        self.pongs += 1

    def connectionLost(self, reason: Failure) -> None:
        """Gone."""
        self.closed = True

    # What a test does.

    def connect(self, factory: IProtocolFactory) -> Deferred[IProtocol]:
        """As an endpoint would."""
        client: Any = factory.buildProtocol(IPv4Address("TCP", "127.0.0.1", 80))
        protocol, self.end = _end(self._place, self._address)
        near = self.near = FakeTransport(client, False)
        received = client.dataReceived

        def listen(data: bytes) -> None:
            self.raw += data
            if not self.dead:
                received(data)

        client.dataReceived = listen
        pump = connect(protocol, self.end, client, near, greet=False, clock=self._place.server.clock)
        self._pumps.append(pump)
        return succeed(client)

    def settle(self) -> None:
        """Let everything happen that needs no time."""
        server = self._place.server
        server.settle()
        while self._pumps[0].flush():
            server.settle()

    def waits(self, seconds: int) -> None:
        """Let time pass, with all that comes and goes meanwhile."""
        for _ in range(seconds):
            self._place.server.wait(1)
            self.settle()

    def sends(self, text: str) -> None:
        """A message as it is."""
        self.transport.sendTextMessage(text)
        self.settle()

    def sends_bytes(self, *data: bytes) -> None:
        """Bytes as they are, such as frames made by hand."""
        self.near.write(b"".join(data))
        self.settle()

    def asks(self, word: str, **arguments: Any) -> dict[str, Any]:
        """A request; its answer."""
        id = next(self._ids)
        self.sends(json.dumps({"id": id, "do": word, **arguments}))
        [answer] = [made for made in self._objects() if made.get("id") == id and "ok" in made]
        self._heard = [made for made in self._heard if made is not answer]
        return dict(answer)

    def hears(self) -> list[dict[str, Any]]:
        """Events that came since the last time."""
        self.settle()
        self._objects()
        heard, self._heard = self._heard, []
        return heard

    def _objects(self) -> list[dict[str, Any]]:
        texts, self.texts = self.texts, []
        self._heard += [json.loads(text) for text in texts]
        return self._heard

    def closes(self) -> None:
        """Say goodbye, as a tab that is closed does."""
        self.transport.loseConnection(1001)
        self.settle()


@implementer(IAgentEndpointFactory)
class _Agent:
    """Whatever the address, the way leads to one tab's wire."""

    def __init__(self, tab: Tab) -> None:
        self._tab = tab

    def endpointForURI(self, uri: object) -> Any:
        """See L{IAgentEndpointFactory}."""
        return self._tab


class _Itself:
    """A C{WebSocketClientFactory} for one tab."""

    def __init__(self, tab: Tab) -> None:
        self._tab = tab

    def buildProtocol(self, url: str) -> Tab:
        """See C{WebSocketClientFactory}."""
        return self._tab
