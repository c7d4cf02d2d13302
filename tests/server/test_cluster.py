"""
Several hubs at once, on each backend that can do that.
"""

from __future__ import annotations

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from twisted.trial.unittest import SynchronousTestCase

from chatroom.backends.memory import MemoryBackend, MemoryStore
from chatroom.testing import Server
from tests.server.cluster_machine import COMMANDS, LIMITS, ClusterMachine


class MemoryClusterMachine(ClusterMachine):
    """On one store in memory, whose nodes hear of each other in the next turn or when they are let."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        super().__init__()

    def opened(self, node: str) -> Server:
        """See L{ClusterMachine.opened}."""
        clock = self.clock()
        return Server(LIMITS, backend=MemoryBackend(self.store, clock), clock=clock, commands=COMMANDS, node=node)

    def dies(self, node: str) -> None:
        """See L{ClusterMachine.dies}."""
        self.store.kill(node)

    def holds(self, node: str, holding: bool) -> None:
        """See L{ClusterMachine.holds}."""
        backend = self.store.nodes[node]
        backend.holding = holding
        if not holding:
            backend.deliver()

    def claims(self) -> dict[str, int]:
        """See L{ClusterMachine.claims}."""
        return {key: nodes.total() for key, (_, nodes) in self.store.claims.items()}


class ThreeNodesMachine(MemoryClusterMachine):
    """Three of them, so that one may die while another one buries a third."""

    count = 3


class ClusterTests(SynchronousTestCase):
    """Whatever people and nodes do at once, nobody is forgotten, doubled or given another's name."""

    def test_two_nodes(self) -> None:
        """Two hubs in memory."""
        run_state_machine_as_test(MemoryClusterMachine, settings=SETTINGS)

    def test_three_nodes(self) -> None:
        """Three hubs in memory."""
        run_state_machine_as_test(ThreeNodesMachine, settings=SETTINGS)


SETTINGS = settings(
    max_examples=25,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    report_multiple_bugs=False,  # trial shows the first one, and of a group of them none
)
