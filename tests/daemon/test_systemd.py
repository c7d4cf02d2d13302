"""
What systemd is told, and when.
"""

from __future__ import annotations

from twisted.internet.task import Clock
from twisted.logger import capturedLogs
from twisted.trial.unittest import SynchronousTestCase

from chatroom.daemon.systemd import Notifier, notifier, sender


class NotifierTests(SynchronousTestCase):
    """One life of a daemon."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.told: list[str] = []

    def notifier(self, patience: float = 0.0) -> Notifier:
        """One whose words are kept."""
        return Notifier(lambda data: self.told.append(data.decode()), self.clock, patience)

    def test_life(self) -> None:
        """It is told that people can come in, that files are read again, and that nobody can come in any more."""
        told = self.notifier()
        told.ready()
        told.reloading(1234)
        told.ready()
        told.stopping()
        told.stopped()
        first = [line.split("\n")[0] for line in self.told]
        self.assertEqual(["READY=1", "RELOADING=1", "READY=1", "STOPPING=1"], first)
        self.assertIn("MONOTONIC_USEC=1234", self.told[1])
        self.assertEqual([], self.clock.getDelayedCalls())

    def test_watchdog(self) -> None:
        """From the first moment to the last, a sign of life comes twice in the time that systemd waits."""
        told = self.notifier(patience=30)
        self.clock.advance(60)
        self.assertEqual([], self.told)
        told.ready()
        told.ready()  # after a reload
        self.clock.pump([5] * 6)
        self.assertEqual(3, self.told.count("WATCHDOG=1"))
        told.stopped()
        self.clock.advance(60)
        self.assertEqual(3, self.told.count("WATCHDOG=1"))

    def test_nobody_listens(self) -> None:
        """Where systemd is not, nothing is told."""
        told = notifier({}, 1, self.clock)
        told.ready()
        told.stopping()
        self.assertEqual([], self.clock.getDelayedCalls())

    def test_systemd_is_gone(self) -> None:
        """A socket that is not there any more is no reason to fail."""
        told = Notifier(sender(self.mktemp()), self.clock)
        with capturedLogs() as logged:
            told.ready()
        self.assertIn("to systemd", str(logged[0]["log_format"]))


class EnvironmentTests(SynchronousTestCase):
    """How systemd says how long it waits."""

    def setUp(self) -> None:
        self.clock = Clock()

    def life_signs(self, **environment: str) -> bool:
        """Whether process 7 gives any."""
        told = notifier({"NOTIFY_SOCKET": self.mktemp(), **environment}, 7, self.clock)
        told.ready()
        alive = bool(self.clock.getDelayedCalls())
        told.stopped()
        return alive

    def test_watchdog(self) -> None:
        """Signs of life are given where they are waited for, by the process of which they are wanted."""
        self.assertTrue(self.life_signs(WATCHDOG_USEC="30000000"))
        self.assertTrue(self.life_signs(WATCHDOG_USEC="30000000", WATCHDOG_PID="7"))
        self.assertFalse(self.life_signs(WATCHDOG_USEC="30000000", WATCHDOG_PID="8"))
        self.assertFalse(self.life_signs())
        self.assertFalse(self.life_signs(WATCHDOG_USEC="soon"))
