"""
One server taking over from another, in memory: what two processes would do, without sockets or processes.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatroom.backends.memory import MemoryStore
from chatroom.limits import Limits
from chatroom.states import LineSnapshot
from chatroom.testing import Line, Server
from chatroom.testing.upgrade import PATIENCE, hand_over

__all__ = ["PATIENCE", "UpgradeCase"]


class UpgradeCase(SynchronousTestCase):
    """
    A server that can be upgraded.

    @ivar server: the one that is open now.
    """

    LIMITS = Limits()

    def setUp(self) -> None:
        self.store = MemoryStore()
        self.server = Server(self.LIMITS, store=self.store)

    def hand_over(self, *lines: Line, unsent: bytes = b"") -> list[LineSnapshot]:
        """
        Have another server take these connections over, in the order of the doorkeeper. All others are lost.

        @param unsent: what the transport of each still holds.
        @return: their states, as the new server has read them.
        """
        old = self.server
        self.server, states = hand_over(
            old,
            lines,
            lambda present: Server(self.LIMITS, store=self.store, clock=old.clock, present=present, takes_over=True),
            unsent,
        )
        return states
