"""
The old process of an upgrade, where something fails before the new one has taken over.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from chatroom.errors import NotKept
from chatroom.events import Event
from chatroom.testing import Server
from chatroom.upgrade.predecessor import Predecessor
from chatroom.upgrade.transfer import UpgradeFailed


class DatabaseFailsTests(SynchronousTestCase):
    """The database fails at the moment at which the process lets go of it."""

    def test_process_goes_on(self) -> None:
        """There is no upgrade. People talk as before, and their nicknames are held."""
        server = Server()
        alice, bob = server.guest("alice"), server.guest("bob")
        alice.reads(), bob.reads()
        let_go = server.hub.suspend

        async def suspend() -> Sequence[Event]:
            await let_go()
            raise NotKept("The database does not answer.")

        server.hub.suspend = suspend  # type: ignore[method-assign]
        nothing: Any = None
        here = server.services, server.hub, server.doorkeeper
        predecessor = Predecessor(nothing, *here, nothing, server.clock, nothing)
        self.failureResultOf(Deferred.fromCoroutine(predecessor._suspend()), UpgradeFailed)
        alice.types("hello")
        self.assertEqual(["<alice> hello"], bob.reads())
        stranger = server.connection()
        stranger.types("alice")
        self.assertTrue(any("already taken" in line for line in stranger.reads()))
