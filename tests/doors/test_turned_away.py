"""
Connections that are turned away: counted by reason, and logged at most once a minute.
"""

from __future__ import annotations

from twisted.internet.task import Clock
from twisted.logger import capturedLogs
from twisted.trial.unittest import SynchronousTestCase

from chatroom.doors.turned_away import REASONS, Refusals
from chatroom.limits import Limits
from chatroom.testing import Server


class RefusalsTests(SynchronousTestCase):
    """A flood of connections that are turned away."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.refusals = Refusals(self.clock)

    def logged(self, seconds: float) -> list[str]:
        """What is logged in so many seconds."""
        with capturedLogs() as logged:
            self.clock.pump([1.0] * int(seconds))
        return [str(each["log_format"]).format(**each) for each in logged]

    def test_one_line_a_minute(self) -> None:
        """The first is logged at once, and a thousand within the next minute in one line with their reasons."""
        self.refusals.note("banned", "192.0.2.1")
        self.assertEqual(["Refused connections: 1 by banned. The last one came from 192.0.2.1."], self.logged(1))
        for _ in range(1000):
            self.refusals.note("max-per-address", "192.0.2.2")
        self.refusals.note("banned", "192.0.2.3")
        self.assertEqual([], self.logged(58))
        self.assertEqual(
            ["Refused connections: 1000 by max-per-address, 1 by banned. The last one came from 192.0.2.3."],
            self.logged(2),
        )
        self.assertEqual([], self.logged(300))

    def test_every_reason_is_counted_from_the_start(self) -> None:
        """A reason that has not happened yet is a zero, so that the first one is seen as an increase."""
        self.assertEqual(dict.fromkeys(REASONS, 0), self.refusals.counts)

    def test_no_address(self) -> None:
        """A UNIX socket has no address."""
        self.refusals.note("connections", "")
        self.assertEqual(
            ["Refused connections: 1 by connections. The last one came from an unknown address."], self.logged(1)
        )


class ServerTests(SynchronousTestCase):
    """What the server's own limits turn away."""

    def test_reasons(self) -> None:
        """Each limit that turns somebody away is counted by its option's name."""
        for limits, address, reason in (
            (Limits(connections=1), "192.0.2.2", "connections"),
            (Limits(max_per_address=1), "192.0.2.1", "max-per-address"),
            (Limits(new_per_minute=1), "192.0.2.1", "new-per-minute"),
        ):
            server = Server(limits)
            server.connection("192.0.2.1")
            turned_away = server.connection(address)
            self.assertTrue(turned_away.is_disconnected())
            counts = server.doorkeeper.turned_away.counts
            self.assertEqual({reason: 1}, {name: count for name, count in counts.items() if count})
