"""
One server taking over from another, in memory: what two processes would do, without sockets or processes.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from chatroom.backends.memory import MemoryStore
from chatroom.dataclass_json import from_plain, to_plain
from chatroom.limits import Limits
from chatroom.states import LineSnapshot
from chatroom.testing import FakeTransport, Line, Server

PATIENCE = 30.0
"""Seconds in which an account may come back unnoticed."""


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
        old.doorkeeper.freeze()
        old.settle()
        present = self.successResultOf(Deferred.fromCoroutine(old.hub.suspend()))
        documents = [json.dumps(to_plain(line.protocol.state(unsent))) for line in lines]
        states = [from_plain(LineSnapshot, json.loads(text)) for text in documents]
        self.server = Server(self.LIMITS, store=self.store, clock=old.clock, present=present, takes_over=True)
        self.take_over(lines, states)
        return states

    def take_over(self, lines: Sequence[Line], states: Sequence[LineSnapshot]) -> None:
        """The new server goes on with these."""
        for line, state in zip(lines, states, strict=True):
            line.protocol.conversation.hand_over()  # type: ignore[union-attr]
            peer = line.transport.getPeer()
            line.server, line.protocol = self.server, self.server.factory.again(state)
            line.transport = FakeTransport(peer.host, line.protocol)
            line.protocol.makeConnection(line.transport)
            line.protocol.go_on()
        self.successResultOf(Deferred.fromCoroutine(self.server.hub.welcome_back(PATIENCE)))
        self.server.settle()
