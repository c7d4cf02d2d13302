"""
What chatroom set out to do, and whether it does: made of the results alone, so that nobody has to remember.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmarks.results import JOINS, MEMORY, OURS, P99, RATE, Measure, Row, Spread
from benchmarks.table import number

TWICE = ("room-200-100", "room-200-500", "room-1000", "room-5000")
"""Cells where it should do at least twice as much as the best of the others."""

MOST_MEMORY = 8 * 1024
"""Bytes that an idle connection may take."""

LATENCY = "latency-500"
RIVAL = "InspIRCd"
MORE = 0.002
"""In this cell, our p99 may be this many seconds above that one's."""

DEAF = "-deaf"
"""How cells with people who do not read end; without it, they are named as the same cell with nobody such."""

NO_WORSE = 2.0
"""So many times as long p99 may be with those people as without."""


@dataclass(frozen=True)
class Goal:
    """
    @ivar wish: in a few words. @ivar found: what was measured. @ivar reached: whether that will do.
    """

    wish: str
    found: str
    reached: bool


def goals(rows: Sequence[Row]) -> list[Goal]:
    """Each of them that these rows have something to say about."""
    return [*_rates(rows), *_memory(rows), *_latency(rows), *_deaf(rows)]


def _rates(rows: Sequence[Row]) -> Iterator[Goal]:
    for row in rows:
        ratio = row.ratio()
        if row.measure in (RATE, JOINS) and ratio is not None:
            least = 2.0 if row.cell in TWICE else 1.0
            what = "people join, " if row.measure is JOINS else ""
            share = "twice" if row.cell in TWICE else "as much as"
            wish = f"{row.title}: {what}at least {share} the best of the others"
            yield Goal(wish, f"{ratio:.2f} x {row.best_peer()}", round(ratio, 2) >= least)


def _ours(rows: Sequence[Row], measure: Measure) -> dict[str, tuple[Row, Spread]]:
    return {row.cell: (row, row.servers[OURS]) for row in rows if row.measure is measure and OURS in row.servers}


def _memory(rows: Sequence[Row]) -> Iterator[Goal]:
    for row, ours in _ours(rows, MEMORY).values():
        wish = f"{row.title}: an idle connection takes {number(MOST_MEMORY, MEMORY)} KiB at most"
        yield Goal(wish, f"{number(ours.middle, MEMORY)} KiB", ours.middle <= MOST_MEMORY)


def _latency(rows: Sequence[Row]) -> Iterator[Goal]:
    row, ours = _ours(rows, P99).get(LATENCY, (None, None))
    theirs = row.servers.get(RIVAL) if row is not None else None
    if row is not None and ours is not None and theirs is not None:
        yield Goal(
            f"{row.title}: p99 is no worse than {RIVAL}'s and {number(MORE, P99)} ms",
            f"{number(ours.middle, P99)} ms, {RIVAL} {number(theirs.middle, P99)} ms",
            ours.middle <= theirs.middle + MORE,
        )


def _deaf(rows: Sequence[Row]) -> Iterator[Goal]:
    ours = _ours(rows, P99)
    for cell, (row, deaf) in ours.items():
        if cell.endswith(DEAF) and cell.removesuffix(DEAF) in ours:
            _, without = ours[cell.removesuffix(DEAF)]
            yield Goal(
                f"{row.title}: the others lose nothing, and p99 does not double",
                f"{number(deaf.middle, P99)} ms, {number(without.middle, P99)} ms where all read",
                deaf.middle <= NO_WORSE * without.middle,
            )
