"""
The machine of several nodes on one store in memory.
"""

from __future__ import annotations

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
