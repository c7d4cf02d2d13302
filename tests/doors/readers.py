"""
People who do not always read: a wire that holds what is written until its other end asks for it.
"""

from __future__ import annotations

from typing import Any

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
