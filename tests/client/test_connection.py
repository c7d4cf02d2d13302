"""
Making connections, and making them again.
"""

from __future__ import annotations

from typing import Any

from twisted.internet.error import (
    ConnectionDone,
    ConnectionLost,
    ConnectionRefusedError,
    DNSLookupError,
    NoRouteError,
    TCPTimedOutError,
)
from twisted.internet.testing import MemoryReactorClock
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from chatroom.client import connection as module
from chatroom.client.connection import (
    FIRST_WAIT,
    LONGEST_WAIT,
    PATIENCE,
    CannotConnect,
    Disconnected,
    News,
    connect,
    endpoint_to,
    reason_of,
)
from chatroom.client.link import LinkError, NotConnected
from chatroom.client.reports import Heard, Welcomed
from chatroom.client.url import Address
from chatroom.events import Said
from chatroom.limits import Limits
from chatroom.testing import Server
from tests.client.visitors import Program


class ConnectionCase(SynchronousTestCase):
    """A server, and a program that has not connected yet."""

    def setUp(self) -> None:
        self.server = Server()
        self.luca = Program(self.server, "luca")

    def losses(self) -> list[Disconnected]:
        """What was told of lost connections since the last time."""
        return [news for news in self.luca.told() if isinstance(news, Disconnected)]


class KeptUpTests(ConnectionCase):
    """From start to stop, it is connected or trying to be."""

    def test_nobody_there(self) -> None:
        """It says so at once, with what to check, and when it tries again."""
        self.luca.street.open = False
        self.luca.starts()
        self.server.settle()
        loss = self.losses()[0]
        self.assertTrue(loss.tried)
        self.assertIn("Nothing is listening on server.example port 64700. Check the address and the port", loss.reason)
        self.assertTrue(FIRST_WAIT <= loss.wait <= 3 * FIRST_WAIT, loss.wait)

    def waits(self) -> list[float]:
        """The seconds before each of the next fifteen tries."""
        waits: list[float] = []
        for _ in range(15):
            self.server.settle()
            waits += [loss.wait for loss in self.losses()]
            self.server.wait(waits[-1])
        return waits

    def test_each_wait_is_longer(self) -> None:
        """The client waits longer before each try, up to a bound."""
        self.luca.street.open = False
        self.luca.starts()
        waits = self.waits()
        self.assertEqual(sorted(waits), waits)
        self.assertEqual(len(set(waits[:5])), 5)
        self.assertEqual(LONGEST_WAIT + 0.5, waits[-1])

    def test_clients_come_back_at_different_times(self) -> None:
        """A number of its own is added to each client's wait, so that they do not all connect again at once."""
        self.luca.street.open = False
        self.luca.jitter = 0.25
        self.luca.starts()
        self.server.settle()
        self.assertEqual(0.25, self.losses()[0].wait % FIRST_WAIT - FIRST_WAIT / 2)

    def test_after_a_welcome_waits_begin_anew(self) -> None:
        """Once we were in, the next loss is mended soon."""
        self.luca.street.open = False
        self.luca.starts()
        self.luca.waits(100)
        self.luca.street.open = True
        self.luca.waits(LONGEST_WAIT + 1)
        self.assertTrue(self.luca.link.welcomed)
        self.losses()
        self.luca.street.breaks()
        self.assertTrue(self.losses()[0].wait < 3 * FIRST_WAIT)

    def test_sent_away_at_the_gate(self) -> None:
        """A server that is full says so to people; the sentence is passed on, and we come back less and less often."""
        server = Server(Limits(connections=1))
        server.connection()
        luca = Program(server, "luca")
        luca.starts()
        luca.waits(30)
        losses = [news for news in luca.told() if isinstance(news, Disconnected)]
        self.assertEqual("The server says: The server is full. Please try again later.", losses[0].reason)
        self.assertFalse(losses[0].tried)
        self.assertGreater(losses[-1].wait, 2 * losses[0].wait)

    def test_stops(self) -> None:
        """Once stopped, it is not tried again, and nothing more is told."""
        self.luca.starts()
        self.luca.told()
        stopped = self.luca.connection.stop()
        self.luca.street.settle()
        self.successResultOf(stopped)
        self.luca.waits(100)
        self.assertEqual(1, len(self.luca.street.cables))
        self.assertEqual([], self.losses())

    def test_may_be_stopped_when_it_tells_of_a_loss(self) -> None:
        """The reader may be stopped while it tells of a loss, which is when most want to stop it."""
        self.luca.street.open = False
        stopped: list[Any] = []
        self.luca.connection._heard = lambda news: stopped.append(self.luca.connection.stop())
        self.luca.starts()
        self.luca.waits(100)
        self.assertEqual(1, len(stopped))
        self.successResultOf(stopped[0])

    def test_no_answer(self) -> None:
        """Who takes the connection and never answers hello is no chatroom, or not well."""
        self.luca.connection.start()
        self.server.wait(PATIENCE + 0.1)
        self.luca.street.cables[0].transport.disconnecting = True
        self.luca.street.cables[0].line.receives()
        self.luca.street.cables[0].carry()
        self.server.settle()
        self.assertIn("did not answer within 20 seconds", self.losses()[0].reason)

    def test_something_else_than_a_chatroom(self) -> None:
        """What is no JSON ends the connection, and it is asked whether the address is right."""
        self.luca.connection.start()
        cable = self.luca.street.cables[0]
        cable.protocol.dataReceived(b"{this is no json}\n")
        self.assertTrue(cable.transport.disconnecting)
        cable.carry()
        self.server.settle()
        self.assertIn("not JSON. Is server.example port 64700 a chatroom server?", self.losses()[0].reason)

    def test_what_came_before_something_else(self) -> None:
        """What the server said before it went wrong is told while there is a connection, and not after it."""
        self.luca.connection.start()
        cable = self.luca.street.cables[0]
        cable.protocol.dataReceived(b'{"id":1,"ok":true,"nick":"luca"}\n{this is no json}\n')
        (welcomed,) = self.luca.news
        self.assertIsInstance(welcomed, Welcomed)
        cable.cut()
        self.assertEqual([welcomed], self.luca.news)

    def test_a_mistake_of_ours_costs_no_connection(self) -> None:
        """It is logged, whole, and the next event is told."""
        heard = []

        def clumsy(news: object) -> None:
            heard.append(news)
            if len(heard) == 1:
                raise ZeroDivisionError

        self.luca.connection._heard = clumsy
        self.luca.starts()
        self.assertGreater(len(heard), 1)
        self.assertTrue(self.luca.link.welcomed)
        self.assertEqual(1, len(self.flushLoggedErrors(ZeroDivisionError)))

    def test_asking_without_a_connection(self) -> None:
        """It is refused at once."""
        self.assertRaises(NotConnected, self.luca.connection.ask, "who")
        self.assertRaises(NotConnected, self.luca.connection.greet, "bob")
        self.luca.connection.again()

    def test_a_new_name_for_the_next_connection(self) -> None:
        """What greet was given while there was no connection is what the next one says."""
        self.luca.street.open = False
        self.luca.starts()
        self.assertRaises(NotConnected, self.luca.connection.greet, "lucas")
        self.luca.street.open = True
        self.luca.waits(5)
        self.assertEqual(["lucas"], [news.nick for news in self.luca.told() if isinstance(news, Welcomed)])


class ReasonTests(SynchronousTestCase):
    """Why there is no connection, in words that help."""

    def reason(self, error: Exception) -> str:
        """The sentence for this error."""
        return reason_of(Failure(error), Address("chat.example.org", 6000))

    def test_each_kind(self) -> None:
        """Each says what to look at."""
        for error, words in (
            (ConnectionRefusedError(), "Nothing is listening on chat.example.org port 6000. Check the address"),
            (NoRouteError(), "Nothing is listening on chat.example.org port 6000."),
            (TCPTimedOutError(), "does not answer"),
            (DNSLookupError(), "Unknown host: chat.example.org"),
            (ConnectionDone(), "The server closed the connection."),
            (ConnectionLost(), "The connection was lost."),
            (LinkError("It is odd."), "It is odd. Is chat.example.org port 6000 a chatroom server?"),
            (ValueError("what?"), "failed: what?"),
        ):
            self.assertIn(words, self.reason(error), repr(error))


class EndpointTests(SynchronousTestCase):
    """Where to connect to."""

    def test_plain(self) -> None:
        """By name or address, with TCP."""
        reactor = MemoryReactorClock()
        connect("chat://bot@127.0.0.1:6000", reactor, lambda news: None)
        self.assertEqual([("127.0.0.1", 6000)], [each[:2] for each in reactor.tcpClients])

    def test_zone(self) -> None:
        """The zone of an IPv6 address is kept: without it, the system does not know which network is meant."""
        reactor = MemoryReactorClock()
        connect("chat://bot@[fe80::1%25lo]:6000", reactor, lambda news: None)
        self.assertEqual([("fe80::1%lo", 6000)], [each[:2] for each in reactor.tcpClients])

    def test_bad_certificates(self) -> None:
        """A file that holds none is a sentence, before anything is connected."""
        path = self.mktemp()
        for content in ("", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"):
            with open(path, "w") as file:
                file.write(content)
            error = self.assertRaises(CannotConnect, endpoint_to, Address("x", tls=True), None, path)
            self.assertIn(path, str(error))
        error = self.assertRaises(CannotConnect, endpoint_to, Address("x", tls=True), None, "/no/such/file")
        self.assertIn("/no/such/file", str(error))

    def test_without_tls_installed(self) -> None:
        """It is said how to get it."""
        import builtins

        real = builtins.__import__

        def without(name: str, *rest: Any) -> Any:
            if name == "twisted.internet.ssl":
                raise ImportError(name)
            return real(name, *rest)

        self.patch(builtins, "__import__", without)
        error = self.assertRaises(CannotConnect, endpoint_to, Address("x", tls=True), None)
        self.assertIn("pip install 'chatroom[tls]'", str(error))

    def test_keepalive_is_for_tcp(self) -> None:
        """What is no TCP is left alone."""
        module.keep_alive(object())


class BotTests(SynchronousTestCase):
    """For the simplest of programs."""

    def test_hears_and_answers(self) -> None:
        """The callback is told everything, and may ask at once."""
        server = Server()
        robot = Program(server, "robot")

        def heard(news: News) -> None:
            if isinstance(news, Heard) and isinstance(news.event, Said) and news.event.text == "hi":
                robot.connection.ask("say", room="lobby", text="hi yourself")

        robot.connection._heard = heard
        robot.starts()
        bob = server.guest("bob")
        bob.types("hi")
        robot.street.settle()
        self.assertEqual(["<robot> hi yourself"], bob.reads())

    def test_address_is_read(self) -> None:
        """One that is none is refused before anything is started."""
        self.assertRaises(ValueError, connect, "http://localhost", None, print)
