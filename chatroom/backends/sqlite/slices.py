"""
Work on the database that can wait, cut by time: some milliseconds of a thread, and then others write.

How long a row takes is not known before: its text may be long, its script may need Python, its words may be in an index
that is about to be put together. So no such work counts rows; it asks a L{Slice} after each piece whether there is time
for another. This module knows a clock, and nothing of what is done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

SLICE = 0.004
"""Seconds of the writing thread that work may take which can wait. Then what people have said is kept first."""

FIRST = 8
"""Rows in the first piece of a slice, of which nothing is known yet."""

GROWTH = 4
"""So many times as many rows as the last piece had, the next one has at most: the next rows may be slower."""


class Slice:
    """Some milliseconds, from now on."""

    def __init__(self, seconds: Callable[[], float], length: float = SLICE) -> None:
        """@param seconds: a clock that never goes back. @param length: in seconds."""
        self._seconds = seconds
        self._end = seconds() + length

    def over(self) -> bool:
        """Whether it is time to end: then what was done is committed, and the rest is for another slice."""
        return self._seconds() >= self._end

    def pieces(self, most: int) -> Iterator[int]:
        """
        How many rows to do next, again and again, until the time is over: as many as are likely to fit into what is
        left of it, and at least one. There is always a first piece, or nothing would ever be done.

        @param most: rows in one piece.
        """
        rows = min(FIRST, most)
        begun = self._seconds()
        while True:
            yield rows
            now = self._seconds()
            each, left = (now - begun) / rows, self._end - now
            if left <= 0 or each > left:
                return
            likely = int(left / each) if each > 0 else most
            rows, begun = max(1, min(rows * GROWTH, likely, most)), now
