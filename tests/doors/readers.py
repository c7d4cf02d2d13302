"""
People who do not always read: wires that hold what is written until their other end takes it.
"""

from __future__ import annotations

from typing import Any

from twisted.internet.abstract import FileDescriptor
from twisted.internet.address import IPv4Address
from twisted.internet.interfaces import IHalfCloseableProtocol
from twisted.internet.testing import StringTransport

from chatroom.testing import FakeTransport, Guest, Program


class SlowWire(FakeTransport):
    """
    Twisted's TCP transport as far as its buffer goes: past C{bufferSize} its producer is paused, and resumed once all
    was read.
    """

    bufferSize = 65536  # noqa: N815 Twisted's
    reading = True
    paused = False
    backlog = b""

    def write(self, data: bytes) -> None:
        """Keep it until it is read."""
        if self.lost:
            return
        if self.reading and not self.backlog:
            StringTransport.write(self, data)
            return
        self.backlog += data
        if len(self.backlog) > self.bufferSize and not self.paused and self.producer is not None:
            self.paused = True
            self.producer.pauseProducing()

    def ends(self) -> None:
        """The peer sends no more: told to a protocol that says it knows half a connection, as TCP does."""
        half: Any = IHalfCloseableProtocol(self.connection, None)
        if half is None:
            self.connectionLost()
        else:
            half.readConnectionLost()

    @property
    def dataBuffer(self) -> bytes:
        """What is not read yet, by the name that Twisted has for it."""
        return self.backlog

    def reads_bytes(self, count: int) -> None:
        """The other end reads so many bytes, and no more."""
        read, self.backlog = self.backlog[:count], self.backlog[count:]
        StringTransport.write(self, read)
        if not self.backlog and self.paused:
            self.paused = False
            if self.producer is not None:
                self.producer.resumeProducing()


class Pipe(FileDescriptor):
    """A descriptor of Twisted's, and an operating system that takes so many bytes at a time."""

    connected = 1
    writing = False
    aborted = False

    def __init__(self, takes: list[int]) -> None:
        super().__init__(reactor=self)  # type: ignore[arg-type]
        self.takes = takes
        self.taken = b""

    def addWriter(self, writer: object) -> None:  # noqa: N802 Twisted's
        """The reactor's half: say when there is room."""
        self.writing = True

    def removeWriter(self, writer: object) -> None:  # noqa: N802 Twisted's
        """There is nothing to write."""
        self.writing = False

    def getHandle(self) -> Pipe:  # noqa: N802 Twisted's
        """It is its own socket."""
        return self

    def send(self, data: bytes) -> int:
        """See L{socket.socket.send}."""
        count = self.writeSomeData(data)
        if not count:
            raise BlockingIOError
        return count

    def writeSomeData(self, data: bytes) -> int:
        """What Twisted makes of that."""
        count = min(len(data), self.takes.pop(0) if self.takes else len(data))
        self.taken += data[:count]
        return count

    def abortConnection(self) -> None:
        """Broken off, as Twisted does it: what waits goes nowhere, and is kept until the next turn."""
        self.aborted = True

    def has_room(self) -> None:
        """What the reactor does then, until there is nothing to write."""
        while self.writing:
            self.doWrite()


class Socket(FileDescriptor):
    """A descriptor of Twisted's on a socket that takes everything."""

    connected = 1
    sent = b""
    shut = lost = False
    reading = True

    def getPeer(self) -> IPv4Address:  # noqa: N802 Twisted's
        """From somewhere."""
        return IPv4Address("TCP", "192.0.2.1", 1)

    def getHandle(self) -> Socket:  # noqa: N802 Twisted's
        """It is its own socket."""
        return self

    def send(self, data: bytes) -> int:
        """All of it."""
        return self.writeSomeData(data)

    def writeSomeData(self, data: bytes) -> int:
        """The same."""
        self.sent += data
        return len(data)

    def startWriting(self) -> None:
        """The reactor would call this in its next turn."""
        self.doWrite()

    def stopWriting(self) -> None:
        """There is nothing to write."""

    def startReading(self) -> None:
        """Something may come."""
        self.reading = True

    def stopReading(self) -> None:
        """Nothing comes."""
        self.reading = False

    def abortConnection(self) -> None:
        """Broken off."""
        self.lost = True

    def connectionLost(self, reason: object) -> None:
        """Closed."""
        self.lost = True

    def _closeWriteConnection(self) -> None:  # noqa: N802 Twisted's
        self.shut = True


def stops_reading(guest: Guest | Program) -> SlowWire:
    """From now on, this one reads nothing."""
    wire = guest.transport
    assert isinstance(wire, SlowWire)
    wire.reading = False
    return wire


def reads_on(guest: Guest | Program) -> None:
    """It reads all there is, and goes on reading."""
    wire = guest.transport
    assert isinstance(wire, SlowWire)
    wire.reading = True
    while wire.backlog:
        wire.reads_bytes(len(wire.backlog))
        guest.server.settle()
