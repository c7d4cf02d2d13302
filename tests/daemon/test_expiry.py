"""
Certificates that are about to end: what the operator reads of it, and when.
"""

from __future__ import annotations

from twisted.internet.task import Clock
from twisted.logger import LogLevel, capturedLogs, formatEvent
from twisted.trial.unittest import SynchronousTestCase

from chatroom.daemon.expiry import Expiry

DAY = 86_400.0

NOW = 1_000 * DAY


class ExpiryTests(SynchronousTestCase):
    """A daemon with certificates, and the days."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.expiry = Expiry(self.clock, lambda: NOW + self.clock.seconds())
        self.addCleanup(self.expiry.stop)

    def ends_in(self, days: float) -> None:
        """One more certificate."""
        self.expiry.ends.append(lambda: NOW + days * DAY)

    def logged(self, days: int = 0) -> list[tuple[LogLevel, str]]:
        """What is logged at a start, or in so many days."""
        with capturedLogs() as events:
            if days:
                self.clock.pump([DAY] * days)
            else:
                self.expiry.start()
        return [(event["log_level"], formatEvent(event)) for event in events]

    def test_nothing_to_say(self) -> None:
        """Without a certificate, and with one that has more than two weeks, nothing is logged."""
        self.assertEqual([], self.logged())
        self.assertIsNone(self.expiry.first())
        self.expiry.stop()
        self.ends_in(15)
        self.assertEqual([], self.logged())

    def test_soon(self) -> None:
        """From two weeks before its end on, each day has a warning, and each day after it a critical one."""
        self.ends_in(15.5)
        self.assertEqual([], self.logged() + self.logged(days=1))
        said = (LogLevel.warn, "The certificate expires in 13 days and is not renewed yet.")
        self.assertEqual([said], self.logged(days=1))
        self.assertEqual("The certificate expires in 1 day and is not renewed yet.", self.logged(days=12)[-1][1])
        self.assertEqual("The certificate expires in 0 days and is not renewed yet.", self.logged(days=1)[-1][1])
        gone = "The certificate expired {} ago. Put a new one into its folder."
        self.assertEqual(
            [(LogLevel.critical, gone.format("0 days")), (LogLevel.critical, gone.format("1 day"))], self.logged(days=2)
        )

    def test_the_first_of_several(self) -> None:
        """It is the one that ends first that counts."""
        self.ends_in(90)
        self.ends_in(3)
        self.ends_in(40)
        self.assertEqual(NOW + 3 * DAY, self.expiry.first())
        self.assertIn("in 3 days", self.logged()[0][1])

    def test_renewed_while_it_runs(self) -> None:
        """One that was renewed has nothing said of it the next day."""
        ends = [NOW + 2 * DAY]
        self.expiry.ends.append(lambda: ends[0])
        self.assertEqual(1, len(self.logged()))
        ends[0] += 90 * DAY
        self.assertEqual([], self.logged(days=30))

    def test_stopped(self) -> None:
        """A daemon that stops leaves no call behind, and may not have begun."""
        self.expiry.stop()
        self.expiry.start()
        self.expiry.stop()
        self.assertEqual([], self.clock.getDelayedCalls())
