"""
One house taking over from another, in memory: what two processes would do, without sockets or processes.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from chatroom.backends.memory import MemoryStore
from chatroom.dataclass_json import from_plain, to_plain
from chatroom.limits import Limits
from chatroom.states import LineState
from chatroom.testing import House, Line, Wire

PATIENCE = 30.0
"""Seconds in which an account may come back unnoticed."""


class UpgradeCase(SynchronousTestCase):
    """
    A house that can be upgraded.

    @ivar house: the one that is open now.
    """

    LIMITS = Limits()

    def setUp(self) -> None:
        self.store = MemoryStore()
        self.house = House(self.LIMITS, store=self.store)

    def hand_over(self, *lines: Line, unsent: bytes = b"") -> list[LineState]:
        """
        Have another house take these connections over, in the order of the doorkeeper. All others are lost.

        @param unsent: what the transport of each still holds.
        @return: their states, as the new house has read them.
        """
        old = self.house
        old.doorkeeper.freeze()
        old.settle()
        present = self.successResultOf(Deferred.fromCoroutine(old.hub.suspend()))
        documents = [json.dumps(to_plain(line.protocol.state(unsent))) for line in lines]
        states = [from_plain(LineState, json.loads(text)) for text in documents]
        self.house = House(self.LIMITS, store=self.store, clock=old.clock, present=present)
        self.take_over(lines, states)
        return states

    def take_over(self, lines: Sequence[Line], states: Sequence[LineState]) -> None:
        """The new house goes on with these."""
        for line, state in zip(lines, states, strict=True):
            line.protocol.conversation.hand_over()  # type: ignore[union-attr]
            peer = line.transport.getPeer()
            line.house, line.protocol = self.house, self.house.factory.again(state)
            line.transport = Wire(peer.host, line.protocol)
            line.protocol.makeConnection(line.transport)
            line.protocol.go_on()
        self.successResultOf(Deferred.fromCoroutine(self.house.hub.absent.welcome_back(PATIENCE)))
        self.house.settle()
