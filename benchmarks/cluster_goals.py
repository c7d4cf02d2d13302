"""
What several nodes on one PostgreSQL set out to do, and whether they do: made of the figures of L{benchmarks.cluster}
alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from benchmarks.goals import Goal

RATE = 25_000
"""Durable lines a second that two nodes keep, at least."""

EXTRA = {"flood": 10.0, "steady": 60.0}
"""Microseconds of processors a line that a node without people may cost, with PostgreSQL's processes that serve it."""

LATENCY = 2.0
"""Milliseconds from one node to another at the median; or so many times as long as a commit."""

START = 1.0
"""Seconds of processors that a start with 20,000 rooms may take."""

PERSON = 1024
"""Bytes that a person of another node may take."""

CASES = {
    "alone": "PostgreSQL alone, to which one program writes 100 lines in each commit",
    "SQLite, flood": "one daemon on SQLite, in bulk",
    "SQLite, steady": "one daemon on SQLite, at 1,000 lines a second",
    "one node, flood": "one node, in bulk",
    "two nodes, flood": "two nodes with people, in bulk",
    "a third that listens, flood": "two nodes with people and one without, in bulk",
    "two nodes, steady": "one node with people and one without, at 1,000 lines a second",
    "a third that listens, steady": "one node with people and two without, at 1,000 lines a second",
    "north to south": "two nodes with people, at 200 lines a second, all said on north",
    "start": "the start of a second node, with 20,000 rooms",
    "memory": "a node, while 20,000 people come to another one",
}
"""What the cells of L{benchmarks.cluster} are, for who reads the page."""

MEASURES = {
    "lines a second": "lines a second",
    "us a line in all": "µs a line, all processes",
    "us a line, PostgreSQL": "µs a line, PostgreSQL",
    "us a line": "µs a line, PostgreSQL and the program",
    "ms a commit of one line": "ms for a commit of one line, where the next follows at once",
    "ms a commit of one line, as rare": "ms for a commit of one line by a program that does nothing else",
    "ms, the median": "ms from saying a line on north until a person on south reads it",
    "s of the clock": "seconds by the clock",
    "s of processors": "seconds of processor time",
    "bytes a remote person": "bytes of memory for each of these people",
}
"""What is measured there."""

QUIET = 0.1
"""The share of the processors that others may use where rates and times are those of a quiet machine."""

BUSY = ", so a quiet machine has higher rates and shorter times. Processor time differs less."
"""What the page says otherwise."""

MARK = ".. Made by `make cluster`; do not edit."


class Figures:
    """
    A run.

    @ivar about: when, where, and of what.
    """

    def __init__(self, values: Mapping[str, float], about: Mapping[str, Any]) -> None:
        """@param values: the median of all rounds, by the name of a figure."""
        self._values = values
        self.about = about

    def goals(self) -> Sequence[Goal]:
        """Each of them that these figures have something to say about."""
        made = (self._rate, self._extra, self._latency, self._start, self._memory)
        return [goal for find in made for goal in find()]

    def _has(self, *names: str) -> bool:
        return all(name in self._values for name in names)

    def _rate(self) -> Iterator[Goal]:
        rate, cost = "two nodes, flood: lines a second", "two nodes, flood: us a line in all"
        if self._has(rate, cost):
            found = f"{self._values[rate]:,.0f} lines a second, {self._values[cost]:.0f} µs a line, all processes"
            yield Goal(f"two nodes keep {RATE:,} lines a second", found, self._values[rate] >= RATE)

    def _extra(self) -> Iterator[Goal]:
        for what, most in EXTRA.items():
            node = f"a third that listens, {what}: us a line, west listens"
            engine = f"a third that listens, {what}: us a line, PostgreSQL for west"
            if self._has(node, engine):
                own, more = self._values[node], self._values[engine]
                where = "in bulk" if what == "flood" else "at 1,000 lines a second"
                wish = f"a node without people costs {most:.0f} µs a line at most {where}"
                yield Goal(
                    wish,
                    f"{own:.1f} µs in the node, {more:.1f} µs in PostgreSQL's processes that serve it",
                    own + more <= most,
                )

    def _latency(self) -> Iterator[Goal]:
        age, commit = "north to south: ms, the median", "north to south: ms a commit of one line, as rare"
        if self._has(age, commit):
            most = max(LATENCY, 2 * self._values[commit])
            found = f"{self._values[age]:.2f} ms, a commit at this rate takes {self._values[commit]:.2f} ms"
            wish = f"a line goes from one node to another in {LATENCY:.0f} ms, or in the time of two commits"
            yield Goal(wish, found, self._values[age] <= most)

    def _start(self) -> Iterator[Goal]:
        cpu, wall = "start: s of processors", "start: s of the clock"
        if self._has(cpu, wall):
            found = f"{self._values[cpu]:.2f} s of processors, {self._values[wall]:.2f} s of the clock"
            yield Goal(
                f"a start with 20,000 rooms takes {START:.0f} s of processors at most",
                found,
                self._values[cpu] <= START,
            )

    def _memory(self) -> Iterator[Goal]:
        person = "memory: bytes a remote person"
        if self._has(person):
            wish = f"a person on another node takes {PERSON:,} bytes of memory at most"
            yield Goal(wish, f"{self._values[person]:,.0f} bytes", self._values[person] <= PERSON)

    def ratios(self) -> Iterator[tuple[str, float]]:
        """How one figure of this run stands to another: what stays the same where the machine has others to serve."""
        names = {
            "lines a second of two nodes, to PostgreSQL alone": (
                "two nodes, flood: lines a second", "alone: lines a second",
            ),
            "processors a line in bulk of one node, to SQLite": (
                "one node, flood: us a line in all", "SQLite, flood: us a line in all",
            ),
            "processors a line in bulk of two nodes, to SQLite": (
                "two nodes, flood: us a line in all", "SQLite, flood: us a line in all",
            ),
            "processors a line at 1,000 a second of two nodes, to SQLite": (
                "two nodes, steady: us a line in all", "SQLite, steady: us a line in all",
            ),
        }  # fmt: skip
        for what, (one, other) in names.items():
            if self._has(one, other):
                yield what, self._values[one] / self._values[other]

    def rows(self) -> Iterator[tuple[str, str, str]]:
        """Every figure, as it is shown: in which case, what is measured, and how much it is."""
        shown = ""
        for name, value in self._values.items():
            case, what = described(name)
            yield case if case != shown else "", what, f"{value:,.0f}" if value >= 100 else f"{value:.2f}"
            shown = case


def described(name: str) -> tuple[str, str]:
    """@return: for who reads the page, in which case a figure was taken, and what it measures."""
    case, _, what = name.partition(": ")
    measured = MEASURES.get(what)
    if measured is None:
        unit, _, who = what.replace("us", "µs", 1).partition(", ")
        node, _, role = who.partition(" ")
        if node == "PostgreSQL":
            measured = f"{unit}, PostgreSQL's processes that serve {role.removeprefix('for ')} (a part of it)"
        else:
            measured = f"{unit}, node {node}, {'with' if role == 'talks' else 'without'} people"
    return CASES[case], measured


def restructured(figures: Figures) -> str:
    """The page that docs/cluster.rst includes."""
    about = figures.about
    times = "once" if about["rounds"] == 1 else f"in {about['rounds']} rounds, of which it shows the median"
    lines = [
        MARK,
        "",
        f"Measured on {about['when']} {times}, on {about['processors']} processors ({about['processor']}) under",
        f"{about['system'].partition('-')[0]}, with {about['engine']} and Python {about['python']}. Other programs",
        f"used {about['others']:.0%} of the processors meanwhile{BUSY if about['others'] > QUIET else '.'}",
        "",
        *_table(
            ("Goal", "Found", "Reached"), [(g.wish, g.found, "yes" if g.reached else "**no**") for g in figures.goals()]
        ),
        *_table(("Compared within the run", "Ratio"), [(what, f"{ratio:.2f}") for what, ratio in figures.ratios()]),
        *_table(("Case", "Figure", "Value"), list(figures.rows())),
    ]
    return "\n".join(lines)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    lines = [".. list-table::", "   :header-rows: 1", ""]
    for first, *others in (head, *rows) if rows else ():
        lines += [f"   * - {first}".rstrip(), *(f"     - {other}" for other in others)]
    return [*lines, ""] if rows else []
