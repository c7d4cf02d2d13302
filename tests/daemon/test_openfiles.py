"""
How many connections the system allows, and what the daemon says where that is too few.
"""

from __future__ import annotations

import resource

from twisted.logger import capturedLogs
from twisted.trial.unittest import SynchronousTestCase

from chatroom.daemon.openfiles import SPARE, most_files, raise_limit


class OpenFilesTests(SynchronousTestCase):
    """A system with limits of its own in place of this one's."""

    def system(self, soft: int, hard: int) -> None:
        """Let the system have these limits."""
        self.limits = (soft, hard)
        self.patch(resource, "getrlimit", lambda _: self.limits)
        self.patch(resource, "setrlimit", self.set)

    def set(self, _: int, limits: tuple[int, int]) -> None:
        """In the place of the system's."""
        if limits[1] != self.limits[1] or not (limits[1] == resource.RLIM_INFINITY or limits[0] <= limits[1]):
            raise ValueError("not allowed to exceed maximum limit")
        self.limits = limits

    def warnings(self, connections: int) -> list[str]:
        """What is logged when so many connections are to be possible."""
        with capturedLogs() as logged:
            raise_limit(connections)
        return [str(each["log_format"]).format(**each) for each in logged]

    def test_raised(self) -> None:
        """The soft limit is raised as far as the connections need it, and nothing is said."""
        self.system(1024, 524288)
        self.assertEqual([], self.warnings(10000))
        self.assertEqual((10000 + SPARE, 524288), self.limits)

    def test_no_hard_limit(self) -> None:
        """A system without a hard limit gives what is asked for."""
        self.system(1024, resource.RLIM_INFINITY)
        self.assertEqual([], self.warnings(10000))
        self.assertEqual(10000 + SPARE, self.limits[0])
        self.assertIsNone(most_files())

    def test_too_low(self) -> None:
        """Where the hard limit is too low, all of it is taken, and a warning names both numbers and the cure."""
        self.system(1024, 4096)
        (warning,) = self.warnings(10000)
        self.assertEqual((4096, 4096), self.limits)
        for part in ("--connections 10000 needs 10100", "allows 4096", "LimitNOFILE", "ulimit -n"):
            self.assertIn(part, warning)

    def test_enough(self) -> None:
        """A limit that is high enough stays as it is."""
        for soft in (50000, resource.RLIM_INFINITY):
            self.system(soft, soft)
            self.assertEqual([], self.warnings(10000))
            self.assertEqual((soft, soft), self.limits)
