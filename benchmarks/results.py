"""
What was measured, and what follows from it: medians, spreads and ratios. No clock, no process; plain data in and out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any

OURS = "chatroom"

OWN = (OURS, "chatroom IRC")
"""What is compared with the others: the first one of these that was measured. None is a peer of another."""

FORMAT = 1
"""Of the JSON file."""


@dataclass(frozen=True)
class Measure:
    """
    What one number is.

    @ivar unit: as people read it. @ivar scale: what to multiply a value by for that.
    @ivar more_is_better: whether a greater value is the better one.
    """

    key: str
    title: str
    unit: str
    scale: float
    more_is_better: bool
    digits: int = 2


RATE = Measure("rate", "Lines delivered per second of the server's processor time", "millions", 1e-6, True)
P50 = Measure("p50", "Latency that half of all lines do not exceed", "ms", 1e3, False, 1)
P99 = Measure("p99", "Latency that 99 of 100 lines do not exceed", "ms", 1e3, False, 1)
LONGEST = Measure("longest", "Longest latency of all", "ms", 1e3, False, 1)
JOINS = Measure("joins", "People who connect, register and enter a room, per second of processor time", "", 1, True, 0)
MEMORY = Measure("memory", "Memory per idle connection", "KiB", 1 / 1024, False, 1)
LEFT = Measure("left", "Still connected at the end, of 50 who do not read", "", 1, True, 0)

MEASURES = {measure.key: measure for measure in (RATE, P50, P99, LONGEST, JOINS, MEMORY, LEFT)}


@dataclass(frozen=True)
class Sample:
    """
    One number, of one round.

    @ivar cell: what was done, a word. @ivar title: the same for people.
    @ivar measure: key of L{MEASURES}. @ivar value: in its unit before it is scaled: seconds, bytes, lines a second.
    @ivar facts: what it was made from, as it was read.
    """

    cell: str
    title: str
    server: str
    measure: str
    round: int
    value: float
    facts: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Spread:
    """The values of all rounds."""

    middle: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Iterable[float]) -> Spread:
        """@raise ValueError: there are none."""
        found = sorted(values)
        if not found:
            raise ValueError("nothing was measured")
        return cls(median(found), found[0], found[-1])


@dataclass(frozen=True)
class Row:
    """
    One cell of one measure: what each server did.

    @ivar servers: by name.
    """

    cell: str
    title: str
    measure: Measure
    servers: dict[str, Spread]

    def best_peer(self) -> str | None:
        """The best of the others; C{None} if there were none."""
        peers = {name: spread.middle for name, spread in self.servers.items() if name not in OWN}
        if not peers:
            return None
        pick = max if self.measure.more_is_better else min
        return pick(peers, key=lambda name: peers[name])

    def ratio(self) -> float | None:
        """How many times as good chatroom is as the best of the others."""
        peer = self.best_peer()
        own = next((name for name in OWN if name in self.servers), None)
        if peer is None or own is None:
            return None
        ours, theirs = self.servers[own].middle, self.servers[peer].middle
        if not self.measure.more_is_better:
            ours, theirs = theirs, ours
        return ours / theirs if theirs else None


def rows(samples: Sequence[Sample]) -> list[Row]:
    """In the order in which their first samples came."""
    found: dict[tuple[str, str], dict[str, list[float]]] = {}
    titles: dict[str, str] = {}
    for sample in samples:
        titles.setdefault(sample.cell, sample.title)
        by_server = found.setdefault((sample.cell, sample.measure), {})
        by_server.setdefault(sample.server, []).append(sample.value)
    return [
        Row(cell, titles[cell], MEASURES[key], {name: Spread.of(values) for name, values in by_server.items()})
        for (cell, key), by_server in found.items()
    ]


def with_afterwards(sample: Sample, seconds_per_line: float) -> Sample:
    """
    The same, had the server done at once what it puts off until nobody talks.

    @param seconds_per_line: of processor time, for each line that was said.
    """
    cpu = sample.facts["cpu"] + seconds_per_line * sample.facts["lines"]
    return Sample(
        sample.cell + "-all",
        f"{sample.title}, with deferred indexing",
        sample.server,
        sample.measure,
        sample.round,
        sample.facts["deliveries"] / cpu,
        {**sample.facts, "cpu": cpu},
    )


def as_json(samples: Sequence[Sample], about: dict[str, Any]) -> dict[str, Any]:
    """@param about: the machine, the versions, the time."""
    return {
        "format": FORMAT,
        **about,
        "measures": {key: measure.title for key, measure in MEASURES.items()},
        "summary": [
            {
                "cell": row.cell,
                "title": row.title,
                "measure": row.measure.key,
                "servers": {name: asdict(spread) for name, spread in row.servers.items()},
                "best_peer": row.best_peer(),
                "ratio": row.ratio(),
            }
            for row in rows(samples)
        ],
        "samples": [asdict(sample) for sample in samples],
    }


def from_json(made: dict[str, Any]) -> list[Sample]:
    """@raise ValueError: it is of another format."""
    if made.get("format") != FORMAT:
        raise ValueError(f"not format {FORMAT}: {made.get('format')!r}")
    return [Sample(**sample) for sample in made["samples"]]
