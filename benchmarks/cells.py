"""
What is measured: who comes together, and what they say. Plain data.

How much is said in a cell is chosen so that the slowest server here takes some seconds for it: enough for clock ticks
of 10 milliseconds not to matter. In all servers the same people say the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from benchmarks.load import Gathering, Talk

FILL = Talk(lines=12_000, size=400, talkers=150, under_way=150)
"""Said to people who do not read, before it is measured: 5 MB each, more than the kernel holds for anybody."""


@dataclass(frozen=True)
class Cell:
    """
    One line of the table.

    @ivar key: a word for programs. @ivar title: a few words for people.
    @ivar quick: it is measured in a quick run as well.
    """

    key: str
    title: str
    talk: Talk
    quick: bool = False

    @property
    def open_loop(self) -> bool:
        """It is about latency, and not about processor time."""
        return self.talk.rate > 0


@dataclass(frozen=True)
class Group:
    """Cells for the same people, who stay connected from one cell to the next."""

    key: str
    gathering: Gathering
    cells: tuple[Cell, ...]
    afterwards: bool = False
    """Measure what a server still does when everybody is silent."""
    without: tuple[str, ...] = ()
    """Servers that are left out, because they take minutes: to let so many into one room, or to tell them anything."""

    @property
    def deaf(self) -> bool:
        """Some of them stop reading before anything is measured."""
        return self.gathering.deaf > 0


@dataclass(frozen=True)
class Crowd:
    """
    People who come in, ten to a room, and say nothing.

    @ivar sizes: how many there are when memory is looked at; the first is also how many come in for the clock.
    @ivar once: servers that are measured in the first round alone, because they take minutes to let so many in.
    """

    sizes: tuple[int, ...] = (5000, 9000)
    once: tuple[str, ...] = ("ngIRCd", "NATS")

    @property
    def gathering(self) -> Gathering:
        """All of them."""
        return Gathering(self.sizes[-1], self.sizes[-1] // 10)


def _latency(rate: int, lines: int, quick: bool = False, *, deaf: bool = False) -> Cell:
    title = f"{rate:,} lines a second into 200" + (", 50 not reading" if deaf else "")
    talk = Talk(lines=lines, rate=float(rate), talkers=150 if deaf else 200)
    return Cell(f"latency-{rate}" + ("-deaf" if deaf else ""), title, talk, quick)


def _closed(key: str, title: str, lines: int, under_way: int, *, quick: bool = False, **other: object) -> Cell:
    return Cell(key, title, replace(Talk(lines=lines, under_way=under_way), **other), quick)  # type: ignore[arg-type]


GROUPS = (
    Group(
        "room-200",
        Gathering(200, 1, talkers=200),
        (
            _closed("room-200-10", "room of 200, 10 in flight", 2_000, 10, quick=True),
            _closed("room-200-100", "room of 200, 100 in flight", 8_000, 100, quick=True),
            _closed("room-200-500", "room of 200, 500 in flight", 20_000, 500, quick=True),
            _closed("room-200-long", "room of 200, 100 in flight, 400 bytes", 3_000, 100, size=400),
            _closed("room-200-other", "room of 200, 100 in flight, not ASCII", 5_000, 100, ascii=False),
            _closed(
                "room-200-other-long",
                "room of 200, 100 in flight, 400 bytes, not ASCII",
                3_000,
                100,
                size=400,
                ascii=False,
            ),
            _latency(100, 300),
            _latency(500, 1_500, quick=True),
            _latency(2000, 5_000),
        ),
    ),
    Group(
        "deaf",
        Gathering(200, 1, talkers=150, deaf=50),
        (_latency(100, 300, deaf=True), _latency(500, 1_500, deaf=True), _latency(2000, 5_000, deaf=True)),
    ),
    Group(
        "room-1000",
        Gathering(1000, 1, talkers=500),
        (_closed("room-1000", "room of 1,000, 500 in flight", 4_000, 500, talkers=500),),
    ),
    Group(
        "room-5000",
        Gathering(5000, 1, talkers=500),
        (_closed("room-5000", "room of 5,000, 500 in flight", 1_000, 500, talkers=500),),
        without=("ngIRCd", "NATS"),
    ),
    Group(
        "rooms",
        Gathering(200, 20, talkers=200),
        (_closed("rooms-20", "20 rooms of 10, 500 in flight", 40_000, 500, quick=True),),
        afterwards=True,
    ),
    Group(
        "whispers",
        Gathering(200, 100, talkers=200),
        (_closed("whispers", "whispers, 500 in flight", 40_000, 500, quick=True, whispers=True),),
    ),
)

CROWD = Crowd()


def quick(groups: tuple[Group, ...]) -> Iterator[Group]:
    """Fewer cells, with a third of the lines."""
    for group in groups:
        cells = tuple(_shorter(cell) for cell in group.cells if cell.quick)
        if cells:
            yield replace(group, cells=cells)


def _shorter(cell: Cell) -> Cell:
    return replace(cell, talk=replace(cell.talk, lines=cell.talk.lines // 3))
