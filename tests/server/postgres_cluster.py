"""
The machine of several nodes on a real PostgreSQL, whose answers come at once, or to one of the nodes late.
"""

from __future__ import annotations

from typing import Any

from chatroom.testing import Server
from tests.backends.workers import AtOnce
from tests.e2e import postgres as running
from tests.server.cluster_machine import COMMANDS, LIMITS, ClusterMachine

LONG = 600.0
"""Seconds of a lease: no node loses it that is not to lose it."""


class PostgresClusterMachine(ClusterMachine):
    """
    Nodes read the log each second, or when they have kept something themselves, or late. A node that hears late does
    not tell its own turns either, as those have their place among the others' (docs/adr/0048).
    """

    def __init__(self) -> None:
        self.url = running.postgres().url(running.empty_database())
        self.backends: dict[str, Any] = {}
        self.workers: dict[str, dict[str, AtOnce]] = {}
        super().__init__()

    def opened(self, node: str) -> Server:
        """See L{ClusterMachine.opened}."""
        from chatroom.backends.postgres.backend import PostgresBackend

        clock, workers = self.clock(), self.workers.setdefault(node, {})

        def worker(name: str) -> AtOnce:
            made = workers[name.removeprefix("chatroom-")] = AtOnce(name)
            return made

        backend = self.backends[node] = PostgresBackend(
            self.url, clock, lambda: 1_767_225_600.0 + self.seconds, worker=worker, lease=LONG
        )
        server = Server(LIMITS, backend=backend, clock=clock, commands=COMMANDS, node=node)
        backend._lease._steady = -LONG  # it may bury others
        return server

    def dies(self, node: str) -> None:
        """See L{ClusterMachine.dies}. Its lease has run out."""
        dead = self.backends.pop(node)
        dead._lease.stop()
        dead._member.chores.stop()
        dead._member.reader.stop()
        for link in dead._links.all:
            link.cut()
        for worker in self.workers.pop(node).values():
            worker.abandon()
        running.sql("UPDATE node SET until = 'epoch' WHERE name = %s", node)

    def stops(self, choice: int) -> None:
        """See L{ClusterMachine.stops}. It waits for all that it has kept, and so for what was kept before."""
        self.holds(self.node(choice), False)
        super().stops(choice)

    def holds(self, node: str, holding: bool) -> None:
        """See L{ClusterMachine.holds}."""
        worker = self.workers[node]["wake"]
        if holding:
            worker.holding = True
        else:
            worker.let_go()

    def claims(self) -> dict[str, int]:
        """See L{ClusterMachine.claims}. What each node counts is what the database knows."""
        here = {
            (key, backend._member.epoch): times
            for backend in self.backends.values()
            if backend._member is not None
            for key, (_, times) in backend._member.names._held.items()
        }
        assert set(here) == set(running.sql("SELECT key, epoch FROM held"))
        assert {key for key, _ in here} == set(running.sql("SELECT key FROM claim"))
        total: dict[str, int] = {}
        for (key, _), times in here.items():
            total[key] = total.get(key, 0) + times
        return total

    def teardown(self) -> None:
        """See L{ClusterMachine.teardown}. All connections are closed."""
        try:
            super().teardown()
        finally:
            for backend in self.backends.values():
                if backend._links is not None:
                    for link in backend._links.all:
                        link.cut()
