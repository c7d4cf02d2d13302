"""
Whoever has gone leaves no garbage that holds on to itself. Python looks for that kind now and then, and for what was
there for long hardly ever: until then, the memory of a daemon that people come to and leave would grow.
"""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable

from twisted.internet.address import IPv4Address
from twisted.trial.unittest import SynchronousTestCase

from chatroom.doors.web.site import WebFactory
from chatroom.testing import FakeTransport, Server
from fuzz.seeds import masked
from fuzz.targets import HANDSHAKE, PASSWORD


def hangs_up(wire: FakeTransport) -> None:
    """The connection is gone, and the transport knows nobody any more, as Twisted's own do then."""
    wire.connectionLost()
    del wire.connection
    wire.producer = None


class GarbageTests(SynchronousTestCase):
    """Somebody comes, stays for a while, and goes."""

    def setUp(self) -> None:
        gc.freeze()  # what other tests have left is not looked through each time
        self.addCleanup(gc.unfreeze)
        self.server = Server()
        self.alice = self.server.guest("alice")
        self.addCleanup(gc.enable)

    def garbage(self, visit: Callable[[], object]) -> Counter[str]:
        """What can be found of ours after each visit, by its type; what another test left is found only once."""
        self.found(visit)  # whatever is made once only is made now
        return self.found(visit) & self.found(visit)

    def found(self, visit: Callable[[], object]) -> Counter[str]:
        """After one visit."""
        gc.disable()
        gc.collect()
        visit()
        self.server.wait(5.0)
        gc.set_debug(gc.DEBUG_SAVEALL)
        try:
            gc.collect()
            return Counter(type(each).__name__ for each in gc.garbage if type(each).__module__.startswith("chatroom."))
        finally:
            gc.set_debug(0)
            gc.garbage.clear()

    def test_nc(self) -> None:
        """Somebody who talks and whispers, and reads what others say."""

        def visit() -> None:
            guest = self.server.guest("pete")
            guest.types("hello", "@alice psst", "/create den", "/join lobby")
            self.alice.types("hi", "@pete yes?")
            guest.types("QUIT")
            hangs_up(guest.transport)

        self.assertEqual(Counter(), self.garbage(visit))

    def test_telnet(self) -> None:
        """Negotiations, and a password typed unseen."""

        def visit() -> None:
            guest = self.server.connection()
            guest.sends(b"\xff\xfd\x03pete\r\n/passwd\r\n\xff\xfd\x01")
            hangs_up(guest.transport)

        self.assertEqual(Counter(), self.garbage(visit))

    def test_account(self) -> None:
        """Accounts and programs."""
        self.server.account("pete", PASSWORD).disconnects()

        def visit() -> None:
            program = self.server.program()
            program.asks("hello", nick="pete", password=PASSWORD)
            program.asks("say", text="hello")
            program.asks("search", words="hello")
            hangs_up(program.transport)

        self.assertEqual(Counter(), self.garbage(visit))

    def test_browser(self) -> None:
        """A WebSocket."""
        factory = WebFactory(self.server.doorkeeper)
        factory.doStart()
        self.addCleanup(factory.doStop)

        def visit() -> None:
            protocol = factory.buildProtocol(IPv4Address("TCP", "192.0.2.1", 1))
            wire = FakeTransport("192.0.2.1", protocol)
            protocol.makeConnection(wire)
            protocol.dataReceived(HANDSHAKE)
            protocol.dataReceived(masked(0x81, b'{"do": "hello", "nick": "pete"}'))
            self.server.settle()
            assert b"Registration successful" in wire.value()
            hangs_up(wire)

        self.assertEqual(Counter(), self.garbage(visit))

    def test_sent_away(self) -> None:
        """Somebody who never chose a nickname."""

        def visit() -> None:
            guest = self.server.connection()
            self.server.wait(float(self.server.limits.register_time + 5))
            hangs_up(guest.transport)

        self.assertEqual(Counter(), self.garbage(visit))
