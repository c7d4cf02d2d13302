"""
What is said beside a fault, so that its cause can be found where only the output of a run is kept: what happened to
those whom it names, what was disturbed before, and who held which nickname in the end.

It knows lines of text and when they were written, and neither what a fault is nor a socket or process.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timezone
from typing import Any, NamedTuple

BEFORE = 20.0
"""Seconds before a fault, and before the last that happened to whom it names, of which disturbances are said."""

MOST = 40
"""Lines about each person or node that a fault names, at most: the last ones."""

TABLES = {
    "claim": "key, holder",
    "held": "key, epoch",
    "node": "name, epoch, read, handed",
    "burial": "name, epoch, executor",
}
"""Who held what through which node: by the name of each table, what is read of it."""

_LOGGED = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\+0000 \[([^\]]*)\] (.*)")
"""A line of a daemon's log: when, by whom, and what."""

_LOUD = ("#warn", "#error", "#critical", "chatroom.upgrade")
"""Parts of the names of those whose lines in a log matter."""


class Entry(NamedTuple):
    """
    One line.

    @ivar at: in seconds since 1970. @ivar disturbs: it is the begin, the place or the end of a disturbance.
    @ivar is_fault: it is a fault.
    """

    at: float
    text: str
    disturbs: bool = False
    is_fault: bool = False


class Timeline:
    """All that happened, as it was written down."""

    def __init__(self, now: Callable[[], float], write: Callable[[str], object] = lambda line: None) -> None:
        """@param now: seconds since 1970. @param write: called with each line, as soon as it is known."""
        self._now = now
        self._write = write
        self._entries: list[Entry] = []

    def note(self, what: str) -> None:
        """Something happened to somebody."""
        self._add(Entry(self._now(), what))

    def disturbance(self, what: str) -> None:
        """Something was disturbed, or is no more."""
        self._add(Entry(self._now(), what, disturbs=True))

    def fault(self, sentence: str) -> None:
        """Something is wrong."""
        self._add(Entry(self._now(), sentence, is_fault=True))

    def _add(self, entry: Entry) -> None:
        self._entries.append(entry)
        self._write(shown(entry))

    def log(self, node: str, text: str) -> None:
        """@param text: all that a daemon has written. What matters of it is put in its place."""
        for line in text.splitlines():
            found = _LOGGED.fullmatch(line)
            if found is not None and any(part in found[2] for part in _LOUD):
                at = datetime.fromisoformat(found[1]).replace(tzinfo=timezone.utc).timestamp()
                self._entries.append(Entry(at, f"{node} logs: {found[3]}"))
        self._entries.sort(key=lambda entry: entry.at)

    def about_faults(self, names: Iterable[str]) -> list[str]:
        """
        Of each fault that names some of these, what concerns them, and what was disturbed before.

        @return: lines in the order in which all this happened, each of them once.
        """
        known = {name: re.compile(rf"\b{re.escape(name)}\b") for name in names}
        wanted: set[int] = set()
        for place, fault in enumerate(self._entries):
            if fault.is_fault:
                named = [pattern for pattern in known.values() if pattern.search(fault.text)]
                wanted.update(self._before(place, named))
        return [shown(self._entries[place]) for place in sorted(wanted)]

    def _before(self, last: int, named: Sequence[re.Pattern[str]]) -> set[int]:
        """The places of what matters for one fault."""
        places: set[int] = set()
        moments = [self._entries[last].at]
        for pattern in named:
            about = [place for place in range(last) if pattern.search(self._entries[place].text)]
            places.update(about[-MOST:])
            moments += [self._entries[place].at for place in about if not self._entries[place].is_fault][-1:]
        if named:
            places.add(last)
        for place in range(last if named else 0):
            entry = self._entries[place]
            is_near = any(moment - BEFORE <= entry.at <= moment for moment in moments)
            if is_near and (entry.disturbs or " logs: " in entry.text):
                places.add(place)
        return places


def shown(entry: Entry) -> str:
    """A line with its time of day, in UTC."""
    return f"{datetime.fromtimestamp(entry.at, timezone.utc):%H:%M:%S.%f} {entry.text}"


def tables(sql: Callable[[str], Sequence[Any]]) -> list[str]:
    """
    One line for each table that says who holds nicknames, with all its rows.

    @param sql: asks the database; of rows with one value it gives the values.
    """
    said = []
    for name, columns in TABLES.items():
        found = sorted(sql(f"SELECT {columns} FROM {name}"), key=str)
        said.append(f"{name} ({columns}): {'; '.join(map(_row, found))}")
    return said


def _row(row: Sequence[Any]) -> str:
    return " ".join(str(value) for value in row)
