"""
People and programs who visit a server in memory with the real client: link, connection and screen.

What stands between them and the server is a pair of transports in memory; a L{Cable} carries the bytes when it is told.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import urwid
from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.error import ConnectionDone, ConnectionLost, ConnectionRefusedError
from twisted.internet.interfaces import IStreamClientEndpoint
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer

from chatroom.client.client import Client
from chatroom.client.config import Store
from chatroom.client.connection import News, ServerConnection
from chatroom.client.display import Status
from chatroom.client.link import Link
from chatroom.client.plain import Plain
from chatroom.client.screen import Screen
from chatroom.client.url import Address
from chatroom.limits import Limits
from chatroom.testing import Line, Server

HERE = Address("server.example")


class Cable:
    """Between a client's protocol and the line door of a server."""

    def __init__(self, server: Server, protocol: Any) -> None:
        self.transport = StringTransport()
        self.protocol = protocol
        self.line = Line(server, "127.0.0.1")
        self.connected = True
        protocol.makeConnection(self.transport)

    def carry(self) -> bool:
        """Carry what waits at either end; whether there was anything."""
        if not self.connected:
            return False
        out, _ = self.transport.value(), self.transport.clear()
        if out:
            self.line.sends(out)
        back = self.line.receives()
        if back:
            self.protocol.dataReceived(back)
        if self.line.is_disconnected() or self.transport.disconnecting or self.transport.disconnected:
            self.cut(ConnectionDone())
            return True
        return bool(out or back)

    def cut(self, reason: Exception | None = None) -> None:
        """The connection is gone, for both."""
        if self.connected:
            self.connected = False
            self.line.disconnects()
            self.protocol.connectionLost(Failure(reason or ConnectionLost()))


@implementer(IStreamClientEndpoint)
class Street:
    """
    The way to a server: an endpoint.

    @ivar open: whether anybody gets there.
    """

    def __init__(self, server: Server) -> None:
        self.server = server
        self.open = True
        self.cables: list[Cable] = []

    def connect(self, protocolFactory: Any) -> Deferred[Any]:
        if not self.open:
            return fail(ConnectionRefusedError())
        protocol = protocolFactory.buildProtocol(None)
        self.cables.append(Cable(self.server, protocol))
        return succeed(protocol)

    def settle(self) -> None:
        """Let everything arrive that is on its way."""
        while sum(cable.carry() for cable in self.cables):
            self.server.settle()
        self.server.settle()

    def wait(self, seconds: float) -> None:
        """Let time pass, with all that happens in it."""
        for _ in range(round(seconds * 10)):
            self.server.wait(0.1)
            self.settle()

    def wait_for_try(self) -> Cable:
        """Let time pass until there is a new connection, and carry nothing on it yet."""
        before = len(self.cables)
        while len(self.cables) == before:
            self.server.wait(0.1)
        return self.cables[-1]

    def breaks(self) -> None:
        """All connections are lost."""
        for cable in self.cables:
            cable.cut()
        self.settle()


class Program:
    """
    Who uses the link through a connection.

    @ivar news: all that was told.
    @ivar jitter: seconds that are added to each wait before the next try.
    """

    jitter = 0.5

    def __init__(self, server: Server, nick: str = "", **arguments: Any) -> None:
        self.server = server
        self.street = Street(server)
        self.news: list[News] = []
        self.connection = ServerConnection(
            Link(nick, **arguments), HERE, self.street, server.clock, self.news.append, lambda: self.jitter
        )

    @property
    def link(self) -> Link:
        """What it speaks through."""
        return self.connection.link

    def starts(self) -> None:
        """Connect."""
        self.connection.start()
        self.street.settle()

    def asks(self, word: str, /, **arguments: Any) -> None:
        """A request."""
        self.connection.ask(word, **arguments)
        self.street.settle()

    def told(self) -> list[News]:
        """What was told since the last time."""
        self.street.settle()
        news, self.news[:] = list(self.news), []
        return news

    def waits(self, seconds: float) -> None:
        """Let time pass."""
        self.street.wait(seconds)


class Visitor:
    """
    Somebody with the client.

    @ivar ended: what it ended with, or C{None}.
    """

    def __init__(self, server: Server, nick: str, folder: Path, room: str = "", **arguments: Any) -> None:
        self.server = server
        self.street = Street(server)
        self.ended: tuple[Status, str] | None = None
        self.rung = 0
        self.client = Client(
            Address(HERE.host, nick=nick, room=room), self._display(), Store(folder), server.clock.seconds, server.now
        )
        self._attach()
        self.connection = ServerConnection(
            Link(nick, **arguments), HERE, self.street, server.clock, self.client.heard, lambda: 0.5
        )
        self.client.connection = self.connection

    def _display(self) -> Any:
        raise NotImplementedError

    def _attach(self) -> None:
        raise NotImplementedError

    def presses(self, *keys: str) -> None:
        """Keys, as urwid names them."""
        for key in keys:
            self._press(key)
        self.street.settle()

    def _press(self, key: str) -> None:
        raise NotImplementedError

    def types(self, *lines: str) -> None:
        """Lines, each with the Enter key."""
        for line in lines:
            self.presses(*line, "enter")

    def comes(self) -> Any:
        """Connect, and wait until everything is there; returns itself."""
        self.connection.start()
        self.street.settle()
        return self

    def waits(self, seconds: float) -> None:
        """Let time pass."""
        self.street.wait(seconds)

    def _end(self, status: Status, sentence: str) -> None:
        self.ended = (status, sentence)
        self.connection.stop()

    def _ring(self) -> None:
        self.rung += 1


class ScreenVisitor(Visitor):
    """
    With the full screen.

    @ivar size: columns and rows.
    """

    size = (120, 30)

    def _display(self) -> Screen:
        self.screen = Screen(self._end, self.server.clock.seconds)
        self.screen.beep = self._ring
        self.titles: list[str] = []
        self.notes: list[str] = []
        self.screen.retitle = self.titles.append
        self.screen.notify = self._note
        return self.screen

    def _note(self, text: str) -> None:
        self.notes.append(text)
        self._ring()

    def _attach(self) -> None:
        self.screen.attach(self.client)

    def _press(self, key: str) -> None:
        self.screen.keypress(self.size, key)

    def clicks(self, column: int, row: int, button: int = 1) -> None:
        """The mouse, from the upper left corner on."""
        self.screen.mouse_event(self.size, "mouse press", button, column, row, True)
        self.street.settle()

    def canvas(self) -> urwid.Canvas:
        """What is drawn."""
        self.street.settle()
        return self.screen.render(self.size, True)

    def sees(self) -> list[str]:
        """The rows of the screen."""
        return [row.decode().rstrip() for row in self.canvas().text]

    def screenful(self) -> str:
        """The screen as one text."""
        return "\n".join(self.sees())

    def talk(self) -> list[str]:
        """The middle of a wide screen: the lines of talk without their times."""
        return [row.split("│")[1][1:-1].rstrip() for row in self.sees() if row.count("│") >= 2]

    def style_of(self, text: str) -> set[Any]:
        """The styles in which a text stands on the screen."""
        found = set()
        for row in self.canvas().content():
            shown = "".join(part.decode() for _, _, part in row)
            at = shown.find(text)
            if at >= 0:
                begin = 0
                for style, _, part in row:
                    end = begin + len(part.decode())
                    if begin < at + len(text) and end > at:
                        found.add(style)
                    begin = end
        return found


class PlainVisitor(Visitor):
    """
    With the plain mode.

    @ivar written: all that ever went to the terminal.
    """

    columns = 80

    def _display(self) -> Plain:
        self.written = ""
        self._read_to = 0
        self.plain = Plain(self._write, lambda: self.columns, self._end, partial(self.server.clock.callLater, 0))
        return self.plain

    def _write(self, text: str) -> None:
        self.written += text

    def _attach(self) -> None:
        self.plain.attach(self.client)

    def _press(self, key: str) -> None:
        self.plain.press(key)


def keys(text: str) -> list[str]:
    """A text as the keys that type it."""
    return ["enter" if character == "\n" else character for character in text]


QUIET = Limits(talk_rate=0, max_per_address=0)


class ScreenCase(SynchronousTestCase):
    """A server with bob in it, who uses nc, and luca, who has the client."""

    size = (120, 30)

    def setUp(self) -> None:
        self.server = Server(QUIET)
        self.bob = self.server.guest("bob")
        self.luca = self.visitor("luca")
        self.bob.reads()

    def visitor(self, nick: str, **arguments: Any) -> ScreenVisitor:
        """Somebody with the client, who has come in."""
        visitor = ScreenVisitor(self.server, nick, Path(self.mktemp()), **arguments)
        visitor.size = self.size
        visitor.comes()
        return visitor
