"""
The run itself: servers take turns, cell by cell and round by round, and all but one are frozen meanwhile.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from benchmarks.cells import FILL, Cell, Crowd, Group
from benchmarks.load import Gathering, LoadFailed, LoadProcess, Outcome, Talk, build
from benchmarks.results import JOINS, LEFT, LONGEST, MEMORY, P50, P99, RATE, Sample, with_afterwards
from benchmarks.running import Running
from benchmarks.servers import Server

PATIENCE = 60.0
"""Seconds that one cell may take."""

WARM_UP = 4
"""So many times less is said before it counts."""

PUT_OFF = 3.0
"""Seconds after which a server begins, at the latest, what it puts off until nobody talks."""


def say(text: str) -> None:
    """Progress, for who waits."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


class Party:
    """A server that runs, and the people in it."""

    def __init__(self, server: Server, port: int, cores: tuple[int, int], library: Path, gathering: Gathering) -> None:
        """@param cores: the server's, and that of the load."""
        self.name = server.name
        self.lines = 0
        self.running = Running(server, port, cores[0])
        try:
            self.load = LoadProcess(cores[1], library, port, server.dialect, gathering)
        except BaseException:
            self.running.close()
            raise

    def gather(self, upto: int | None = None) -> float:
        """
        Let people in.

        @return: how many came for a second of the server's processor time.
        """
        before = self.running.cpu()
        came: int = self.load.ask("gather", upto)
        return came / max(self.running.cpu() - before, 0.01)

    def talk(self, talk: Talk) -> tuple[Outcome, float]:
        """
        Say this, after a little of the same that does not count.

        @return: with the seconds of processor time it took.
        """
        warm_up = max(talk.lines // WARM_UP, talk.under_way, 1)
        self.load.ask("talk", replace(talk, lines=warm_up), PATIENCE)
        before = self.running.cpu()
        outcome: Outcome = self.load.ask("talk", talk, PATIENCE)
        took = self.running.cpu() - before
        self.lines += talk.lines + warm_up
        return outcome, took

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Run, within; and be frozen before and after."""
        self.running.thaw()
        yield
        self.running.freeze()

    def close(self) -> None:
        """Everybody goes, and the server ends."""
        self.running.thaw()
        self.load.close()
        self.running.close()


class Bench:
    """
    @ivar samples: all that was measured.
    """

    def __init__(self, servers: Sequence[Server], rounds: int, port: int, cores: tuple[int, int]) -> None:
        """@param port: of the first server; the others get those behind it."""
        self.samples: list[Sample] = []
        self._servers = servers
        self._rounds = rounds
        self._port = port
        self._cores = cores
        self._folder = tempfile.TemporaryDirectory(prefix="chatroom-bench-")
        self._library = build(Path(self._folder.name))

    def _party(self, server: Server, gathering: Gathering) -> Party:
        port = self._port + list(self._servers).index(server)
        return Party(server, port, self._cores, self._library, gathering)

    def run_group(self, group: Group) -> None:
        """@raise LoadFailed: a line was not delivered as it was said."""
        with ExitStack() as stack:
            servers = [server for server in self._servers if server.name not in group.without]
            parties = [self._open(stack, server, group) for server in servers]
            for number in range(1, self._rounds + 1):
                for cell in group.cells:
                    for party in parties:
                        with _blaming(party, cell.title), party.turn():
                            self._measure(party, cell, number)
            for party in parties:
                with party.turn():
                    if group.afterwards:
                        self._add_afterwards(party, group.cells)
                    if group.deaf:
                        self._add(group.cells[-1], party, LEFT.key, self._rounds, party.load.ask("still_here"))

    def _open(self, stack: ExitStack, server: Server, group: Group) -> Party:
        say(f"{server.name}: {group.gathering.people:,} people join")
        party = self._party(server, group.gathering)
        stack.callback(party.close)
        with _blaming(party, "coming in"):
            party.gather()
            if group.deaf:
                party.load.ask("deafen")
                party.load.ask("talk", FILL, PATIENCE)
        party.running.rest(3.0)
        party.running.freeze()
        return party

    def _measure(self, party: Party, cell: Cell, number: int) -> None:
        outcome, took = party.talk(cell.talk)
        facts = {
            "cpu": took,
            "deliveries": outcome.deliveries,
            "elapsed": outcome.elapsed,
            "lines": cell.talk.lines,
        }
        if outcome.latencies is None:
            rate = outcome.deliveries / max(took, 0.01)
            self._add(cell, party, RATE.key, number, rate, facts)
            say(f"{party.name}: {cell.title}: {rate / 1e6:.2f} million a second ({outcome.elapsed:.1f} s)")
            return
        for measure, value in zip((P50, P99, LONGEST), outcome.latencies, strict=True):
            self._add(cell, party, measure.key, number, value, facts)
        p50, p99, longest = (f"{value * 1e3:.1f}" for value in outcome.latencies)
        say(f"{party.name}: {cell.title}: p50 {p50} ms, p99 {p99} ms, longest {longest} ms, {took:.2f} s of CPU")

    def _add(
        self, cell: Cell, party: Party, measure: str, number: int, value: float, facts: dict[str, float] | None = None
    ) -> None:
        self.samples.append(Sample(cell.key, cell.title, party.name, measure, number, value, facts or {}))

    def _add_afterwards(self, party: Party, cells: Sequence[Cell]) -> None:
        """What the server does now, it does for all that was said."""
        before = party.running.cpu()
        party.load.ask("rest", PUT_OFF)
        party.running.rest(20.0)
        seconds = (party.running.cpu() - before) / party.lines
        say(f"{party.name}: afterwards {seconds * 1e6:.2f} microseconds of CPU a line")
        keys = [cell.key for cell in cells]
        for sample in list(self.samples):
            if sample.server == party.name and sample.cell in keys:
                self.samples.append(with_afterwards(sample, seconds))

    def run_crowd(self, crowd: Crowd) -> None:
        """@raise LoadFailed:"""
        for number in range(1, self._rounds + 1):
            for server in self._servers:
                if number > 1 and server.name in crowd.once:
                    continue
                party = self._party(server, crowd.gathering)
                try:
                    with _blaming(party, "a crowd"):
                        self._measure_crowd(party, crowd, number)
                finally:
                    party.close()

    def _measure_crowd(self, party: Party, crowd: Crowd, number: int) -> None:
        for at, size in enumerate(crowd.sizes):
            joins = party.gather(size)
            party.running.rest(3.0)
            memory = (party.running.memory() - party.running.idle_memory) / size
            say(f"{party.name}: {size:,} people: {joins:,.0f} joins a second, {memory / 1024:.1f} KiB each")
            if at == 0:
                title = f"{size:,} people, ten to a room"
                self.samples.append(Sample(f"joins-{size}", title, party.name, JOINS.key, number, joins))
            title = f"{size:,} people"
            self.samples.append(Sample(f"memory-{size}", title, party.name, MEMORY.key, number, memory))

    def close(self) -> None:
        """Remove what was made."""
        self._folder.cleanup()


@contextmanager
def _blaming(party: Party, what: str) -> Iterator[None]:
    """Say in whose turn it was that a line went astray."""
    try:
        yield
    except LoadFailed as error:
        raise LoadFailed(f"{party.name}, {what}: {error}.") from error
