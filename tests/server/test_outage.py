"""
A database that does not answer for a while: people know what becomes of what they say, and every line is kept or
refused by name.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatroom.limits import Limits
from tests.daemon.slow import SlowServer

WAITS = "-- The database does not answer. Your messages wait until it does, for up to 30 seconds."
AGAIN = "-- The database answers again."


class OutageTests(SynchronousTestCase):
    """Alice and bob are in the lobby when the database stops to answer."""

    def setUp(self) -> None:
        """They have read all there was."""
        self.server = SlowServer()
        self.alice, self.bob = self.server.guest("alice"), self.server.guest("bob")
        self.alice.reads()
        self.server.slow.busy = True
        self.server.slow.answers = False

    def test_people_are_told(self) -> None:
        """After two seconds everyone is told once that messages wait, and once that the database answers again."""
        self.alice.types("hello")
        self.server.wait(1.9)
        self.assertEqual([], self.bob.reads())
        self.server.wait(5)
        self.assertEqual([WAITS], self.alice.reads())
        self.assertEqual([WAITS], self.bob.reads())
        self.server.slow.answers = True
        self.server.catches_up()
        self.server.wait(1)
        self.assertEqual(["<alice> hello", AGAIN], self.bob.reads())
        self.server.wait(60)
        self.assertEqual([AGAIN], self.alice.reads()[-1:])
        self.assertEqual([], self.bob.reads())

    def test_short_pause_is_no_news(self) -> None:
        """A disk that takes a second and a half is not spoken of."""
        self.alice.types("hello")
        self.server.wait(1.5)
        self.server.catches_up()
        self.server.wait(5)
        self.assertEqual(["<alice> hello"], self.bob.reads())

    def test_lines_are_refused_by_name(self) -> None:
        """What waits longer than --patience is refused, each line by its beginning, and is not said later."""
        self.alice.types("first")
        self.server.wait(1)
        self.alice.types("second line", "@bob psst", "/create den")
        self.server.wait(30)
        read = self.alice.reads()
        for what in ('so "second line" was not saved', "so this was not saved", 'so "psst" was not saved'):
            self.assertEqual(1, sum(what in line for line in read), read)
        self.alice.types("third line")
        self.server.wait(1)
        self.assertIn('so "third line" was not saved', " ".join(self.alice.reads()))
        self.server.slow.answers = True
        self.server.catches_up()
        self.server.wait(2)
        self.assertEqual([WAITS, "<alice> first", AGAIN], self.bob.reads())

    def test_departures_wait_for_as_long_as_it_takes(self) -> None:
        """Nobody stays as a ghost."""
        self.bob.types("hello")
        self.server.settle()
        self.alice.disconnects()
        self.server.wait(90)
        self.server.catches_up()
        self.server.wait(2)
        self.assertEqual({"bob"}, set(self.server.services.chat.state.people))

    def test_queue_is_bounded(self) -> None:
        """Messages of all people wait up to a limit, and one more is refused at once."""
        server = SlowServer(limits=Limits(unsaved_lines=100, talk_rate=0))
        alice, bob = server.guest("alice"), server.guest("bob")
        alice.reads()
        server.slow.busy = True
        alice.types("under way")
        for number in range(100):
            alice.types(f"line {number}")
        self.assertEqual([], alice.reads())
        alice.types("one more")
        self.assertIn("! The server saves messages too slowly", alice.reads()[-1])
        server.catches_up()
        server.wait(5)
        self.assertEqual(101, sum("<alice> " in line for line in bob.reads()))

    def test_stop(self) -> None:
        """A server that stops meanwhile does not go on to look whether the database answers."""
        self.alice.types("hello")
        self.server.wait(3)
        before = len(self.server.clock.getDelayedCalls())
        self.server.hub._outage.stop()
        self.assertEqual(before - 1, len(self.server.clock.getDelayedCalls()))
