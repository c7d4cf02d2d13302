"""
How fast several nodes keep and tell on one PostgreSQL, on this machine, beside SQLite on the same disk.

C{python -m benchmarks.cluster URL} wants the URL of an empty database. Each node is a process with the whole backend:
its connections, its reactor, its listener. One node writes, or two; one that only listens is added to see its cost.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.task import react
from zope.interface import implementer

from chatroom.backends.postgres.backend import PostgresBackend
from chatroom.backends.sqlite.backend import SQLiteBackend
from chatroom.events import Event, Said
from chatroom.interfaces import IBackend, IListener

TEXT = "x" * 80
TURNS = {1: 1000, 100: 200}
"""How many turns are kept, by the lines in one."""


@implementer(IListener)
class Ear:
    """Counts what it hears, and notes how old each line of another node was then."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.count = 0
        self.ages: list[float] = []

    def heard(self, events: Sequence[Event]) -> None:
        """Count them."""
        self.count += len(events)
        now = time.monotonic()
        self.ages += [now - float(e.text.split()[0]) for e in events if isinstance(e, Said) and e.nick != self.name]

    def lost(self, node: str) -> None:
        """Never."""

    def evicted(self, sentence: str) -> None:
        """Never."""
        raise SystemExit(sentence)


def lines(node: str, size: int) -> list[Event]:
    """A turn of lines in fifty rooms, each with the time at which it was said."""
    return [Said(time.time(), f"room-{n % 50}", node, text=f"{time.monotonic()} {TEXT}") for n in range(size)]


async def flood(backend: IBackend, node: str, size: int) -> str:
    """As many turns as there are, one after the other."""
    wall, cpu = time.perf_counter(), time.process_time()
    for _ in range(TURNS[size]):
        await backend.keep(lines(node, size))
    count = size * TURNS[size]
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return (
        f"{count / wall:,.0f} lines/s  {wall / TURNS[size] * 1e3:.2f} ms a turn  {cpu / count * 1e6:.1f} us CPU a line"
    )


async def steady(reactor: Any, backend: IBackend, node: str, seconds: float, rate: float = 200.0) -> None:
    """A line at a time, so many in a second."""
    end = reactor.seconds() + seconds
    while reactor.seconds() < end:
        begun = reactor.seconds()
        await backend.keep(lines(node, 1))
        await pause(reactor, max(0.0, 1 / rate - (reactor.seconds() - begun)))


def pause(reactor: Any, seconds: float) -> Deferred[None]:
    """Some seconds."""
    over: Deferred[None] = Deferred()
    reactor.callLater(seconds, over.callback, None)
    return over


async def node(reactor: Any, url: str, name: str, job: str) -> None:
    """One process: what it does is a word, and what it has seen is printed."""
    backend, ear = PostgresBackend(url, reactor, time.time), Ear(name)
    await backend.start(name, ear)
    said = ""
    if job == "flood":
        said = await flood(backend, name, 100)
    elif job == "steady":
        await steady(reactor, backend, name, 10)
    else:
        cpu = time.process_time()
        await pause(reactor, float(job))
        used = time.process_time() - cpu
        said = f"{used / max(1, ear.count) * 1e6:.1f} us CPU a line heard ({ear.count:,}"
        said += f", median age {median(ear.ages) * 1e3:.2f} ms)" if ear.ages else ")"
    await backend.stop()
    report(f"{name}: {job}", said)


def report(what: str, figure: str) -> None:
    """A row of the table."""
    sys.stdout.write(f"{what:40}{figure:>80}\n")
    sys.stdout.flush()


def together(url: str, *jobs: str) -> None:
    """Nodes at the same time, each in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.cluster", url]
    running = [subprocess.Popen([*command, f"node{n}", job]) for n, job in enumerate(jobs)]
    for each in running:
        each.wait()


async def alone(reactor: Any, url: str) -> None:
    """One node on SQLite, and one on PostgreSQL."""
    with tempfile.TemporaryDirectory() as folder:
        for what, backend in (
            ("SQLite", SQLiteBackend(Path(folder) / "chatroom.sqlite", reactor, time.time)),
            ("PostgreSQL", PostgresBackend(url, reactor, time.time)),
        ):
            await backend.start("alone", Ear("alone"))
            for size in TURNS:
                report(f"{what}, {size} to a turn", await flood(backend, "alone", size))
            await backend.stop()


def main() -> None:
    """All of it, or one node of it."""
    url, *rest = sys.argv[1:]
    if rest:
        react(lambda reactor: Deferred.fromCoroutine(node(reactor, url, *rest)), [])
    if os.fork() == 0:
        react(lambda reactor: Deferred.fromCoroutine(alone(reactor, url)), [])
    os.wait()
    for what, jobs in (
        ("two nodes write all they can", ("flood", "flood")),
        ("two write, one listens", ("flood", "flood", "15")),
        ("200 lines a second, one listens", ("steady", "12")),
    ):
        report(what, "")
        together(url, *jobs)


if __name__ == "__main__":
    main()
