"""
What browsers find at C{--web}: one page with its script and style, and the WebSocket it speaks through.

Here it is decided who is answered at all, and every answer carries the headers that let a browser run nothing but what
this daemon sends. It is long because Twisted's web server has to be told what not to do: keep, log, and wait. It knows
HTTP and nothing of what is said; what goes through C{/ws} is L{chatroom.doors.web.websocket}'s.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from http import HTTPStatus
from io import BytesIO
from typing import Any

from twisted.internet.interfaces import IAddress, IDelayedCall, IProtocolNegotiationFactory, IReactorTime
from twisted.internet.protocol import Protocol, connectionDone
from twisted.protocols.policies import WrappingFactory
from twisted.python.failure import Failure
from twisted.web.resource import Resource
from twisted.web.server import Request, Site
from twisted.web.websocket import WebSocketResource
from zope.interface import implementer

from chatroom.addresses import AddressGroup, place, plain
from chatroom.doors.admission import Gate, PerMinute
from chatroom.doors.doorkeeper import Doorkeeper
from chatroom.doors.farewell import Farewells
from chatroom.doors.transport import transport_of, unsent
from chatroom.doors.web.assets import page
from chatroom.doors.web.headers import VERSION, handshake_of, host_of, is_handshake, values_of
from chatroom.doors.web.origins import Host, is_same, origin
from chatroom.doors.web.websocket import Sockets, WebSocketWire
from chatroom.doors.web.welcome import PATH, welcome
from chatroom.interfaces import IServer
from chatroom.limits import Limits

IDLE = 15.0
"""Seconds a connection may be silent before, between and after requests for the page."""

PRECONNECTED = 5.0
"""Seconds a connection may be silent before its first request, and keep its place while others find none."""

UNREAD = 64 * 1024
"""Bytes of answers that wait to be read: who asks for more by the same connection meanwhile gets none."""

A_MOMENT = 1e-6
"""Seconds that a float may be away from the time that was meant."""

HEADERS = {
    "Content-Security-Policy": "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self'",
            "connect-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        )
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Server": "chatroom",
}
"""With every answer. What they mean: docs/web.rst."""

TRANSPORT_SECURITY = "max-age=31536000"
"""With every answer over TLS: a year without a plain connection to this host (RFC 6797)."""

_FULL = (
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain; charset=utf-8\r\nRetry-After: 10\r\n"
    b"Connection: close\r\n\r\n%s\n"
)


def refusal(request: Request, status: int, sentence: str) -> bytes:
    """An answer that is no page. Twisted does not know what every status is called."""
    request.setResponseCode(status, HTTPStatus(status).phrase.encode())
    request.setHeader("content-type", "text/plain; charset=utf-8")
    return sentence.encode() + b"\n"


class Door(Resource):
    """
    Where a WebSocket is asked for: checks what L{WebSocketResource} does not.

    C{Origin} is what a browser says of the page that asks; no page can change it. Programs need not send it: they could
    write there what they like, and carry no cookies of anybody's.
    """

    isLeaf = True

    def __init__(self, sockets: Sockets, origins: Collection[str]) -> None:
        """@param origins: pages from elsewhere that are welcome: C{https://chat.example.org}."""
        super().__init__()  # type: ignore[no-untyped-call]
        self._accept = WebSocketResource(sockets)
        self._origins = frozenset(map(origin, origins)) - {None}

    def render_GET(self, request: Request) -> bytes | int:
        """The first half of a handshake (RFC 6455, 4.1), or something else."""
        upgrade = values_of(request, b"upgrade")
        if not any("websocket" in value.lower() for value in upgrade):
            request.setHeader("upgrade", "websocket")
            return refusal(request, 426, "This address is for WebSocket. The page is at /.")
        asked = host_of(request)
        assert asked is not None
        if not self.is_welcome(values_of(request, b"origin"), asked, request.isSecure()):
            return refusal(request, 403, "That page comes from another site than this chat room.")
        if not is_handshake(request):
            request.setHeader("sec-websocket-version", VERSION)
            return refusal(request, 400, "That is not how a WebSocket is asked for (RFC 6455, 4.1).")
        # Of what else a stranger wrote, Twisted's library would make errors for the log.
        request.requestHeaders = handshake_of(request)
        return self._accept.render_GET(request)

    def is_welcome(self, origins: Sequence[str], asked: Host, secure: bool) -> bool:
        """
        Whether a page from there may come in: from the same host and port, or from one that was named. Headers by which
        proxies tell what they were asked (C{Forwarded}, C{X-Forwarded-Host}) are anybody's to write, and not read.

        @param origins: the values of C{Origin}. @param asked: the host of the request. @param secure: it came by TLS.
        """
        if not origins:
            return True
        page = origin(origins[0]) if len(origins) == 1 else None
        return page is not None and (page in self._origins or is_same(page, asked, secure))


class Front(Resource):
    """Everything that can be asked for."""

    isLeaf = True

    def __init__(self, server: IServer, door: Door, clock: IReactorTime) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._server = server
        self._assets = page(server)
        self._door = door
        self._clock = clock
        self._limits: Limits = server.limits
        self._rate = PerMinute()

    def render(self, request: Request) -> bytes | int:
        """See L{twisted.web.resource.IResource.render}. HEAD is GET without a body, whatever is asked for."""
        for name, value in HEADERS.items():
            request.setHeader(name, value)
        if request.isSecure():
            request.setHeader("Strict-Transport-Security", TRANSPORT_SECURITY)
        answer = self._answer(request)
        if request.method == b"HEAD" and isinstance(answer, bytes) and answer:
            request.setHeader("content-length", str(len(answer)))
            return b""
        return answer

    def _answer(self, request: Request) -> bytes | int:
        wire: Any = request.channel.transport
        wire.answered = self._clock.seconds()
        if unsent(wire) > UNREAD:  # Twisted goes on with requests that came in one piece, whatever is unread
            request.channel.persistent = False
            return refusal(request, 503, "Read the answers to your last requests first.")
        if not self._rate.may(wire.where.network, self._clock.seconds(), self._limits.requests_per_minute):
            request.setHeader("retry-after", "60")
            request.channel.persistent = False
            return refusal(request, 429, "Too many requests from your address. Please wait a minute.")
        if host_of(request) is None:
            request.channel.persistent = False
            return refusal(request, 400, "A request names one host (RFC 9112, 3.2).")
        asset = self._assets.get(request.path)
        if asset is None and request.path not in (b"/ws", PATH):
            return refusal(request, 404, "There is nothing here. The page is at /.")
        if request.method not in (b"GET", b"HEAD"):
            request.setHeader("allow", "GET, HEAD")
            return refusal(request, 405, "There is nothing here to do but to look.")
        if request.path == PATH:
            request.setHeader("content-type", "application/json")
            request.setHeader("cache-control", "no-store")
            return welcome(self._server)
        return self._door.render_GET(request) if asset is None else asset.answer(request)


class _Nowhere(BytesIO):
    """The body of a request: nothing here has a use for one."""

    def write(self, data: Any) -> int:
        return len(data)


class _Site(Site):
    """HTTP/1.1 without a log of who asked for what, and without keeping what is sent along."""

    noisy = False

    def startFactory(self) -> None:
        """No log, and so no clock for it."""

    def stopFactory(self) -> None:
        """See L{startFactory}."""

    def log(self, request: Any) -> None:
        """Who reads the page is nobody's business."""

    def getContentFile(self, length: int | None) -> BytesIO:
        """Where the body of a request goes: else it would be kept, on disk if it is long."""
        return _Nowhere()


class _TurnedAway(Protocol):
    """A connection too many."""

    def __init__(self, farewells: Farewells, sentence: str) -> None:
        self._farewells = farewells
        self._sentence = sentence

    def connectionMade(self) -> None:
        """Say so, and close."""
        self._farewells.say(transport_of(self), _FULL % self._sentence.encode())

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """It is closed."""
        self._farewells.gone(transport_of(self))


@implementer(IProtocolNegotiationFactory)
class WebFactory(WrappingFactory[WebSocketWire]):
    """
    The page and its WebSocket; one factory may serve many ports.

    Connections that ask for the page are counted apart from those of people: they may be as many, and have
    C{register_time} to get what they came for. Once one is a WebSocket, the doorkeeper has it.

    A browser keeps some six connections for a while after it has the page, which nobody needs any more: where an
    address has as many as it may have, the one of them that has rested longest makes room for the next.

    @ivar clock: of seconds that do not run backwards.
    """

    protocol = WebSocketWire
    noisy = False

    def __init__(self, doorkeeper: Doorkeeper, origins: Collection[str] = ()) -> None:
        """@param origins: pages from elsewhere that may open a WebSocket, as browsers name them."""
        self.clock = doorkeeper.clock
        self._doorkeeper = doorkeeper
        self._limits: Limits = doorkeeper.server.limits
        self._sockets = Sockets(doorkeeper)
        self._gate = Gate(self._limits, per_minute=False)
        self._visits: dict[WebSocketWire, IDelayedCall] = {}
        self._from: dict[str, dict[WebSocketWire, None]] = {}  # by network
        front = Front(doorkeeper.server, Door(self._sockets, origins), self.clock)
        # Twisted's own time-out would begin anew with each byte, and writes every browser's address into the log.
        site = _Site(  # type: ignore[no-untyped-call]
            front, parsePOSTFormSubmission=False, timeout=None, reactor=self.clock
        )
        super().__init__(site)  # type: ignore[no-untyped-call]

    def buildProtocol(self, address: IAddress | None) -> Any:
        """For everybody but one too many."""
        host = plain(getattr(address, "host", None) or "")
        where = place(host)
        why = self._gate.admit(where, self.clock.seconds())
        if why is not None and self._makes_room(where, why.reason):
            why = self._gate.admit(where, self.clock.seconds())
        if why is not None:
            self._doorkeeper.turned_away.note(why.reason, host)
            return _TurnedAway(self._doorkeeper.farewells, why.sentence)
        wire = super().buildProtocol(address)
        wire.where = where
        return wire

    def _makes_room(self, where: AddressGroup, reason: str) -> bool:
        """Whether one of that address, or network, was let go for a new one. @param reason: why that finds no place."""
        crowd: Iterable[WebSocketWire] = self._from.get(where.network, ())
        if reason == "max-per-address":
            crowd = [wire for wire in crowd if wire.where.origin == where.origin]
        elif reason != "max-per-network":
            return False
        longest = min(filter(self._rests, crowd), key=lambda wire: wire.heard, default=None)
        if longest is None:
            return False
        self.upgraded(longest)
        self._doorkeeper.farewells.say(longest, b"")
        return True

    def _rests(self, wire: WebSocketWire) -> bool:
        """Whether it has got all that it has asked for, or has asked for nothing in some time."""
        if wire.answered is None:
            return self.clock.seconds() - wire.heard >= PRECONNECTED
        return wire.answered >= wire.heard and not unsent(wire)

    def registerProtocol(self, wire: WebSocketWire) -> None:
        """It is connected."""
        super().registerProtocol(wire)  # type: ignore[no-untyped-call]
        wire.came = wire.heard = self.clock.seconds()
        self._visits[wire] = self.clock.callLater(IDLE, self._look, wire)
        self._from.setdefault(wire.where.network, {})[wire] = None

    def _look(self, wire: WebSocketWire) -> None:
        """End a visit in which nothing happens. What is being sent may go on until its time is over as well."""
        now = self.clock.seconds()
        left, silent = wire.came + self._limits.register_time - now, now - wire.heard
        if left < A_MOMENT:
            wire.abortConnection()
            return
        patience = IDLE - silent
        if patience < A_MOMENT:
            wire.loseConnection()
            patience = IDLE
        self._visits[wire] = self.clock.callLater(min(left, patience), self._look, wire)

    def unregisterProtocol(self, wire: WebSocketWire) -> None:
        """It is connected no more."""
        self._doorkeeper.farewells.gone(wire)
        super().unregisterProtocol(wire)  # type: ignore[no-untyped-call]
        self.upgraded(wire)

    def upgraded(self, wire: WebSocketWire) -> None:
        """It is no visit to the page any more, and does not count as one."""
        visit = self._visits.pop(wire, None)
        if visit is not None:
            self._gate.leave(wire.where)
            crowd = self._from[wire.where.network]
            del crowd[wire]
            if not crowd:
                del self._from[wire.where.network]
            if visit.active():
                visit.cancel()

    def acceptableProtocols(self) -> list[bytes]:
        """WebSocket as we speak it is a matter of HTTP/1.1. Asked where TLS is spoken, by whatever endpoint."""
        return [b"http/1.1"]

    def stopFactory(self) -> None:
        """No more listening: the server closes."""
        self._sockets.going_away()
