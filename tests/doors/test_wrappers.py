"""
Every door behind every wrapper, and every way in which a connection ends: a wrapper changes what is under a door, and
never what the door does.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from OpenSSL import SSL
from twisted.internet.address import IPv4Address
from twisted.internet.error import ConnectionAborted, ConnectionLost
from twisted.internet.interfaces import IProtocolFactory
from twisted.logger import LogLevel, capturedLogs
from twisted.protocols.tls import TLSMemoryBIOFactory
from twisted.trial.unittest import SynchronousTestCase

from chatroom.daemon.tls import Certificates
from chatroom.doors.line.text import ENDLESS
from chatroom.doors.proxied import ProxiedFactory
from chatroom.doors.web.frames import close_frame
from chatroom.doors.web.site import WebFactory
from chatroom.testing import Server
from tests.daemon.secrecy import put_pair
from tests.doors.proxy_headers import PROXY, binary_header, header
from tests.doors.readers import SlowWire
from tests.doors.web.client_frames import whole_frame
from tests.doors.web.handshake import HANDSHAKE

WRAPPERS = ("", "haproxy", "haproxy 2", "tls", "haproxy tls", "haproxy 2 tls")
DOORS = ("line", "json", "websocket", "page")
GREETING = {
    "line": (b"alice\n", b"Registration successful"),
    "json": (b'{"do": "hello", "nick": "alice"}\n', b'"nick":"alice"'),
    "websocket": (whole_frame(1, b'{"do": "hello", "nick": "alice"}'), b'"nick":"alice"'),
    "page": (b"GET / HTTP/1.1\r\nHost: chat.example\r\n\r\n", b"<title>"),
}
"""What somebody at each door says first, and what stands in the answer."""

GOODBYE = {
    "line": (b"QUIT\n", b"Goodbye."),
    "json": (b'{"do": "quit"}\n', b"Goodbye."),
    "websocket": (whole_frame(8, b"\x03\xe8"), close_frame(1000, "")),
    "page": (b"GET /chat.js HTTP/1.1\r\nHost: chat.example\r\nConnection: close\r\n\r\n", b"import"),
}
"""How they leave in peace, and what they are answered."""

HALF = {
    "line": (b"/whoami", b"You are alice"),
    "json": (b'{"do": "who"}', b'"people_total":2'),
    "websocket": (b"", b""),
    "page": (b"", b""),
}
"""What they say last before they send no more, and what those are still answered that may read on."""


class Socket(SlowWire):
    """As far as the end goes, Twisted's TCP transport: it tells a protocol of it in a turn of its own."""

    _reason: Exception | None = None

    def setTcpNoDelay(self, enabled: bool) -> None:
        """Nothing waits here."""

    def loseConnection(self) -> None:
        """When all is written."""
        self.disconnecting = True

    def abortConnection(self) -> None:
        """At once."""
        self.disconnecting = True
        self.backlog, self._reason = b"", ConnectionAborted()

    def turn(self) -> None:
        """Of the reactor."""
        if self.disconnecting and not self.backlog:
            self.connectionLost(self._reason)


class Visitor:
    """Somebody at a door behind wrappers; with TLS, by real OpenSSL."""

    def __init__(self, server: Server, door: IProtocolFactory, wrappers: str, certificates: Certificates) -> None:
        self.server = server
        self.tls: SSL.Connection | None = None
        factory = door
        if "tls" in wrappers:
            factory = TLSMemoryBIOFactory(certificates, False, factory, clock=server.clock)
            self.tls = SSL.Connection(SSL.Context(SSL.TLS_CLIENT_METHOD), None)
            self.tls.set_connect_state()
        if "haproxy" in wrappers:
            factory = ProxiedFactory(factory, server.clock)
        protocol: Any = factory.buildProtocol(IPv4Address("TCP", PROXY, 1))
        self.protocol = protocol
        self.wire = Socket(PROXY, protocol)
        protocol.makeConnection(self.wire)
        if "haproxy" in wrappers:
            protocol.dataReceived((binary_header if "2" in wrappers else header)("203.0.113.7"))
        self._read = b""
        self._exchange()

    def _exchange(self) -> None:
        """Let both ends send what they have, until neither has anything; who is told goodbye by TLS answers it."""
        moved = True
        while moved:
            moved = False
            self.server.settle()
            came: bytes = self.wire.value()
            self.wire.clear()
            self.wire.turn()
            self.server.settle()
            if self.tls is None:
                self._read += came
                return
            if came:
                self.tls.bio_write(came)
                moved = True
            try:
                self._read += self.tls.recv(1 << 20)
                moved = True
            except SSL.WantReadError:
                pass
            except SSL.ZeroReturnError:
                self.tls.shutdown()
            try:
                out = self.tls.bio_read(1 << 20)
                if not self.wire.disconnecting:
                    self.protocol.dataReceived(out)
                    moved = True
            except SSL.WantReadError:
                pass

    def sends(self, data: bytes) -> None:
        """Bytes for the door, however they are wrapped."""
        if self.tls is not None and data:
            self.tls.sendall(data)
        elif data and not self.wire.disconnecting:
            self.protocol.dataReceived(data)
        self._exchange()

    def reads(self) -> bytes:
        """What came since the last time."""
        self._exchange()
        read, self._read = self._read, b""
        return read

    def ends(self) -> None:
        """They send no more."""
        self.wire.ends()
        self._exchange()


class MatrixTests(SynchronousTestCase):
    """Line, JSON, WebSocket and page; plain, behind a proxy, in TLS, and in TLS behind a proxy."""

    def setUp(self) -> None:
        folder = Path(self.mktemp())
        put_pair(folder, "chat.example")
        self.certificates = Certificates(str(folder))

    @contextmanager
    def quiet(self) -> Iterator[None]:
        """Nothing is logged meanwhile."""
        with capturedLogs() as logged:
            yield
        self.assertEqual([], [event for event in logged if event["log_level"] >= LogLevel.warn])

    def visitors(self) -> Iterator[tuple[str, str, Visitor]]:
        """Somebody at each door behind each wrapper, who was answered; afterwards nothing of them may be left."""
        for door in DOORS:
            for wrappers in WRAPPERS:
                server = Server()
                web = WebFactory(server.doorkeeper)
                self.bob = server.guest("bob")
                factory: IProtocolFactory = server.factory if door in ("line", "json") else web
                visitor = Visitor(server, factory, wrappers, self.certificates)
                if door == "websocket":
                    visitor.sends(HANDSHAKE + b"\r\nHost: chat.example\r\n\r\n")
                say, answer = GREETING[door]
                visitor.sends(say)
                self.assertIn(answer, visitor.reads(), (door, wrappers))
                yield door, wrappers, visitor
                visitor.reads()
                self.assertTrue(visitor.wire.lost, (door, wrappers))
                self.assertEqual(1, len(server.doorkeeper.present), (door, wrappers))
                self.assertEqual({}, web._visits)
                self.assertEqual({}, web.protocols)
                left = [line for line in self.bob.reads() if "alice left" in line]
                self.assertEqual(door != "page", len(left) == 1, (door, wrappers))

    def test_closed(self) -> None:
        """Who says goodbye in the door's own way is answered and gone."""
        with self.quiet():
            for door, wrappers, visitor in self.visitors():
                say, answer = GOODBYE[door]
                visitor.sends(say)
                self.assertIn(answer, visitor.reads(), (door, wrappers))

    def test_half_closed(self) -> None:
        """
        Who sends no more is answered at doors that know half a connection, whatever stands before them but TLS, which
        has no such thing; all others are closed at once.
        """
        with self.quiet():
            for door, wrappers, visitor in self.visitors():
                say, answer = HALF[door]
                visitor.sends(say)
                visitor.ends()
                read = visitor.reads()
                if "tls" not in wrappers:
                    self.assertIn(answer, read, (door, wrappers))
                self.assertTrue(visitor.wire.lost, (door, wrappers))

    def test_half_closed_unread(self) -> None:
        """
        A peer that ends its half is closed when it has read everything; one that is closed at once is not waited for.
        """
        with self.quiet():
            for door, _, visitor in self.visitors():
                visitor.wire.reading = False
                self.bob.types("x" * 300)
                visitor.ends()
                if not visitor.wire.lost:
                    self.assertIn(door, ("line", "json"))
                    visitor.wire.reads_bytes(len(visitor.wire.backlog))

    def test_reset(self) -> None:
        """A connection that breaks is gone, and the room is told."""
        with self.quiet():
            for _, _, visitor in self.visitors():
                visitor.wire.connectionLost(ConnectionLost())

    def test_never_said_a_word(self) -> None:
        """Nothing is left of a peer that ends before the door has met anybody."""
        with self.quiet():
            for door in DOORS:
                for wrappers in WRAPPERS:
                    server = Server()
                    factory: IProtocolFactory = WebFactory(server.doorkeeper) if door == "page" else server.factory
                    for end in ("ends", "resets"):
                        visitor = Visitor(server, factory, wrappers, self.certificates)
                        visitor.ends() if end == "ends" else visitor.wire.connectionLost(ConnectionLost())
                        server.wait(1)
                        self.assertTrue(visitor.wire.lost, (door, wrappers))
                    self.assertEqual({}, server.doorkeeper.present, (door, wrappers))


class StopTests(SynchronousTestCase):
    """No peer decides how long a stop takes, at whatever door and behind whatever wrapper."""

    def setUp(self) -> None:
        folder = Path(self.mktemp())
        put_pair(folder, "chat.example")
        self.certificates = Certificates(str(folder))
        self.here: list[Visitor] = []

    def assert_stops(self, server: Server, seconds: float, who: object) -> None:
        """Within so many seconds everybody is gone."""
        closed = server.doorkeeper.close("Good night.")
        for _ in range(int(seconds / 0.05) + 1):
            if closed.called:
                break
            server.wait(0.05)
            for visitor in self.here:
                visitor.wire.turn()
        self.assertTrue(closed.called, who)
        self.assertEqual({}, server.doorkeeper.present, who)

    def everybody(self) -> Iterator[tuple[str, str, Visitor]]:
        """Somebody at each door behind each wrapper, who was answered."""
        for door in ("line", "json", "websocket"):
            for wrappers in WRAPPERS:
                server = Server()
                factory: IProtocolFactory = WebFactory(server.doorkeeper) if door == "websocket" else server.factory
                visitor = Visitor(server, factory, wrappers, self.certificates)
                self.here = [visitor]
                if door == "websocket":
                    visitor.sends(HANDSHAKE + b"\r\nHost: chat.example\r\n\r\n")
                visitor.sends(GREETING[door][0])
                visitor.reads()
                yield door, wrappers, visitor

    def test_silent(self) -> None:
        """Who answers nothing is told, and gone: with TLS, whose goodbye both sides should say, as well."""
        for door, wrappers, visitor in self.everybody():
            self.assert_stops(visitor.server, 0.2, (door, wrappers))
            if visitor.tls is None:
                self.assertIn(b"Good night.", visitor.wire.value(), (door, wrappers))

    def test_lingering(self) -> None:
        """Who was refused in the middle of sending too much, and is listened to so that they read it, is let go."""
        much = {
            "line": b"x" * (ENDLESS + 1),
            "json": b"x" * (ENDLESS + 1),
            "websocket": b"\x81\xff\x00\x00\x00\x00\x7f\xff\xff\xff" + b"mask" + b"x" * 100,
        }
        for door, wrappers, visitor in self.everybody():
            for start in range(0, len(much[door]), 16384):
                visitor.sends(much[door][start : start + 16384])
            self.assert_stops(visitor.server, 0.2, (door, wrappers))

    def test_who_does_not_read(self) -> None:
        """Has two seconds to do so."""
        for door, wrappers, visitor in self.everybody():
            visitor.wire.reading = False
            visitor.server.guest("bob").types(*["x" * 1000] * 20)
            self.assert_stops(visitor.server, 2.2, (door, wrappers))

    def test_who_reads_late(self) -> None:
        """Reads all of it, within these two seconds."""
        for door, wrappers, visitor in self.everybody():
            if visitor.tls is not None:
                continue
            visitor.wire.reading = False
            bob = visitor.server.guest("bob")
            bob.types("hello")
            bob.disconnects()
            closed = visitor.server.doorkeeper.close("Good night.")
            visitor.server.wait(1.0)
            self.assertFalse(closed.called)
            visitor.wire.reads_bytes(1 << 20)
            self.assertIn(b"Good night.", visitor.wire.value(), (door, wrappers))
            visitor.wire.turn()
            visitor.server.wait(0.1)
            visitor.wire.turn()
            self.assertTrue(closed.called, (door, wrappers))

    def test_half_a_handshake(self) -> None:
        """Who has begun TLS and not ended it to systemd anything, and is cut."""
        for wrappers in ("tls", "haproxy tls"):
            for begun in (b"", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"a" * 100):
                server = Server()
                factory: IProtocolFactory = TLSMemoryBIOFactory(
                    self.certificates, False, server.factory, clock=server.clock
                )
                if "haproxy" in wrappers:
                    factory = ProxiedFactory(factory, server.clock)
                protocol: Any = factory.buildProtocol(IPv4Address("TCP", PROXY, 1))
                wire = Socket(PROXY, protocol)
                protocol.makeConnection(wire)
                if "haproxy" in wrappers:
                    protocol.dataReceived(header("203.0.113.7"))
                if begun:
                    protocol.dataReceived(begun)
                server.wait(1)
                self.assertEqual(1, len(server.doorkeeper.present))
                closed = server.doorkeeper.close("Good night.")
                for _ in range(3):
                    server.wait(0.05)
                    wire.turn()
                self.assertTrue(closed.called, (wrappers, begun))
