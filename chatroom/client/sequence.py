"""
The order of one room, as one reader keeps it: what was heard already, and where to go on after a lost connection.

The server leaves out numbers on purpose: what we said ourselves, our own coming and going, and the talk of those we
ignore. So a number that is missing while the connection stands is no loss. It may still come a moment late: one's own
line is reported when it is kept, and others may have received it just before. It knows numbers and events, not
requests.
"""

from __future__ import annotations

from collections.abc import Iterable

from chatroom.events import RoomEvent

GAPS = 256
"""So many runs of missing numbers are remembered; what is missing longer comes no more."""


class Sequence:
    """
    @ivar first: numbers from here on may have been heard.
    @ivar last: the highest number heard.
    """

    __slots__ = ("_missing", "first", "last")

    def __init__(self, last: int) -> None:
        """@param last: the number of the last event that is not of interest, being before our time."""
        self.first = last + 1
        self.last = last
        self._missing: list[tuple[int, int]] = []

    def hear(self, seq: int) -> bool:
        """Note a number. False if it was noted before."""
        if seq > self.last:
            if seq > self.last + 1:
                self._missing.append((self.last + 1, seq - 1))
                del self._missing[:-GAPS]
            self.last = seq
            return True
        for index, (low, high) in enumerate(self._missing):
            if low <= seq <= high:
                self._missing[index : index + 1] = [(a, b) for a, b in ((low, seq - 1), (seq + 1, high)) if a <= b]
                return True
        return False

    def look_back(self, events: Iterable[RoomEvent]) -> tuple[RoomEvent, ...]:
        """Of the last events before our time, those that have not been heard."""
        news = tuple(event for event in events if event.seq < self.first or self.hear(event.seq))
        self.first = min([self.first, *(event.seq for event in news)])
        return news
