"""
How fast the SQLite backend keeps, indexes, finds and forgets, on this machine.

C{python benchmarks/backend.py [LINES]} makes a database in a temporary folder (C{TMPDIR} says where: on a real disk),
says so many lines (200,000), and prints a table. Every figure goes through the whole backend: its threads, commits
with C{synchronous=FULL}, and the reactor.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from functools import partial
from itertools import accumulate
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.task import react
from zope.interface import implementer

from chatroom.backends.sqlite.backend import SQLiteBackend
from chatroom.events import Event, RoomEvent, Said
from chatroom.interfaces import IListener

NOW = 1_700_000_000.0
LINE = 80
"""Characters in a line of talk."""


@implementer(IListener)
class Listener:
    """Counts what it hears."""

    def __init__(self) -> None:
        self.count = 0

    def heard(self, events: Sequence[Event]) -> None:
        """Count them."""
        self.count += len(events)

    def has_readers(self) -> bool:
        """Always."""
        return True

    def lost(self, node: str) -> None:
        """Never."""

    def evicted(self, sentence: str) -> None:
        """Never."""


class Talk:
    """Lines whose words are as common and as rare as those of a language (Zipf's law)."""

    def __init__(self, words: int = 20_000) -> None:
        self.random = random.Random(5)
        letters = "abcdefghijklmnopqrstuvwxyz"
        self.words = ["".join(self.random.choices(letters, k=self.random.randint(2, 9))) for _ in range(words)]
        self._weights = list(accumulate(1 / (rank + 1) for rank in range(words)))

    def line(self, room: str = "lobby") -> Said:
        """Somebody says something."""
        text = " ".join(self.random.choices(self.words, cum_weights=self._weights, k=16))[:LINE]
        return Said(NOW, room, f"guest{self.random.randrange(200)}", text=text)

    def batches(self, count: int, size: int) -> list[list[Said]]:
        """Turns of so many lines each; one in fifty is said in a small room."""
        return [
            [self.line("lobby" if self.random.random() < 0.98 else "attic") for _ in range(size)] for _ in range(count)
        ]


def report(what: str, figure: str) -> None:
    """A row of the table."""
    sys.stdout.write(f"{what:58}{figure:>42}\n")
    sys.stdout.flush()


async def timed(work: Awaitable[object]) -> tuple[float, float]:
    """Seconds on the clock and seconds of this process's CPU."""
    wall, cpu = time.perf_counter(), time.process_time()
    await work
    return time.perf_counter() - wall, time.process_time() - cpu


async def keep_all(backend: SQLiteBackend, batches: Sequence[Sequence[RoomEvent]]) -> None:
    """One turn after the other."""
    for batch in batches:
        await backend.keep(batch)


class Burning:
    """A reactor that is never idle: each turn burns 10 milliseconds in Python."""

    def __init__(self, reactor: Any) -> None:
        self._reactor = reactor
        self._call = reactor.callLater(0, self._burn)

    def _burn(self) -> None:
        until = time.perf_counter() + 0.01
        while time.perf_counter() < until:
            pass
        self._call = self._reactor.callLater(0, self._burn)

    def stop(self) -> None:
        """Be idle again."""
        self._call.cancel()


async def keeping(backend: SQLiteBackend, talk: Talk, reactor: Any) -> None:
    """Lines a second, by the size of a turn."""
    for size, turns in ((1, 2000), (10, 2000), (100, 300), (500, 100)):
        batches = talk.batches(turns, size)
        wall, cpu = await timed(keep_all(backend, batches))
        lines = size * turns
        report(
            f"keep, {size} to a turn",
            f"{lines / wall:,.0f} lines/s  {wall / turns * 1e3:.2f} ms  {cpu / lines * 1e6:.1f} us CPU",
        )
    burning = Burning(reactor)
    batches = talk.batches(20, 500)
    wall, _ = await timed(keep_all(backend, batches))
    burning.stop()
    report("keep, 500 to a turn, the reactor saturated", f"{10_000 / wall:,.0f} lines/s  {wall / 20 * 1e3:.1f} ms")


async def finding(backend: SQLiteBackend, talk: Talk) -> None:
    """Milliseconds a search, and a page of history."""
    searches = {
        "the commonest word": (["lobby"], talk.words[:1]),
        "a word of the middle": (["lobby"], talk.words[300:301]),
        "a rare word": (["lobby"], talk.words[-9:-8]),
        "three words": (["lobby"], talk.words[10:13]),
        "the commonest word, in a small room": (["attic"], talk.words[:1]),
        "a word nobody said": (["lobby"], ["xyzzyxyzzy"]),
        ":-) through the last 100,000 lines": (["lobby"], [":-)"]),
    }
    for what, (rooms, words) in searches.items():
        found = await backend.search(rooms, words, None, 50)
        wall, _ = await timed(repeat(20, partial(backend.search, rooms, words, None, 50)))
        report(f"search for {what} ({len(found.events)} found)", f"{wall / 20 * 1e3:.2f} ms")
    for limit in (20, 1000):
        last = partial(backend.history, "lobby", after=None, before=None, limit=limit, talk=True)
        wall, cpu = await timed(repeat(200, last))
        report(f"the last {limit} lines of a room", f"{wall / 200 * 1e3:.2f} ms  {cpu / 200 * 1e6:.0f} us CPU")


async def repeat(times: int, work: Callable[[], Awaitable[object]]) -> None:
    """One after the other."""
    for _ in range(times):
        await work()


async def benchmark(reactor: Any, lines: int, folder: Path) -> None:
    """The whole table."""
    path, talk = folder / "chatroom.sqlite", Talk()
    backend, listener = SQLiteBackend(path, reactor, time.time), Listener()
    await backend.start("bench", listener)
    await keeping(backend, talk, reactor)
    wall, _ = await timed(keep_all(backend, talk.batches(max(0, lines - listener.count) // 1000, 1000)))
    waiting = backend._upkeep._backlog
    wall, cpu = await timed(backend.search(["lobby"], ["tea"], None, 1))
    report(f"first search, {waiting:,} lines not yet indexed", f"{wall:.2f} s  {cpu / waiting * 1e6:.1f} us CPU a line")
    await finding(backend, talk)
    await backend.stop()
    report(
        f"file with {listener.count:,} lines of {LINE} characters",
        f"{path.stat().st_size / listener.count:.0f} bytes a line",
    )
    backend = SQLiteBackend(path, reactor, time.time)
    wall, _ = await timed(backend.start("bench", listener))
    report("start", f"{wall * 1e3:.1f} ms")
    wall, _ = await timed(backend.expire(None, 1000))
    report(f"forget all but 1,000 of {listener.count:,}", f"{wall:.2f} s")
    await backend.stop()


def main(reactor: Any) -> Deferred[None]:
    """Run it."""
    lines = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000

    async def run() -> None:
        with tempfile.TemporaryDirectory() as folder:
            await benchmark(reactor, lines, Path(folder))

    made: Coroutine[Any, Any, None] = run()
    return Deferred.fromCoroutine(made)


if __name__ == "__main__":
    react(main)
