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
            found = f"{self._values[rate]:,.0f} lines a second, {self._values[cost]:.0f} us a line of all processors"
            yield Goal(f"two nodes keep {RATE:,} lines a second", found, self._values[rate] >= RATE)

    def _extra(self) -> Iterator[Goal]:
        for what, most in EXTRA.items():
            node = f"a third that listens, {what}: us a line, west listens"
            engine = f"a third that listens, {what}: us a line, PostgreSQL for west"
            if self._has(node, engine):
                own, more = self._values[node], self._values[engine]
                where = "in bulk" if what == "flood" else "at 1,000 lines a second"
                wish = f"a node without people costs {most:.0f} us a line at most {where}"
                yield Goal(wish, f"{own:.1f} us, and its connections {more:.1f} us", own + more <= most)

    def _latency(self) -> Iterator[Goal]:
        age, commit = "north to south: ms, the median", "north to south: ms a commit of one line, as rare"
        if self._has(age, commit):
            most = max(LATENCY, 2 * self._values[commit])
            found = f"{self._values[age]:.2f} ms, a commit at this rate takes {self._values[commit]:.2f} ms"
            wish = f"from one node to another in {LATENCY:.0f} ms, or twice a commit"
            yield Goal(wish, found, self._values[age] <= most)

    def _start(self) -> Iterator[Goal]:
        cpu, wall = "start: s of processors", "start: s of the clock"
        if self._has(cpu, wall):
            found = f"{self._values[cpu]:.2f} s of processors, {self._values[wall]:.2f} s of the clock"
            yield Goal(f"a start with 20,000 rooms takes {START:.0f} s", found, self._values[cpu] <= START)

    def _memory(self) -> Iterator[Goal]:
        person = "memory: bytes a remote person"
        if self._has(person):
            wish = f"a person of another node takes {PERSON:,} bytes at most"
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

    def rows(self) -> Iterator[tuple[str, str]]:
        """Every figure, as it is shown."""
        for name, value in self._values.items():
            yield name, f"{value:,.0f}" if value >= 100 else f"{value:.2f}"


def restructured(figures: Figures) -> str:
    """The page that docs/cluster.rst includes."""
    about = figures.about
    times = "once" if about["rounds"] == 1 else f"in {about['rounds']} rounds, of which it shows the median"
    lines = [
        MARK,
        "",
        f"Measured on {about['when']} {times}, on {about['processors']} processors ({about['processor']}) under",
        f"{about['system'].partition('-')[0]}, with {about['engine']} and Python {about['python']}.",
        "",
        *_table(
            ("Goal", "Found", "Reached"), [(g.wish, g.found, "yes" if g.reached else "**no**") for g in figures.goals()]
        ),
        *_table(("Compared within the run", "Ratio"), [(what, f"{ratio:.2f}") for what, ratio in figures.ratios()]),
        *_table(("Figure", "Value"), list(figures.rows())),
    ]
    return "\n".join(lines)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    lines = [".. list-table::", "   :header-rows: 1", ""]
    for first, *others in (head, *rows) if rows else ():
        lines += [f"   * - {first}", *(f"     - {other}" for other in others)]
    return [*lines, ""] if rows else []
