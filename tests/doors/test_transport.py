"""
What doors rely on of Twisted's transports and cannot ask them for: a Twisted that is built differently fails here.
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from OpenSSL import SSL
from twisted.internet.abstract import FileDescriptor
from twisted.internet.address import IPv4Address
from twisted.internet.interfaces import IPushProducer
from twisted.internet.protocol import Factory, Protocol
from twisted.internet.task import Clock
from twisted.protocols.tls import TLSMemoryBIOFactory
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer

from chatroom.daemon.tls import Certificates
from chatroom.doors.proxied import ProxiedFactory
from chatroom.doors.transport import (
    bottom_of,
    break_off,
    hold_at_most,
    is_shaking_hands,
    send_at_once,
    sender,
    sends_no_more,
    transport_of,
    unsent,
)
from chatroom.testing import FakeTransport
from tests.daemon.secrecy import put_pair
from tests.doors.readers import Pipe, SlowWire


@implementer(IPushProducer)
class Producer:
    """What a transport pauses and resumes; a list of what it was told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def pauseProducing(self) -> None:
        """The transport holds too much."""
        self.told.append("pause")

    def resumeProducing(self) -> None:
        """It holds nothing."""
        self.told.append("resume")

    def stopProducing(self) -> None:
        """It is gone."""


class SocketTests(SynchronousTestCase):
    """A plain socket: Twisted's own FileDescriptor, above an operating system that takes so many bytes at a time."""

    @given(st.lists(st.binary(min_size=1, max_size=200)), st.lists(st.integers(0, 300), max_size=6))
    def test_unsent_is_what_the_system_has_not_taken(self, pieces: list[bytes], takes: list[int]) -> None:
        """At any time, a transport holds what was written to it and not taken from it."""
        pipe = Pipe([*takes, 0])
        for piece in pieces:
            pipe.write(piece)
        written = b"".join(pieces)
        self.assertEqual(len(written), unsent(pipe))
        for _ in takes:
            pipe.doWrite()
            self.assertEqual(len(written) - len(pipe.taken), unsent(pipe))

    @given(st.binary(min_size=1, max_size=200), st.integers(0, 300))
    def test_sender_passes_the_buffer_by_only_when_it_is_empty(self, data: bytes, takes: int) -> None:
        """Bytes are sent at once, as many as the system takes; none of them while others wait before them."""
        pipe = Pipe([takes])
        send = sender(pipe)
        assert send is not None
        self.assertEqual(min(takes, len(data)), send_at_once(pipe, send, data))
        pipe.write(b"before")
        self.assertEqual(0, send_at_once(pipe, send, data))
        pipe.takes = [3, 0]
        pipe.doWrite()
        self.assertEqual(0, send_at_once(pipe, send, data))
        pipe.has_room()
        self.assertEqual(len(data), send_at_once(pipe, send, data))

    def test_bottom_of_a_socket_is_itself(self) -> None:
        """Nothing is beneath it."""
        pipe = Pipe([])
        self.assertIs(pipe, bottom_of(pipe))
        self.assertFalse(is_shaking_hands(pipe))

    def test_transport_pauses_where_it_was_told_to(self) -> None:
        """A transport pauses its producer when it holds more than C{hold_at_most} said, and not before."""
        pipe, producer = Pipe([]), Producer()
        hold_at_most(pipe, 10)
        pipe.registerProducer(producer, True)
        pipe.write(b"x" * 10)
        self.assertEqual([], producer.told)
        pipe.write(b"x")
        self.assertEqual(["pause"], producer.told)
        pipe.has_room()
        self.assertEqual(["pause", "resume"], producer.told)

    def test_socket_closes_one_half(self) -> None:
        """Our half of a plain connection can be closed alone; a wire in memory is no such connection."""
        pipe = Pipe([])
        self.assertTrue(sends_no_more(pipe))
        self.assertFalse(sends_no_more(FakeTransport("127.0.0.1", Protocol())))

    def test_connection_that_is_broken_off_holds_nothing(self) -> None:
        """What nobody will read is let go of at once, and not in the reactor's next turn."""
        pipe = Pipe([3])
        pipe.write(b"x" * 1000)
        pipe.doWrite()
        pipe.write(b"y" * 1000)
        self.assertEqual(1997, unsent(pipe))
        break_off(pipe)
        self.assertTrue(pipe.aborted)
        self.assertEqual((0, []), (unsent(pipe), pipe._tempDataBuffer))

    def test_private_names(self) -> None:
        """The names by which all of this is found are FileDescriptor's own."""
        names = vars(FileDescriptor(reactor=Clock()))  # type: ignore[arg-type]
        self.assertLessEqual({"_tempDataLen", "_tempDataBuffer"}, names.keys())
        self.assertEqual((b"", 0), (FileDescriptor.dataBuffer, FileDescriptor.offset))


class TlsTests(SynchronousTestCase):
    """TLS of Twisted's, with real OpenSSL at both ends, perhaps behind a proxy's header."""

    def setUp(self) -> None:
        folder = Path(self.mktemp())
        folder.mkdir()
        put_pair(folder)
        self.certificates = Certificates(str(folder))
        self.clock = Clock()
        self.door = Protocol()

    def connect(self, proxied: bool = False) -> tuple[Any, SlowWire, SSL.Connection]:
        """The protocol that the wire knows, the wire, and the client's end of TLS."""
        factory: Any = TLSMemoryBIOFactory(
            self.certificates, False, Factory.forProtocol(lambda: self.door), clock=self.clock
        )
        if proxied:
            factory = ProxiedFactory(factory, self.clock)
        protocol = factory.buildProtocol(IPv4Address("TCP", "127.0.0.1", 1))
        wire = SlowWire("127.0.0.1", protocol)
        protocol.makeConnection(wire)
        if proxied:
            protocol.dataReceived(b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n")
        client = SSL.Connection(SSL.Context(SSL.TLS_CLIENT_METHOD), None)
        client.set_connect_state()
        return protocol, wire, client

    def shake_hands(self, protocol: Any, wire: SlowWire, client: SSL.Connection) -> None:
        """Carry bytes between both until the handshake is over."""
        for _ in range(4):
            with contextlib.suppress(SSL.WantReadError):
                client.do_handshake()
            with contextlib.suppress(SSL.WantReadError):
                protocol.dataReceived(client.bio_read(1 << 16))
            wire.reads_bytes(len(wire.backlog))
            if wire.value():
                client.bio_write(wire.value())
                wire.clear()

    def test_before_the_handshake(self) -> None:
        """TLS holds what is written before its handshake is over, and says that it is not over."""
        for proxied in (False, True):
            _, _, _ = self.connect(proxied)
            transport = transport_of(self.door)
            self.assertTrue(is_shaking_hands(transport))
            transport.write(b"x" * 1000)
            self.assertEqual(1000, unsent(transport))
            self.clock.advance(0)  # TLS joins small pieces of one turn
            self.assertEqual(1000, unsent(transport))

    def test_after_the_handshake(self) -> None:
        """Once it is over, what the wire holds is all that is held: more than was written, as it is encrypted."""
        for proxied in (False, True):
            protocol, wire, client = self.connect(proxied)
            self.shake_hands(protocol, wire, client)
            transport = transport_of(self.door)
            self.assertFalse(is_shaking_hands(transport))
            self.clock.advance(0)
            self.assertEqual(0, unsent(transport))
            wire.reading = False
            transport.write(b"x" * 1000)
            self.assertEqual(1000, unsent(transport))
            self.clock.advance(0)
            self.assertEqual(len(wire.backlog), unsent(transport))
            self.assertGreater(unsent(transport), 1000)

    def test_tls_that_is_broken_off_holds_nothing(self) -> None:
        """Neither what is not encrypted yet is kept, nor what waits to be."""
        for proxied in (False, True):
            _, wire, _ = self.connect(proxied)
            transport = transport_of(self.door)
            transport.write(b"x" * 1000)
            self.clock.advance(0)
            transport.write(b"y" * 1000)
            self.assertEqual(2000, unsent(transport))
            break_off(transport)
            self.assertEqual(0, unsent(transport))
            self.assertTrue(wire.lost)

    def test_wrappers_are_not_passed_by(self) -> None:
        """There is no way around TLS to the socket, and what is beneath all wrappers is the wire."""
        for proxied in (False, True):
            _, wire, _ = self.connect(proxied)
            transport = transport_of(self.door)
            self.assertIsNone(sender(transport))
            self.assertIs(wire, bottom_of(transport))
            self.assertFalse(sends_no_more(transport))

    def test_socket_that_has_begun_tls_itself(self) -> None:
        """A socket of Twisted's on which TLS was started is no plain one any more."""
        pipe = Pipe([])
        pipe.TLS = True  # type: ignore[attr-defined]
        self.assertIsNone(sender(pipe))
