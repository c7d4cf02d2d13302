"""
The memory backend: the contract for one node and for several.
"""

from __future__ import annotations

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from chatroom.backends.memory import MemoryBackend, MemoryStore
from chatroom.errors import NotKept
from chatroom.interfaces import IBackend
from tests.backends import cluster, contract, verbs
from tests.backends.verbs import Recorder, said


class OnOneStore(verbs.Contract):
    """How memory backends are made and made to fail."""

    def setUp(self) -> None:
        """Every test has a store."""
        self.store = MemoryStore()
        super().setUp()

    def make_backend(self) -> IBackend:
        """One more node."""
        return MemoryBackend(self.store)

    def break_down(self, backend: IBackend, broken: bool) -> None:
        """The store fails for everybody."""
        self.store.failing = NotKept("The store is full.") if broken else None

    def kill(self, node: str) -> None:
        """As C{kill -9} would."""
        self.store.kill(node)

    def settle(self) -> None:
        """Without a clock everything arrives at once."""


class MemoryBackendTests(OnOneStore, contract.BackendContract, SynchronousTestCase):
    """One node keeps the contract."""


class MemoryClusterTests(OnOneStore, cluster.ClusterContract, SynchronousTestCase):
    """Several nodes keep the contract."""


class MemoryClusterInTurnsTests(MemoryClusterTests):
    """And they do when events take a turn of the reactor to arrive."""

    def setUp(self) -> None:
        """Every test has a clock."""
        self.clock = Clock()
        super().setUp()

    def make_backend(self) -> IBackend:
        """One more node."""
        return MemoryBackend(self.store, self.clock)

    def settle(self) -> None:
        """One turn."""
        self.clock.advance(0)


class DeliveryTests(SynchronousTestCase):
    """When nodes hear of each other, for tests of what happens in between."""

    def setUp(self) -> None:
        """Two nodes."""
        self.clock, store = Clock(), MemoryStore()
        self.north, self.south = MemoryBackend(store, self.clock), MemoryBackend(store, self.clock)
        self.heard = Recorder()
        for name, node, listener in (("north", self.north, Recorder()), ("south", self.south, self.heard)):
            self.successResultOf(Deferred.fromCoroutine(node.start(name, listener)))

    def keep(self, node: MemoryBackend, text: str) -> None:
        """Somebody says this."""
        self.successResultOf(Deferred.fromCoroutine(node.keep([said(text)])))

    def texts(self) -> list[str]:
        """What south has heard."""
        return [getattr(event, "text", "") for event in self.heard.events]

    def test_next_turn(self) -> None:
        """Events of another node come in the clock's next turn, not at once."""
        self.keep(self.north, "a")
        self.assertEqual([], self.texts())
        self.clock.advance(0)
        self.assertEqual(["a"], self.texts())

    def test_held_back(self) -> None:
        """They wait for as long as the network does, and come in order."""
        self.south.holding = True
        self.keep(self.north, "a")
        self.keep(self.north, "b")
        self.clock.advance(60)
        self.assertEqual([], self.texts())
        self.south.deliver()
        self.assertEqual(["a", "b"], self.texts())

    def test_own_events_come_after_those_held_back(self) -> None:
        """A node that keeps something hears all that came before it first: there is one order."""
        self.south.holding = True
        self.keep(self.north, "a")
        self.keep(self.south, "b")
        self.assertEqual(["a", "b"], self.texts())
