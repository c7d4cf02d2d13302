"""
What browsers find at C{--web}: one page with its script and style, and the WebSocket it speaks through.

Here connections to the page are counted, and end: L{chatroom.doors.web.resources} answers what they ask for, and what
goes through C{/ws} is L{chatroom.doors.web.websocket}'s. Three habits of Twisted's web server are switched off: it
would keep, log, and wait.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from io import BytesIO
from typing import Any

from twisted.internet.interfaces import IAddress, IDelayedCall, IProtocolNegotiationFactory
from twisted.internet.protocol import Protocol, connectionDone
from twisted.protocols.policies import WrappingFactory
from twisted.python.failure import Failure
from twisted.web.server import Site
from zope.interface import implementer

from chatroom.addresses import AddressGroup, place, plain
from chatroom.doors.admission import Gate
from chatroom.doors.doorkeeper import Doorkeeper
from chatroom.doors.farewell import Farewells
from chatroom.doors.irc.network import Network
from chatroom.doors.transport import transport_of, unsent
from chatroom.doors.web.connection import WebSocketWire
from chatroom.doors.web.irc_messages import IrcFrames
from chatroom.doors.web.resources import Door, Front
from chatroom.doors.web.websocket import Sockets
from chatroom.limits import Limits

IDLE = 15.0
"""Seconds a connection may be silent before, between and after requests for the page."""

PRECONNECTED = 5.0
"""Seconds a connection may be silent before its first request, and keep its place while others find none."""

A_MOMENT = 1e-6
"""Seconds that a float may be away from the time that was meant."""

_FULL = (
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain; charset=utf-8\r\nRetry-After: 10\r\n"
    b"Connection: close\r\n\r\n%s\n"
)


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

    def __init__(self, doorkeeper: Doorkeeper, origins: Collection[str] = (), irc: Network | None = None) -> None:
        """
        @param origins: pages from elsewhere that may open a WebSocket, as browsers name them.
        @param irc: what IRC clients share; C{None} where they are not served.
        """
        self.clock = doorkeeper.clock
        self._doorkeeper = doorkeeper
        self._limits: Limits = doorkeeper.server.limits
        self._sockets = Sockets(doorkeeper, None if irc is None else IrcFrames(irc))
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
