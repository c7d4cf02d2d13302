"""
One node of a server, in a process of its own: everything of a daemon but its doors, with people who have no connection.

C{python -m benchmarks.node WHERE NAME} starts a hub on a backend: C{WHERE} is a URL of PostgreSQL, or a folder for
SQLite. Each line that it reads is a job in JSON, and each line that it writes is what came of one. It knows nothing of
what is measured by that: L{benchmarks.cluster} does.
"""

from __future__ import annotations

import gc
import json
import random
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from twisted.internet import stdio
from twisted.internet.defer import Deferred
from twisted.internet.task import react
from twisted.protocols.basic import LineOnlyReceiver
from zope.interface import implementer

from benchmarks import procfs
from chatroom.auth.credentials import Credentials
from chatroom.auth.entrance import Entrance
from chatroom.auth.passwords import Passwords
from chatroom.backends.postgres.backend import PostgresBackend
from chatroom.backends.sqlite.backend import SQLiteBackend
from chatroom.events import SERVER, Arrived, Event, Joined, RoleSet, RoomCreated, Said, TopicSet
from chatroom.interfaces import IForm, Receipt
from chatroom.limits import Limits
from chatroom.plugins.find import find
from chatroom.server.hub import Hub
from chatroom.server.services import Services, make_services
from chatroom.server.session.null_ear import NullEar
from chatroom.tap import keeping_all

ROOMS = 50
"""Rooms in which lines are said."""

TEXT = "x" * 64
"""What is said, behind the time at which it is said: 80 characters in all."""

PIECE = 500
"""Events that are kept at once where many are made that nobody said."""


@implementer(IForm)
class Blank:
    """Writes nothing."""

    echoes = False

    def render(self, events: Sequence[Event], reader: str = "") -> list[bytes]:
        """As many pieces as there are events."""
        return [b""] * len(events)


class Ear(NullEar):
    """Hears and writes nothing."""

    once = True
    blank = Blank()

    def form(self, room: str) -> IForm:
        """The same for all."""
        return self.blank


class _CountingHub(Hub):
    """It says what it has told, and does not count as one who reads that."""

    def __init__(self, services: Services, told: Callable[[Sequence[Event]], None]) -> None:
        super().__init__(services)
        self._has_told = told

    def heard(self, events: Sequence[Event]) -> None:
        super().heard(events)
        self._has_told(events)


class Node:
    """
    A hub, and the jobs that it can be given: methods that are coroutines, called by the name in C{do}.

    @ivar heard: lines that were told here. @ivar ages: how old each line of another node was, in seconds, if wished.
    """

    def __init__(self, reactor: Any, where: str, name: str) -> None:
        limits = Limits()
        if where.startswith("postgresql:"):
            self.backend: Any = PostgresBackend(where, reactor, time.time)
        else:
            self.backend = SQLiteBackend(Path(where) / "chatroom.sqlite", reactor, time.time)
        passwords = Passwords(None, limits)  # type: ignore[arg-type]  # nobody has a password
        credentials = Credentials(self.backend, passwords, limits, time.time)
        entrance = Entrance(credentials, passwords, limits, reactor.seconds)
        self.services = make_services(self.backend, find(), entrance, limits, reactor, time.time, node=name)
        self.hub = _CountingHub(self.services, self._told)
        self.name = name
        self.heard = 0
        self.ages: list[float] = []
        self.ageing = False
        self._reactor = reactor
        self._people: list[Any] = []
        self._until = 0.0
        self._begun = time.process_time()
        self._heard_before = 0
        self._said = 0
        self._random = random.Random(7)

    def _told(self, events: Sequence[Event]) -> None:
        self.heard += len(events)
        if self.ageing:
            now = time.monotonic()
            mine = f"{self.name}-"
            self.ages += [
                now - float(e.text[:15]) for e in events if isinstance(e, Said) and not e.nick.startswith(mine)
            ]

    async def start(self) -> dict[str, float]:
        """Take part. @return: seconds of processor time and of the clock that it took."""
        wall, cpu = time.perf_counter(), time.process_time()
        with keeping_all():
            await self.hub.start()
        return {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall}

    async def enter(self, people: int) -> dict[str, float]:
        """Let people in, each into one room of L{ROOMS}."""
        for number in range(people):
            caller: Any = self.hub.enter(Ear(), "", "line")
            await caller.register(f"{self.name}-{number}", lobby=False)
            room = f"room-{number % ROOMS}"
            if room in self.services.chat.state.rooms:
                await caller.join(room)
            else:
                await caller.create(room)
            self._people.append((caller, room))
        return {}

    async def begin(self, ages: bool = False) -> dict[str, float]:
        """Count from now on."""
        gc.collect()
        self.ages, self.ageing = [], ages
        self._heard_before, self._begun, self._said = self.heard, time.process_time(), 0
        return {}

    async def report(self) -> dict[str, float]:
        """@return: what was counted: processor time in seconds, lines told, the median age in seconds."""
        return {
            "cpu": time.process_time() - self._begun,
            "heard": self.heard - self._heard_before,
            "said": self._said,
            "age": median(self.ages) if self.ages else 0.0,
            "memory": procfs.parse_resident(Path("/proc/self/status").read_text()),
        }

    async def flood(self, seconds: float, under_way: int) -> dict[str, float]:
        """As many lines as it can: so many are always under way."""
        self._until = time.monotonic() + seconds
        for number in range(under_way):
            self._say(number % len(self._people), again=True)
        await self._pause(seconds)
        await self.services.batches.drain()
        return {}

    async def steady(self, seconds: float, rate: float) -> dict[str, float]:
        """So many lines a second, at times of their own."""
        due = time.monotonic()
        end = due + seconds
        while (now := time.monotonic()) < end:
            while due <= now:
                self._say(self._said % len(self._people))
                due += self._random.expovariate(rate)
            await self._pause(max(0.0, due - time.monotonic()))
        await self.services.batches.drain()
        return {}

    def _say(self, who: int, again: bool = False) -> None:
        caller, room = self._people[who]
        receipt: Receipt = caller.say(f"{time.monotonic():15.6f} {TEXT}", room)
        self._said += 1
        if again:
            receipt.kept = partial(self._say_again, who)

    def _say_again(self, who: int, outcome: object) -> None:
        if time.monotonic() < self._until:
            self._say(who, again=True)

    async def rooms(self, count: int) -> dict[str, float]:
        """Make rooms that stay, each with an owner, and every fourth with a topic."""
        now = self.services.now()
        for first in range(0, count, PIECE):
            events: list[Event] = []
            for number in range(first, min(count, first + PIECE)):
                name, owner = f"kept-{number}", f"owner-{number}"
                events += [RoomCreated(now, name, owner, keep=True), RoleSet(now, name, owner, who=owner, role="owner")]
                if number % 4 == 0:
                    events.append(TopicSet(now, name, owner, text=f"what {name} is about"))
            await self.services.batches.happen(*events)
        return {}

    async def crowd(self, people: int, before: int = 0) -> dict[str, float]:
        """Let people without a connection be on line here, each in the lobby and in a room with nine others."""
        now = self.services.now()
        for first in range(before, before + people, PIECE):
            events: list[Event] = []
            for number in range(first, first + PIECE):
                nick = f"{self.name}-somebody-{number}"
                visit = f"~{self.name}:{now + number:.3f}:{number}"
                events.append(Arrived(now, SERVER, nick, node=self.services.node, visit=visit, origin="192.0.2.7"))
                events += [Joined(now, room, nick, guest=True) for room in ("lobby", f"crowd-{number // 10}")]
            await self.services.batches.happen(*events)
        return {}

    async def stop(self) -> dict[str, float]:
        """Take part no more."""
        await self.hub.stop()
        return {}

    def _pause(self, seconds: float) -> Deferred[None]:
        over: Deferred[None] = Deferred()
        self._reactor.callLater(seconds, over.callback, None)
        return over


class Jobs(LineOnlyReceiver):
    """Jobs come on standard input, one at a time."""

    delimiter = b"\n"

    def __init__(self, node: Node, over: Deferred[None]) -> None:
        self._node = node
        self._over = over

    def lineReceived(self, line: bytes) -> None:
        """Do it, and say what came of it."""
        job: dict[str, Any] = json.loads(line)
        Deferred.fromCoroutine(self._work(job.pop("do"), job))

    async def _work(self, what: str, job: dict[str, Any]) -> None:
        try:
            found: dict[str, Any] = await getattr(self._node, what)(**job)
        except Exception:  # noqa: BLE001 who asked says it
            found = {"failed": traceback.format_exc()}
        assert self.transport is not None
        self.transport.write(json.dumps(found).encode() + self.delimiter)
        if what == "stop":
            self.connectionLost()

    def connectionLost(self, reason: Any = None) -> None:
        """Nobody asks any more."""
        if not self._over.called:
            self._over.callback(None)


def main(reactor: Any) -> Deferred[None]:
    """One node, until it is stopped."""
    where, name = sys.argv[1:]
    over: Deferred[None] = Deferred()
    stdio.StandardIO(Jobs(Node(reactor, where, name), over), reactor=reactor)
    return over


if __name__ == "__main__":
    react(main)
