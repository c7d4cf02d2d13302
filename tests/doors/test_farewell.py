"""
Sending away: a word, a while to read it, and then the connection is gone.
"""

from __future__ import annotations

from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.trial.unittest import SynchronousTestCase

from chatroom.doors.farewell import MOST, PATIENCE, Farewells


class Lingering(StringTransport):
    """A transport that closes when the other side lets it, as TLS does."""

    aborted = False

    def abortConnection(self) -> None:
        """It is over."""
        self.aborted = True


class FarewellsTests(SynchronousTestCase):
    """Two who are sent away, and a clock."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.farewells = Farewells(self.clock)
        self.one, self.other = Lingering(), Lingering()

    def test_told_and_closed(self) -> None:
        """Whoever reads it and goes is not cut, and leaves no timer behind."""
        self.farewells.say(self.one, b"! Come again.\n")
        self.assertEqual((b"! Come again.\n", True), (self.one.value(), self.one.disconnecting))
        self.farewells.gone(self.one)
        self.assertEqual([], self.clock.getDelayedCalls())
        self.assertFalse(self.one.aborted)

    def test_cut_after_a_while(self) -> None:
        """Each in its time, by one timer."""
        self.farewells.say(self.one, b"")
        self.clock.advance(PATIENCE - 1)
        self.farewells.say(self.other, b"")
        self.assertEqual(1, len(self.clock.getDelayedCalls()))
        self.clock.advance(1)
        self.assertEqual((True, False), (self.one.aborted, self.other.aborted))
        self.farewells.gone(self.one)
        self.clock.advance(PATIENCE - 1)
        self.assertTrue(self.other.aborted)
        self.assertEqual([], self.clock.getDelayedCalls())

    def test_crowd(self) -> None:
        """Where too many are being waited for, the next one is cut at once; when one has gone, the next is told."""
        crowd = [Lingering() for _ in range(MOST)]
        for each in crowd:
            self.farewells.say(each, b"")
        self.farewells.say(self.one, b"")
        self.assertTrue(self.one.aborted)
        self.farewells.gone(crowd[7])
        self.farewells.say(self.other, b"!")
        self.assertEqual((False, b"!"), (self.other.aborted, self.other.value()))

    def test_somebody_else(self) -> None:
        """Who was not sent away may go as well."""
        self.farewells.gone(self.one)
