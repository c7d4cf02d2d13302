"""
The old process of an upgrade, where the new one has taken over.
"""

from __future__ import annotations

import os
from typing import Any

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from chatroom.testing import Server
from chatroom.upgrade import upgrading
from chatroom.upgrade.predecessor import Predecessor
from chatroom.upgrade.upgrading import Upgrading


class Entries:
    """Ports that need a while to close."""

    def __init__(self) -> None:
        self.closed: Deferred[None] = Deferred()

    def let_go(self) -> Deferred[None]:
        """They close."""
        return self.closed


class TakenOver(Predecessor):
    """An attempt that succeeds at once."""

    has_let_go = False

    async def run(self, pidfile: str) -> None:
        """It is over."""
        self.pid = 1

    def let_go(self) -> None:
        """Note it."""
        self.has_let_go = True


class StoppedTests(SynchronousTestCase):
    """The daemon is asked to stop just when the new process has taken over, and the ports are not closed yet."""

    def setUp(self) -> None:
        """Alice could not be handed over."""
        self.patch(upgrading, "Predecessor", TakenOver)
        self.server = Server()
        self.alice = self.server.guest("alice")
        self.alice.reads()
        self.entries, self.stops = Entries(), list[str]()
        clock: Any = self.server.clock
        clock.stop = lambda: self.stops.append("stop")
        nothing: Any = None
        entries: Any = self.entries
        here = self.server.services, self.server.hub, self.server.doorkeeper
        folder = self.mktemp()
        os.mkdir(folder)
        self.upgrading = Upgrading(nothing, *here, entries, nothing, clock, {"pidfile": ""}, folder)
        self.upgrading.begin()

    def test_connections_that_were_handed_over(self) -> None:
        """This process has let go of them already: nothing that it closes at its end closes them."""
        self.assertTrue(self.upgrading.over)
        predecessor: Any = self.upgrading._predecessor
        self.assertTrue(predecessor.has_let_go)

    def test_connections_that_were_not(self) -> None:
        """The process ends when their people have read why."""
        settled = Deferred.fromCoroutine(self.upgrading.settled())
        self.assertNoResult(settled)
        self.entries.closed.callback(None)
        self.server.settle()
        self.assertIn("The server has been upgraded.", self.alice.reads()[-1])
        self.successResultOf(settled)
        self.assertEqual(["stop"], self.stops)
