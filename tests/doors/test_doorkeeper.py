"""
Who may come in, who is here, and who has to go.
"""

from __future__ import annotations

from twisted.internet.defer import Deferred
from twisted.logger import capturedLogs
from twisted.trial.unittest import SynchronousTestCase

from chatroom.limits import Limits
from chatroom.testing import Server


class GateTests(SynchronousTestCase):
    """Those who are too many."""

    def test_too_many_from_one_address(self) -> None:
        """They are told why, and others come in; when one goes, another may come."""
        server = Server(Limits(max_per_address=1))
        first = server.guest("alice", "192.0.2.1")
        second = server.connection("192.0.2.1")
        (refusal,) = second.reads()
        self.assertTrue(refusal.startswith("! "), refusal)
        self.assertTrue(second.is_disconnected())
        server.guest("bob", "192.0.2.2")
        first.types("QUIT")
        server.guest("carol", "192.0.2.1")

    def test_what_they_send_is_not_listened_to(self) -> None:
        """Whoever was sent away is not there."""
        server = Server(Limits(connections=1))
        alice = server.guest("alice")
        late = server.connection()
        late.transport.lost = False  # as if the goodbye were still on its way
        late.sends(b"bob\nhello\n")
        late.ends()
        late.disconnects()
        self.assertEqual([], alice.reads())
        self.assertEqual(1, len(server.doorkeeper.present))


class AddressTests(SynchronousTestCase):
    """Where somebody is said to come from."""

    def test_a_port_for_both_kinds(self) -> None:
        """IPv4 that comes by a port of IPv6, as one of systemd's does, is written as IPv4 everywhere."""
        with capturedLogs() as logged:
            Server().connection("::ffff:192.0.2.7").types("/login nobody wrong-password")
        self.assertEqual(["192.0.2.7"], [event["address"] for event in logged if "address" in event])

    def test_others(self) -> None:
        """Every other address stays as the connection has it."""
        with capturedLogs() as logged:
            Server().connection("2001:db8::7").types("/login nobody wrong-password")
        self.assertEqual(["2001:db8::7"], [event["address"] for event in logged if "address" in event])


class TimeTests(SynchronousTestCase):
    """Those whose time is up."""

    def test_choosing_a_nickname_takes_a_minute_at_most(self) -> None:
        """Whoever chooses no nickname in a minute is sent away with a sentence; whoever has one stays."""
        server = Server()
        slow, quick = server.connection(), server.guest("quick")
        server.wait(58)
        self.assertFalse(slow.is_disconnected())
        server.wait(3)
        self.assertTrue(slow.is_disconnected())
        self.assertIn("60 seconds", slow.reads()[-1])
        self.assertFalse(quick.is_disconnected())

    def test_a_login_that_waits_for_others_is_waited_for(self) -> None:
        """Whoever waits for the check of a password keeps the connection, and has the time that is left afterwards."""
        server = Server()
        server.account("alice").disconnects()
        hash: Deferred[None] = Deferred()
        server.passwords._run = lambda work: hash.addCallback(lambda _: work())
        slow = server.connection()
        slow.types("/login alice correct horse battery")
        server.wait(120)
        self.assertFalse(slow.is_disconnected())
        hash.callback(None)
        server.settle()
        self.assertIn("Logged in as alice.", slow.reads())

    def test_trying_does_not_make_it_longer(self) -> None:
        """Unlawful nicknames are no nickname."""
        server = Server()
        slow = server.connection()
        for _ in range(40):
            slow.types("?")
            server.wait(2)
        self.assertTrue(slow.is_disconnected())

    def test_a_byte_now_and_then_does_not_either(self) -> None:
        """A byte now and then, or half a request, gives no more time."""
        server = Server()
        slow = server.connection()
        for byte in b'{"id": 1, "do": "hello", "nick": "robot robot robot"' * 2:
            slow.sends(bytes([byte]))
            server.wait(1)
        self.assertTrue(slow.is_disconnected())

    def test_after_a_logout_there_is_a_minute_again(self) -> None:
        """Counted from then."""
        server = Server()
        alice = server.account("alice")
        server.wait(600)
        alice.types("/logout")
        server.wait(58)
        self.assertFalse(alice.is_disconnected())
        server.wait(3)
        self.assertTrue(alice.is_disconnected())

    def test_idle_people_stay(self) -> None:
        """As long as nobody has set a limit."""
        server = Server()
        alice = server.guest("alice")
        server.wait(3 * 3600)
        self.assertFalse(alice.is_disconnected())

    def test_idle_people_are_let_go_where_there_is_a_limit(self) -> None:
        """
        Idle people are disconnected where there is a limit, unless they said something; others read why they went.
        """
        server = Server(Limits(idle_time=60))
        idle, busy = server.guest("idle"), server.guest("busy")
        for _ in range(7):
            server.wait(10)
            busy.types("still here")
        self.assertTrue(idle.is_disconnected())
        self.assertIn("60 seconds", idle.reads()[-1])
        self.assertEqual(["-- idle left the chat: idle too long"], busy.reads())

    def test_an_empty_server_sleeps(self) -> None:
        """While nobody is here, no timer of the doors runs."""
        server = Server()
        server.wait(1)
        before = len(server.clock.getDelayedCalls())
        guests = [server.guest("alice"), server.guest("bob")]
        for guest in guests:
            guest.types("QUIT")
        server.wait(1)
        self.assertEqual(before, len(server.clock.getDelayedCalls()))

    def test_one_timer_for_all(self) -> None:
        """A thousand people who say nothing are no more work for the clock than one."""
        server = Server(Limits(max_per_address=0, new_per_minute=0))
        server.guest("first")
        server.wait(1)
        before = len(server.clock.getDelayedCalls())
        for number in range(100):
            server.guest(f"guest{number}")
        server.wait(1)
        self.assertEqual(before, len(server.clock.getDelayedCalls()))


class HallTests(SynchronousTestCase):
    """Those who have connected, and not said who they are, while more and more come."""

    def test_newcomers_still_get_in(self) -> None:
        """The one that was first goes, and reads why; those with a nickname do not count."""
        server = Server(Limits(unregistered=3))
        people = [server.guest(f"guest{number}", f"203.0.113.{number}") for number in range(5)]
        silent = [server.connection(f"192.0.2.{number}") for number in range(3)]
        late = server.connection("198.51.100.1")
        self.assertEqual([True, False, False], [each.is_disconnected() for each in silent])
        self.assertIn("Too many connections have no nickname yet", silent[0].reads()[-1])
        late.types("late")
        self.assertIn("Registration successful. You are late.", late.reads())
        server.connection("198.51.100.2")
        self.assertFalse(silent[1].is_disconnected(), "late has left the hall")
        self.assertFalse(any(each.is_disconnected() for each in people))

    def test_a_flood_floods_out_its_own(self) -> None:
        """Of the greatest crowd from one place the first goes, however long somebody from elsewhere takes to type."""
        server = Server(Limits(unregistered=10))
        slow = server.connection("192.0.2.1")
        flood = [server.connection("198.51.100.7") for _ in range(40)]
        self.assertEqual([True] * 31 + [False] * 9, [each.is_disconnected() for each in flood])
        slow.types("slow")
        self.assertIn("Registration successful. You are slow.", slow.reads())

    def test_share_of_one_address(self) -> None:
        """Two of one address or IPv6 network may be without a name; the next one takes the place of the first."""
        server = Server(Limits(unregistered_per_address=2))
        for place in ("192.0.2.1", "2001:db8:1:{}::1"):
            crowd = [server.connection(place.format(number)) for number in range(3)]
            self.assertEqual([True, False, False], [each.is_disconnected() for each in crowd])
            crowd[1].types(f"guest{len(place)}")
            server.connection(place.format(9))
            self.assertFalse(crowd[2].is_disconnected(), "there was room again")

    def test_trusted_network(self) -> None:
        """Where addresses are not limited, nobody has to make room for others of theirs; nor if all of it is off."""
        server = Server(Limits(max_per_address=0, new_per_minute=0, unregistered_per_address=1))
        silent = [server.connection() for _ in range(100)]
        self.assertFalse(silent[0].is_disconnected())
        server = Server(Limits(max_per_address=2000, new_per_minute=0, unregistered=0, unregistered_per_address=0))
        silent = [server.connection() for _ in range(1001)]
        self.assertFalse(silent[0].is_disconnected())

    def test_after_a_logout(self) -> None:
        """Whoever has no nickname any more stands in the hall again."""
        server = Server(Limits(unregistered=1))
        alice = server.account("alice")
        silent = server.connection("192.0.2.9")
        alice.types("/logout")
        self.assertTrue(silent.is_disconnected())

    def test_half_a_request_is_no_name(self) -> None:
        """What is being sent byte by byte counts for nothing; who is displaced is gone from every book."""
        server = Server(Limits(unregistered=1))
        slow = server.connection("192.0.2.1")
        slow.sends(b'{"id": 1, "do": "hel')
        server.connection("192.0.2.2")
        self.assertTrue(slow.is_disconnected())
        self.assertEqual((1, 1), (len(server.doorkeeper.present), len(server.doorkeeper._pending)))
        self.assertEqual(1, server.doorkeeper.turned_away.counts["unregistered"])


class NicknameTests(SynchronousTestCase):
    """The registry: from a nickname to the wires it is here through."""

    def test_nicknames_lead_to_transports(self) -> None:
        """From the moment one is in until one is out, under the name one has."""
        server = Server()
        alice = server.guest("alice")
        self.assertEqual([alice.transport], server.factory.transports("alice"))
        alice.types("/nick carol")
        self.assertEqual([], server.factory.transports("alice"))
        self.assertEqual([alice.transport], server.factory.transports("carol"))
        alice.types("QUIT")
        self.assertEqual([], server.factory.transports("carol"))
        self.assertEqual([], server.doorkeeper.nicks())

    def test_one_account_from_several_places(self) -> None:
        """One nickname, several transports."""
        server = Server()
        here = server.account("alice")
        there = server.connection()
        there.types("/login alice correct horse battery")
        self.assertEqual([here.transport, there.transport], server.factory.transports("alice"))
        here.disconnects()
        self.assertEqual([there.transport], server.factory.transports("alice"))


class ClosingTests(SynchronousTestCase):
    """When the server closes."""

    def test_everybody_is_told(self) -> None:
        """People, programs, and those who had not come in yet; then they are hung up."""
        server = Server()
        alice, robot, shy = server.guest("alice"), server.program("robot"), server.connection()
        alice.reads()
        closed = server.doorkeeper.close("Good night.")
        self.assertEqual(["-- Good night."], alice.reads())
        self.assertEqual("Good night.", robot.hears()[-1]["text"])
        self.assertEqual("-- Good night.", shy.reads()[-1])
        for each in (alice, robot, shy):
            self.assertTrue(each.is_disconnected())
        self.successResultOf(closed)

    def test_an_empty_server_closes_at_once(self) -> None:
        """There is nobody to wait for."""
        self.successResultOf(Server().doorkeeper.close("Good night."))
