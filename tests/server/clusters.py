"""
What several nodes stand on in tests: one store in memory, or one real PostgreSQL, behind the same verbs.

On both, the nodes share one clock, and a node hears of the others in the same turn of it unless it is late.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from chatroom.backends.memory import MemoryBackend, MemoryStore
from chatroom.errors import NotKept
from chatroom.events import Event
from chatroom.testing import Server
from tests.backends.workers import AtOnce
from tests.e2e import postgres as running

LONG = 600.0
"""Seconds of a lease: no node loses it that is not to lose it."""

NO_TURNS = """
    CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100';
    END $$;
    CREATE TRIGGER full_disk BEFORE INSERT ON log EXECUTE FUNCTION full_disk();
"""


class Cluster(Protocol):
    """What a test of several nodes asks for. Nodes have names."""

    clock: Clock

    def opened(self, node: str, **how: Any) -> Server:
        """A daemon of this name; C{how}: see L{Server}."""

    def is_lost(self, node: str) -> None:
        """The others take it for dead, and one of them is told; it may not know that."""

    def dies(self, node: str) -> None:
        """The same, and it does nothing more, as after C{kill -9}."""

    def holds(self, node: str, holding: bool) -> None:
        """What the others keep waits before it reaches this one, until it keeps something itself, or is let through."""

    def fails(self, failing: bool) -> None:
        """Nothing can be kept; or it can again."""

    def sets_clock(self, node: str, ahead: float) -> None:
        """The clock of this node's machine is so many seconds ahead of the one that all share."""

    def knows(self, node: str, kinds: int) -> None:
        """The program of this node knows this version of the kinds of events, as all learn with their next look."""

    def looks_around(self) -> None:
        """Each node learns how many there are, as it does each second."""

    def claims(self) -> set[str]:
        """Nicknames that are held."""

    def unburied(self) -> set[str]:
        """Lost nodes for whose people not all goodbyes are kept yet."""

    def closes(self) -> None:
        """The test is over."""


class ClusterInMemory:
    """One store in memory, whose nodes hear at once."""

    def __init__(self) -> None:
        self.store, self.clock = MemoryStore(), Clock()

    def opened(self, node: str, **how: Any) -> Server:
        """See L{Cluster}."""
        return Server(store=self.store, clock=self.clock, node=node, **how)

    def is_lost(self, node: str) -> None:
        """See L{Cluster}."""
        self.store.kill(node)

    dies = is_lost  # its backend refuses all from then on

    def holds(self, node: str, holding: bool) -> None:
        """See L{Cluster}."""
        backend = self.store.nodes[node]
        assert isinstance(backend, MemoryBackend)
        backend.holding = holding
        if not holding:
            backend.deliver()

    def fails(self, failing: bool) -> None:
        """See L{Cluster}."""
        self.store.failing = NotKept("The store does not answer.") if failing else None

    def sets_clock(self, node: str, ahead: float) -> None:
        """See L{Cluster}."""
        self.store.nodes[node].ahead = ahead

    def knows(self, node: str, kinds: int) -> None:
        """See L{Cluster}."""
        backend = self.store.nodes[node]
        assert isinstance(backend, MemoryBackend)
        backend.kinds = kinds

    def looks_around(self) -> None:
        """They know."""

    def claims(self) -> set[str]:
        """See L{Cluster}."""
        return set(self.store.claims)

    def unburied(self) -> set[str]:
        """See L{Cluster}."""
        return set(self.store.lost)

    def closes(self) -> None:
        """Nothing is open."""


class ClusterOnPostgres:
    """
    One PostgreSQL, whose answers come at once, on a database that is empty for each test.

    The clock of the test is not that of the database, so nothing here hangs on seconds: a node reads the log when
    another one has kept something, as a notification lets it, and beats when there is something to learn by it.
    """

    def __init__(self, patch: Callable[[Any, str, object], object]) -> None:
        """@param patch: L{TestCase.patch<twisted.trial.unittest.TestCase.patch>}. @raise SkipTest: it is missing."""
        running.skip_or_fail()
        from chatroom.backends.postgres import chores, lease, reader

        for module, pause in ((chores, "PAUSE"), (lease, "BEAT"), (reader, "POLL")):
            patch(module, pause, LONG)
        self.clock = Clock()
        self._url = running.postgres().url(running.empty_database())
        self._nodes: dict[str, Any] = {}
        self._late: set[str] = set()
        self._all: list[Any] = []

    def opened(self, node: str, **how: Any) -> Server:
        """See L{Cluster}. It does not wait for the lease that nodes have from the start of the database."""
        from chatroom.backends.postgres.backend import PostgresBackend

        backend = PostgresBackend(self._url, self.clock, _time, worker=AtOnce, lease=0.001)
        keep = backend.keep

        async def keep_and_notify(batch: Sequence[Event]) -> Sequence[bool]:
            try:
                return await keep(batch)
            finally:
                for other in self._nodes:
                    if other != node:
                        self.clock.callLater(0, self._reads, other)

        backend.keep = keep_and_notify  # type: ignore[method-assign]
        self._all.append(backend)
        server = Server(backend=backend, clock=self.clock, node=node, **how)
        backend._lease._length = LONG
        backend._lease._steady = -LONG  # it may bury others
        running.sql("UPDATE node SET until = clock_timestamp() + make_interval(secs => %s) WHERE name = %s", LONG, node)
        self._nodes[node] = backend
        self.looks_around()
        server.settle()
        return server

    def is_lost(self, node: str) -> None:
        """See L{Cluster}. Its lease has run out."""
        self._nodes.pop(node)._lease.stop()
        running.sql("UPDATE node SET until = 'epoch' WHERE name = %s", node)
        for other in list(self._nodes)[:1]:
            self._beats(other)

    def dies(self, node: str) -> None:
        """See L{Cluster}. All its connections are closed."""
        self._ends(self._nodes[node])
        self.is_lost(node)

    def holds(self, node: str, holding: bool) -> None:
        """See L{Cluster}."""
        if holding:
            self._late.add(node)
        else:
            self._late.discard(node)
            self._beats(node)
            self._reads(node)

    def fails(self, failing: bool) -> None:
        """See L{Cluster}. The disk is full."""
        running.sql(NO_TURNS if failing else "DROP FUNCTION full_disk CASCADE")

    def sets_clock(self, node: str, ahead: float) -> None:
        """See L{Cluster}."""
        self._nodes[node]._lease._now = lambda: _time() + ahead
        self._beats(node)

    def knows(self, node: str, kinds: int) -> None:
        """See L{Cluster}."""
        running.sql("UPDATE node SET version = %s WHERE name = %s", kinds, node)
        self.looks_around()

    def looks_around(self) -> None:
        """See L{Cluster}."""
        for node in self._nodes:
            self._beats(node)

    def claims(self) -> set[str]:
        """See L{Cluster}."""
        return set(running.sql("SELECT key FROM claim"))

    def unburied(self) -> set[str]:
        """See L{Cluster}."""
        return set(running.sql("SELECT name FROM burial"))

    def closes(self) -> None:
        """See L{Cluster}. All connections are."""
        for backend in self._all:
            self._ends(backend)

    def _reads(self, node: str) -> None:
        backend = self._nodes.get(node)
        if backend is not None and backend._member is not None and node not in self._late:
            backend._member.reader._read()

    def _beats(self, node: str) -> None:
        call = self._nodes[node]._lease._call
        if call.active() and node not in self._late:
            call.reset(0)

    def _ends(self, backend: Any) -> None:
        if backend._links is not None:
            backend._lease.stop()
            backend._member.chores.stop()
            backend._member.reader.stop()
            Deferred.fromCoroutine(_close(backend._links.all))


async def _close(links: Sequence[Any]) -> None:
    for link in links:
        await link.close()


def _time() -> float:
    """By the clock of the database."""
    (seconds,) = running.sql("SELECT extract(epoch FROM clock_timestamp())::float8")
    return float(seconds)


class SeveralNodes(SynchronousTestCase):
    """A case of several nodes, in memory unless it says otherwise."""

    def setUp(self) -> None:
        """Nothing is kept yet."""
        self.cluster = self.make_cluster()
        self.addCleanup(self.cluster.closes)

    def make_cluster(self) -> Cluster:
        """What the nodes stand on."""
        return ClusterInMemory()


class OnPostgres(SeveralNodes):
    """Of two base classes the first: the case of the second one, on a real PostgreSQL."""

    def make_cluster(self) -> Cluster:
        """An empty database."""
        return ClusterOnPostgres(self.patch)


def in_memory_alone(names: Mapping[str, Any]) -> list[str]:
    """Cases among these names of a module that have no twin on PostgreSQL."""
    cases = [each for each in names.values() if isinstance(each, type) and issubclass(each, SeveralNodes)]
    twins = {base for each in cases if issubclass(each, OnPostgres) for base in each.__bases__}
    return [
        each.__name__
        for each in cases
        if each.__name__.endswith("Tests") and each not in twins and not issubclass(each, OnPostgres)
    ]
