"""
The last talk of the rooms that people joined lately: the next person who joins does not wait for a disk, and a thousand
people who join at once do not make it read the same lines a thousand times.

It knows the ledger's rooms and what is said; how lines are read is handed in. It is never more than a copy: what it
does not have is read, and it may be thrown away at any time.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence

from chatroom.backends.ledger import RoomLog
from chatroom.events import Acted, RoomEvent, Said

LINES = 40
"""So many of a room are kept at hand: twice what a newcomer is shown by default."""

ROOMS = 1000
"""So many rooms, at most."""

IN_ALL = 5000
"""So many lines of all rooms together: some megabytes, were all of them as long as can be."""


class RoomTail:
    """
    The end of one room's talk, without a hole.

    @ivar lines: the last ones, oldest first.
    @ivar filled: what was said before is among them; until then there is only what was said meanwhile.
    @ivar whole: nothing was said before the first of them.
    """

    __slots__ = ("filled", "lines", "whole")

    def __init__(self) -> None:
        self.lines: deque[RoomEvent] = deque(maxlen=LINES)
        self.filled = self.whole = False

    def fill(self, older: Sequence[RoomEvent]) -> None:
        """These were the last L{LINES}, or all there were, when it was read; later ones may be here already."""
        newest = older[-1].seq if older else 0
        self.lines = deque([*older, *(line for line in self.lines if line.seq > newest)], maxlen=LINES)
        self.filled, self.whole = True, len(self.lines) < LINES

    def add(self, line: RoomEvent) -> int:
        """@return: how many lines more there are now, 1 or 0: it may have been read already, or push one out."""
        lines = self.lines
        if lines and line.seq <= lines[-1].seq:
            return 0
        more = len(lines) < LINES
        self.whole = self.whole and more
        lines.append(line)
        return int(more)

    def before(self, number: int | None, limit: int) -> list[RoomEvent] | None:
        """The last so many before this number; C{None} if not all of them are here."""
        found = [line for line in self.lines if number is None or line.seq < number][-limit:]
        return found if len(found) == limit or self.whole else None


class Recent:
    """Tails by room, those that were asked for last at the end."""

    def __init__(self, read: Callable[[str, int], Awaitable[Sequence[RoomEvent]]]) -> None:
        """@param read: a room's last lines of talk, at most so many, oldest first."""
        self._read = read
        self._tails: dict[int, RoomTail] = {}
        self._count = 0

    async def before(self, room: RoomLog, number: int | None, limit: int) -> list[RoomEvent] | None:
        """
        A room's last lines of talk.

        @param number: only those before it. @param limit: at least 1.
        @return: oldest first; C{None} if not all of them are at hand.
        @raise NotKept: they could not be read.
        """
        tail = self._tails.pop(room.id, None)
        if tail is None:
            tail = self._tails[room.id] = RoomTail()  # it hears what is said from now on
            try:
                older = await self._read(room.name, LINES)
            except BaseException:
                self.clear()
                raise
            had = len(tail.lines)
            tail.fill(older)
            if self._tails.get(room.id) is tail:  # else it was thrown away meanwhile, and is good for this once
                self._count += len(tail.lines) - had
                self._make_space()
        else:
            self._tails[room.id] = tail
        return tail.before(number, limit) if tail.filled else None

    def add(self, kept: Iterable[tuple[RoomLog, RoomEvent]]) -> None:
        """This is kept: among it, perhaps, talk."""
        tails = self._tails
        for room, event in kept:
            tail = tails.get(room.id)
            if tail is not None and isinstance(event, Said | Acted):
                self._count += tail.add(event)
        if self._count > IN_ALL:
            self._make_space()

    def clear(self) -> None:
        """What is kept has changed otherwise."""
        self._tails.clear()
        self._count = 0

    def _make_space(self) -> None:
        while self._tails and (len(self._tails) > ROOMS or self._count > IN_ALL):
            self._count -= len(self._tails.pop(next(iter(self._tails))).lines)
