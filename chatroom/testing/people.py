"""
Who is connected to a server in a test: people who type into the line door, and programs that speak JSON.

They know the line door and the server they are connected to. Everything but the wires is real.
"""

from __future__ import annotations

import json
from itertools import count
from typing import TYPE_CHECKING, Any

from twisted.internet.address import IPv4Address
from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.internet.interfaces import IHalfCloseableProtocol
from twisted.internet.protocol import Protocol
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure

from chatroom.doors.line.connection import LineConnection
from chatroom.doors.line.factory import GREETING_DELAY

if TYPE_CHECKING:
    from chatroom.testing.server import Server

_ports = count(1024)


class FakeTransport(StringTransport):
    """The server's end of a wire in memory, which takes all that is written at once."""

    def __init__(self, address: str, connection: Protocol) -> None:
        super().__init__(peerAddress=IPv4Address("TCP", address, next(_ports)))  # type: ignore[no-untyped-call]
        self.connection = connection
        self.lost = False

    def loseConnection(self) -> None:
        super().loseConnection()  # type: ignore[no-untyped-call]
        self.connectionLost()

    def abortConnection(self) -> None:
        super().abortConnection()  # type: ignore[no-untyped-call]
        self.connectionLost(ConnectionLost())

    def loseWriteConnection(self) -> None:
        """Half of it closes; nothing in memory needs the other half closed."""

    def connectionLost(self, reason: Exception | None = None) -> None:
        """Tell the protocol, once."""
        if not self.lost:
            self.lost = True
            self.connected = False
            self.connection.connectionLost(Failure(reason or ConnectionDone()))


class Line:
    """
    One end of a wire into the line door.

    @ivar transport: the server's end.
    """

    def __init__(self, server: Server, address: str) -> None:
        self.server = server
        self.protocol = LineConnection()
        self.protocol.factory = server.factory
        self.transport = FakeTransport(address, self.protocol)
        self.protocol.makeConnection(self.transport)  # type: ignore[no-untyped-call]
        server.settle()

    def sends(self, data: bytes) -> None:
        """Bytes as they are."""
        if not self.transport.lost:
            self.protocol.dataReceived(data)
        self.server.settle()

    def receives(self) -> bytes:
        """Bytes that came since the last time."""
        data: bytes = self.transport.value()  # type: ignore[no-untyped-call]
        self.transport.clear()  # type: ignore[no-untyped-call]
        return data

    def ends(self) -> None:
        """It sends no more, and goes on reading, as C{nc -N} does."""
        IHalfCloseableProtocol(self.protocol).readConnectionLost()
        self.server.settle()

    def disconnects(self) -> None:
        """The connection is closed from its end."""
        self.transport.connectionLost()
        self.server.settle()

    def is_disconnected(self) -> bool:
        """Whether the server has closed it, or it was lost."""
        return self.transport.lost


class Guest(Line):
    """A person with C{nc}."""

    def types(self, *lines: str) -> None:
        """Lines, each with the return key behind it."""
        self.sends("".join(f"{line}\n" for line in lines).encode())

    def reads(self) -> list[str]:
        """Lines that came since the last time."""
        return self.receives().decode().replace("\r\n", "\n").split("\n")[:-1]

    def greeting(self) -> list[str]:
        """What somebody reads who says nothing at first."""
        self.server.wait(GREETING_DELAY)
        return self.reads()


class IrcClient(Line):
    """A program that speaks IRC, and shows the bytes of it."""

    def types(self, *lines: str) -> None:
        """Lines of IRC, each with CR LF behind it."""
        self.sends("".join(f"{line}\r\n" for line in lines).encode())

    def reads(self) -> list[str]:
        """Lines that came since the last time, without their ends."""
        return self.receives().decode().split("\r\n")[:-1]


class Program(Line):
    """A program that speaks JSON lines."""

    def __init__(self, server: Server, address: str) -> None:
        super().__init__(server, address)
        self._events: list[dict[str, Any]] = []
        self._answers: dict[Any, dict[str, Any]] = {}
        self._ids = count(1)

    def asks(self, word: str, /, **arguments: Any) -> dict[str, Any]:
        """
        A request; its answer.

        @raise AssertionError: there is none yet, because the command waits. Use L{requests} and L{Server.wait}.
        """
        request = self.requests(word, **arguments)
        assert request.is_answered(), f"{word} is not answered yet: use requests({word!r}), and let time pass"
        return request.answer()

    def requests(self, word: str, /, **arguments: Any) -> OpenRequest:
        """A request whose answer may take its time. Other requests may be made meanwhile."""
        id = next(self._ids)
        self.sends(json.dumps({"id": id, "do": word, **arguments}).encode() + b"\n")
        return OpenRequest(self, id)

    def hears(self) -> list[dict[str, Any]]:
        """Events that came since the last time."""
        self._take()
        events, self._events = self._events, []
        return events

    def answers(self) -> dict[Any, dict[str, Any]]:
        """Answers that came and were not asked for yet, by the C{id} of their requests."""
        self._take()
        return self._answers

    def _take(self) -> None:
        for line in self.receives().decode().split("\n")[:-1]:
            made = json.loads(line)
            if "event" in made:
                self._events.append(made)
            else:
                self._answers[made.get("id")] = made


class OpenRequest:
    """What a program asked for, while it may not be answered yet."""

    def __init__(self, program: Program, id: int) -> None:
        self._program = program
        self._id = id

    def is_answered(self) -> bool:
        """Whether the answer has come."""
        return self._id in self._program.answers()

    def answer(self) -> dict[str, Any]:
        """
        The answer, once.

        @raise AssertionError: it has not come yet, or was read before.
        """
        assert self.is_answered(), "not answered yet: let time pass, or fire what the command waits for"
        return self._program.answers().pop(self._id)
