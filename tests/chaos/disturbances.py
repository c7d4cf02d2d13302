"""
What goes wrong: each disturbance does some harm, waits, and ends it. Which ones, and when, dice decide.

Two run side by side: one of the daemons and their wires, and one of the databases.
"""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Awaitable, Callable
from random import Random
from typing import Any, NamedTuple, TypeAlias

from twisted.internet.defer import Deferred, DeferredLock, gatherResults
from twisted.internet.task import deferLater
from twisted.internet.threads import deferToThread

from tests.chaos.databases import Pair
from tests.chaos.nodes import Node

Kinds: TypeAlias = dict[str, tuple[int, Callable[[], Awaitable[None]]]]
"""By its name, how often a disturbance is chosen, and what it does."""


CALM = 7.0
"""Seconds without a disturbance after which daemons bury each other: longer than a lease."""

GOODBYES = 6.0
"""Seconds for the goodbyes after a disturbance in a calm."""


class Span(NamedTuple):
    """When a disturbance began and ended."""

    began: float
    ended: float


class Kill(NamedTuple):
    """The end of a daemon."""

    at: float
    node: Node


class Nemesis:
    """
    One that disturbs. It is told what to do by a subclass.

    @ivar done: how many disturbances of which kind there were. @ivar spans: when. @ivar note: writes down what happens.
    """

    def __init__(self, reactor: Any, nodes: list[Node], pair: Pair, dice: Random, calm: DeferredLock) -> None:
        """@param calm: the databases are disturbed only by who holds it."""
        self.done: Counter[str] = Counter()
        self.spans: list[Span] = []
        self.note: Callable[[str], None] = lambda what: None
        self._calm = calm
        self._reactor = reactor
        self._nodes = nodes
        self._pair = pair
        self._dice = dice

    def kinds(self) -> Kinds:
        """What it does."""
        raise NotImplementedError

    async def rages(self, until: float, only: str = "") -> None:
        """
        One disturbance after the other, until then.

        @param only: what their names have to have in them: one of these words, which have a bar between them.
        """
        kinds = {name: kind for name, kind in self.kinds().items() if any(word in name for word in only.split("|"))}
        names, weights = list(kinds), [weight for weight, _ in kinds.values()]
        while kinds and self._reactor.seconds() < until:
            await self.waits(self._dice.uniform(0.2, 1.5))
            (name,) = self._dice.choices(names, weights)
            await self._does(name, kinds[name][1])

    async def _does(self, name: str, deed: Callable[[], Awaitable[None]]) -> None:
        began = self._reactor.seconds()
        self.note(f"begin: {name}")
        await deed()
        self.note(f"end: {name}")
        self.done[name] += 1
        self.spans.append(Span(began, self._reactor.seconds()))

    async def waits(self, seconds: float) -> None:
        """Some seconds."""
        await deferLater(self._reactor, seconds)


class NodeNemesis(Nemesis):
    """
    It disturbs daemons and their wires.

    @ivar at_kill: called with a node that is about to be killed.
    """

    at_kill: Callable[[Kill], None]

    def kinds(self) -> Kinds:
        return {
            "kill -9 of a daemon": (4, self._kills),
            "kill -9 of a daemon while all else is well": (1, lambda: self._in_a_calm(self._kills_and_waits)),
            "kill -9 of a daemon and of the one that buries it": (1, lambda: self._in_a_calm(self._kills_executor)),
            "SIGSTOP of a daemon for 1 s": (4, lambda: self._halts(1.0)),
            "SIGSTOP of a daemon for 8 s": (1, lambda: self._halts(8.0)),
            "a daemon cut off for 1 s": (3, lambda: self._cuts(1.0)),
            "a daemon cut off for 4 s": (2, lambda: self._cuts(4.0)),
            "a daemon cut off for 12 s": (1, lambda: self._cuts(12.0)),
            "a slow link to the databases": (3, self._slows),
            "a step of a daemon's clock": (3, self._steps),
            "an upgrade by SIGUSR2": (2, self._upgrades),
            "a rolling upgrade by chatroom-admin": (1, self._upgrades_all),
            "a restart of a daemon": (2, self._restarts),
            "a rolling restart": (1, self._restarts_all),
        }

    def _any(self) -> Node:
        node = self._dice.choice(self._nodes)
        self.note(node.name)
        return node

    async def _kills(self) -> None:
        """A daemon ends, and is started again a while later, when it may have been buried or not."""
        node = self._any()
        self._kill(node)
        await self.waits(self._dice.choice((0.0, 1.0, 8.0)))
        await self._start(node)

    def _kill(self, node: Node) -> None:
        self.at_kill(Kill(self._reactor.seconds(), node))
        node.kill()

    async def _in_a_calm(self, deed: Callable[[], Awaitable[None]]) -> None:
        """Do this when nothing has been disturbed for longer than a lease, and nothing else is."""
        await self._calm.acquire()
        try:
            for node in self._nodes:
                await node.ready()
            await self.waits(CALM)
            await deed()
        finally:
            self._calm.release()

    async def _kills_and_waits(self) -> None:
        """A daemon ends, and nothing else happens until its people were said goodbye to."""
        node = self._any()
        self._kill(node)
        await self.waits(GOODBYES)
        await self._start(node)

    async def _start(self, *nodes: Node) -> None:
        for node in nodes:
            node.launch()
        for node in nodes:
            await node.ready()

    async def _kills_executor(self) -> None:
        """A daemon ends, and as soon as another one has begun to bury it, that one ends too."""
        node = self._any()
        self._kill(node)
        end = self._reactor.seconds() + 15
        name = ""
        while not name and self._reactor.seconds() < end:
            await self.waits(0.01)
            name = await deferToThread(self._executor)
        killed = [node]
        for other in self._nodes:
            if other is not node and name.partition("~")[0] == other.name:
                self._kill(other)
                killed.append(other)
        await self.waits(GOODBYES)
        await self._start(*killed)

    def _executor(self) -> str:
        query = "SELECT node.name FROM burial JOIN node ON node.epoch = burial.executor LIMIT 1"
        try:
            found = self._pair.primary.sql(query, database="chat")
        except Exception:  # noqa: BLE001 the database may be away
            found = []
        return found[0] if found else ""

    async def _halts(self, seconds: float) -> None:
        node = self._any()
        node.signals(signal.SIGSTOP)
        await self.waits(seconds)
        node.signals(signal.SIGCONT)
        await self._rest(seconds)

    async def _cuts(self, seconds: float) -> None:
        node = self._any()
        node.wires.cut()
        await self.waits(seconds)
        node.wires.mend()
        await self._rest(seconds)

    async def _rest(self, seconds: float) -> None:
        """A node that was away for too long ends, and is started again."""
        if seconds > 3.0:
            await self.waits(2.0)
            for node in self._nodes:
                await node.ready()

    async def _slows(self) -> None:
        slow = self._any().wires.slowness
        slow.delay, slow.rate = self._dice.choice(((0.05, 0), (0.3, 0), (0.01, 20_000)))
        await self.waits(self._dice.uniform(1.0, 4.0))
        slow.delay, slow.rate = 0.0, 0

    async def _steps(self) -> None:
        node = self._any()
        node.step_clock(self._dice.choice((-7200.0, -30.0, 30.0, 7200.0)))
        await self.waits(self._dice.uniform(0.5, 3.0))
        node.step_clock(0.0)

    async def _upgrades(self) -> None:
        node = self._any()
        node.signals(signal.SIGUSR2)
        end = self._reactor.seconds() + 60
        while self._reactor.seconds() < end and not node.was_upgraded():
            await self.waits(0.1)
        await node.ready()

    async def _upgrades_all(self) -> None:
        """One daemon after the other. Where the database fails at that moment, the old process goes on."""
        for node in self._nodes:
            self.note(f"{node.name} is upgraded with status {await deferToThread(node.upgrade)}")
            node.was_upgraded()
            await node.ready()

    async def _restarts(self) -> None:
        await self._restart(self._any())

    async def _restart(self, node: Node) -> None:
        node.stop()
        while node.is_alive:
            await self.waits(0.1)
        await self._start(node)

    async def _restarts_all(self) -> None:
        """As a rolling upgrade without handing over does it: its people go to the others."""
        for node in self._nodes:
            await self._restart(node)


class DatabaseNemesis(Nemesis):
    """
    It disturbs the databases.

    @ivar promotions: of each, when the primary was killed, and when the standby had taken its place.
    """

    def __init__(self, *place: Any) -> None:
        super().__init__(*place)
        self.promotions: list[tuple[float, float]] = []
        self.rewound = 0

    async def _does(self, name: str, deed: Callable[[], Awaitable[None]]) -> None:
        await self._calm.acquire()
        try:
            await super()._does(name, deed)
        finally:
            self._calm.release()

    def kinds(self) -> Kinds:
        return {
            "kill -9 of the primary, and promotion of the standby": (2, self._fails_over),
            "kill -9 of the primary while its standby lags, and promotion": (1, self._fails_over_late),
            "kill -9 of the primary, and its restart": (1, self._crashes),
            "SIGSTOP of the primary for 1 s": (2, lambda: self._halts_primary(1.0)),
            "SIGSTOP of the primary for 4 s": (1, lambda: self._halts_primary(4.0)),
            "SIGSTOP of the standby for 1 s": (2, lambda: self._halts_standby(1.0)),
            "SIGSTOP of the standby for 4 s": (1, lambda: self._halts_standby(4.0)),
            "a slow disk": (2, self._slows_disk),
            "connections to the primary ended": (2, self._terminates),
            "waits for the standby cancelled": (2, self._cancels),
        }

    async def _fails_over_late(self) -> None:
        """What was answered meanwhile would be lost: nothing may be."""
        self._pair.standby.signals(signal.SIGSTOP)
        await self.waits(0.7)
        await self._fails_over()

    async def _fails_over(self) -> None:
        began = self._reactor.seconds()
        await deferToThread(self._pair.primary.kill)
        self._pair.standby.signals(signal.SIGCONT)
        await deferToThread(self._pair.promote)
        self.promotions.append((began, self._reactor.seconds()))
        await self.waits(self._dice.choice((0.0, 2.0)))
        self.rewound += await deferToThread(self._pair.rebuild, self._dice.random() < 0.5)

    async def _crashes(self) -> None:
        await deferToThread(self._pair.primary.kill)
        await self.waits(self._dice.choice((0.0, 2.0)))
        await deferToThread(self._pair.primary.start)
        await deferToThread(self._pair.make_synchronous)

    async def _halts_primary(self, seconds: float) -> None:
        primary = self._pair.primary
        primary.signals(signal.SIGSTOP)
        await self.waits(seconds)
        primary.signals(signal.SIGCONT)

    async def _halts_standby(self, seconds: float) -> None:
        self._pair.standby.signals(signal.SIGSTOP)
        await self.waits(seconds)
        self._pair.standby.signals(signal.SIGCONT)
        await deferToThread(self._pair.make_synchronous)

    async def _slows_disk(self) -> None:
        """Each commit waits for a tenth of a second before it is written to the disk."""
        primary = self._pair.primary
        await deferToThread(primary.set, "commit_siblings", "0")
        await deferToThread(primary.set, "commit_delay", "100000")
        await self.waits(self._dice.uniform(1.0, 4.0))
        await deferToThread(primary.set, "commit_delay", "0")

    async def _terminates(self) -> None:
        query = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'chatroom%'"
        await deferToThread(self._pair.primary.sql, query)

    async def _cancels(self) -> None:
        """The standby is away for a moment, and somebody cancels what waits for it."""
        query = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
        self._pair.standby.signals(signal.SIGSTOP)
        await self.waits(0.5)
        await deferToThread(self._pair.primary.sql, query)
        await self.waits(0.5)
        self._pair.standby.signals(signal.SIGCONT)
        await deferToThread(self._pair.make_synchronous)


def all_at_once(*raging: Awaitable[None]) -> Deferred[Any]:
    """Fires when all of these are over."""

    async def one(each: Awaitable[None]) -> None:
        await each

    return gatherResults([Deferred.fromCoroutine(one(each)) for each in raging], consumeErrors=True)
