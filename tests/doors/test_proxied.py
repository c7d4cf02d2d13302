"""
The PROXY protocol: doors meet people at their own addresses, and only where a proxy was announced.
"""

from __future__ import annotations

from typing import Any

from twisted.internet.address import IPv4Address
from twisted.logger import capturedLogs
from twisted.trial.unittest import SynchronousTestCase

from chatroom.doors.proxied import HEADER_TIME, ProxiedFactory
from chatroom.limits import Limits
from chatroom.testing import Server
from tests.doors.proxy_headers import PROXY, SIGNATURE, binary_header, header
from tests.doors.readers import SlowWire
from tests.doors.timers import timers, timers_of_nobody


class Visitor:
    """Somebody whom a proxy brings."""

    def __init__(self, server: Server) -> None:
        self.server = server
        factory = ProxiedFactory(server.factory, server.clock)
        self.protocol: Any = factory.buildProtocol(IPv4Address("TCP", PROXY, 1))
        self.transport = SlowWire(PROXY, self.protocol)
        self.protocol.makeConnection(self.transport)

    def sends(self, data: bytes) -> None:
        """As it comes from the proxy."""
        self.protocol.dataReceived(data)
        self.server.settle()

    def reads(self) -> str:
        """All that came since the last time."""
        text: str = self.transport.value().decode()
        self.transport.clear()
        return text

    def address(self) -> str:
        """What the server takes for where they come from."""
        (conversation,) = self.server.doorkeeper.present
        return conversation.address


class AddressTests(SynchronousTestCase):
    """Where somebody comes from."""

    def setUp(self) -> None:
        self.server = Server()

    def test_both_versions(self) -> None:
        """The address in the header is the one that counts, in text and in binary."""
        for head, address in (
            (header("203.0.113.7"), "203.0.113.7"),
            (header("2001:db8::7"), "2001:db8::7"),
            (binary_header("203.0.113.8"), "203.0.113.8"),
        ):
            self.server = Server()
            visitor = Visitor(self.server)
            visitor.sends(head)
            self.assertEqual(address, visitor.address())

    def test_talk(self) -> None:
        """Behind the header it is a door like any other, also for what comes in one piece with it."""
        bob = self.server.guest("bob")
        visitor = Visitor(self.server)
        visitor.sends(header("203.0.113.7") + b"alice\nhel")
        visitor.sends(b"lo\n")
        self.assertIn("<alice> hello", bob.reads())
        bob.types("hi")
        self.assertIn("<bob> hi", visitor.reads())

    def test_greeting(self) -> None:
        """Somebody who says nothing is greeted, as soon as the header has come."""
        visitor = Visitor(self.server)
        visitor.sends(header("203.0.113.7"))
        self.server.wait(1)
        self.assertIn("nickname", visitor.reads())

    def test_limits_per_address(self) -> None:
        """Two people behind one proxy are two; two from one address are counted together."""
        self.server = Server(Limits(max_per_address=1))
        for address in ("203.0.113.7", "203.0.113.8"):
            Visitor(self.server).sends(header(address))
        self.assertEqual(2, len(self.server.doorkeeper.present))
        third = Visitor(self.server)
        third.sends(header("203.0.113.7"))
        self.assertIn("There is already 1 connection from your address", third.reads())
        self.assertTrue(third.transport.lost)

    def test_banned_network(self) -> None:
        """It is theirs that is banned, and not the proxy's."""
        mia = self.server.staff("mia")
        mia.types("/gban 203.0.113.0/24")
        banned, other = Visitor(self.server), Visitor(self.server)
        banned.sends(header("203.0.113.7"))
        self.assertEqual(
            ("! Your network is banned from this server forever.\n", True), (banned.reads(), banned.transport.lost)
        )
        other.sends(header("198.51.100.7"))
        self.assertFalse(other.transport.lost)

    def test_proxy_on_its_own_behalf(self) -> None:
        """A proxy that asks whether we live has its own address."""
        visitor = Visitor(self.server)
        visitor.sends(SIGNATURE + b"\x20\x00\x00\x00")
        self.assertEqual(PROXY, visitor.address())

    def test_proxy_that_does_not_know(self) -> None:
        """A proxy at a UNIX socket, or that asks whether we live, says that it knows nobody, with addresses or not."""
        for more in (b"", b" 192.0.2.9 192.0.2.10 1 2", b" \xff\x00"):
            head = b"PROXY UNKNOWN" + more + b"\r\n"
            visitor = Visitor(self.server)
            visitor.sends(head + b"guest\n")
            self.assertFalse(visitor.transport.lost)
            self.assertEqual(PROXY, visitor.address())
            self.assertIn("Registration successful", visitor.reads())
            visitor.transport.connectionLost()
            self.server.settle()

    def test_header_in_pieces(self) -> None:
        """A header that comes byte by byte is the same, of either version."""
        for head in (b"PROXY UNKNOWN\r\n", header("203.0.113.7"), binary_header("203.0.113.7")):
            visitor = Visitor(self.server)
            for at in range(len(head)):
                visitor.sends(head[at : at + 1])
            self.assertFalse(visitor.transport.lost, head)
            self.assertEqual(PROXY if b"UNKNOWN" in head else "203.0.113.7", visitor.address())
            visitor.transport.connectionLost()

    def test_zone(self) -> None:
        """What stands behind a per cent sign could be anything, and is in no address that is counted or shown."""
        visitor = Visitor(self.server)
        with capturedLogs() as logged:
            visitor.sends(header("fe80::1%a\nFailed\x1b[2J\t"))
            visitor.sends(b"/login alice wrong password\n")
        self.assertEqual("fe80::1", visitor.address())
        self.assertEqual("fe80::1", visitor.protocol.getPeer().host)
        self.assertNotIn("%", str([event.get("address") for event in logged]))


class NoHeaderTests(SynchronousTestCase):
    """Who does not say for whom it comes does not come in."""

    def setUp(self) -> None:
        self.server = Server()
        self.visitor = Visitor(self.server)

    def test_no_header(self) -> None:
        """Anything else instead of a header ends the connection, and the door never hears of it."""
        self.visitor.sends(b"alice\nhello\n")
        self.assertTrue(self.visitor.transport.lost)
        self.assertEqual([], list(self.server.doorkeeper.present))

    def test_broken_header(self) -> None:
        """A header in which something is wrong closes the connection; the log says so in a line, and not as a bug."""
        address = header("203.0.113.7")
        for broken in (
            address.replace(b"40000", b"4\xff\xff000"),
            address.replace(b"203.0.113.7", b"\xff"),
            address.replace(b"TCP4", b"TCP9"),
            SIGNATURE + b"\x21\x11\x00\x02ab",
            SIGNATURE + b"\x2f\xff\x00\x00",
        ):
            visitor = Visitor(self.server)
            with capturedLogs() as logged:
                visitor.sends(broken + b"alice\n")
            self.assertTrue(visitor.transport.lost, broken)
            self.assertEqual([], [event for event in logged if "log_failure" in event])
            self.assertEqual([PROXY], [event["peer"] for event in logged if "peer" in event])
            self.assertEqual([], list(self.server.doorkeeper.present))

    def test_no_address(self) -> None:
        """A header with text for an address or a port is none: limits could not hold it, and logs would show it."""
        for head in (
            b"PROXY TCP4 localhost 10.0.0.1 40000 64700\r\n",
            b"PROXY TCP4 \x1b]0;owned\x07 10.0.0.1 40000 64700\r\n",
            b"PROXY TCP6 2001:db8::7::7 ::1 40000 64700\r\n",
            b"PROXY TCP4 203.0.113.7 10.0.0.1 forty 64700\r\n",
            b"PROXY TCP4 \xff\xfe 10.0.0.1 40000 64700\r\n",
        ):
            visitor = Visitor(self.server)
            visitor.sends(head + b"alice\nhello\n")
            self.assertTrue(visitor.transport.lost, head)
            self.assertEqual([], list(self.server.doorkeeper.present))

    def test_once_a_minute(self) -> None:
        """However many there are, the log has a line a minute, with where they came from and how many they were."""
        factory = ProxiedFactory(self.server.factory, self.server.clock)
        with capturedLogs() as logged:
            for wait in (0, 1, 2, 60):
                self.server.clock.advance(wait)
                for head in (b"alice\n", b"PROXY TCP9 x\r\n", b"PROXY" + b" x" * 60):
                    protocol = factory.buildProtocol(IPv4Address("TCP", PROXY, 1))
                    protocol.makeConnection(SlowWire(PROXY, protocol))
                    protocol.dataReceived(head)
        self.assertEqual([(PROXY, 1), (PROXY, 9)], [(e["peer"], e["count"]) for e in logged if "peer" in e])

    def test_nothing(self) -> None:
        """Silence ends it in a few seconds."""
        self.server.clock.advance(HEADER_TIME - 0.1)
        self.assertFalse(self.visitor.transport.lost)
        self.server.clock.advance(0.2)
        self.assertTrue(self.visitor.transport.lost)

    def test_gone_before(self) -> None:
        """Somebody who is gone before the header leaves nothing behind, no timer either."""
        self.visitor.transport.connectionLost()
        self.server.wait(1)  # until the server has looked at its disk
        self.assertEqual(timers_of_nobody(), timers(self.server))

    def test_header_where_none_was_announced(self) -> None:
        """At a plain door a header is a line like any other, and nobody's address."""
        guest = self.server.connection("198.51.100.1")
        guest.sends(header("203.0.113.7"))
        (conversation,) = [each for each in self.server.doorkeeper.present if each.transport is guest.transport]
        self.assertEqual("198.51.100.1", conversation.address)


class HalfClosedTests(SynchronousTestCase):
    """C{printf ... | nc -N} through a proxy."""

    def test_answers_come(self) -> None:
        """Who has sent all they have to send reads the answers first."""
        server = Server()
        visitor = Visitor(server)
        visitor.sends(header("203.0.113.7") + b"alice\n/who")
        visitor.transport.ends()
        server.settle()
        self.assertIn("alice", visitor.reads().split("Registration successful", 1)[1])

    def test_before_the_header(self) -> None:
        """Half a connection that never said for whom is closed."""
        visitor = Visitor(Server())
        visitor.transport.ends()
        self.assertTrue(visitor.transport.lost)
