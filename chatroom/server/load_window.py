"""
How much is said at the moment, and how long a turn waits for more because of it.

It knows numbers and times, and nothing of what is said.
"""

from __future__ import annotations

WINDOW = 0.002
"""Seconds that a turn waits for more, under load."""

LOAD = 400
"""
So many events a second are load. It is twice as many as the busiest company of people says: lines come at random, so
that in one L{SPAN} of eight there are a quarter more than on average, and none of those should wait.
"""

SPAN = 0.1
"""Seconds over which they are counted."""


class LoadWindow:
    """How much happens, and how long a turn waits for more because of it."""

    __slots__ = ("_count", "_high", "_since")

    def __init__(self) -> None:
        self._count = 0
        self._since = 0.0
        self._high = False

    def count(self, events: int, now: float) -> None:
        """So many happen in the turn that begins now."""
        self._count += events
        elapsed = now - self._since
        if elapsed >= SPAN:
            self._high = self._count > LOAD * elapsed
            self._count, self._since = 0, now

    def window(self, now: float) -> float:
        """Seconds."""
        return WINDOW if self._high and now - self._since < 2 * SPAN else 0
