"""
Bringing a slow reader up to date: what was not written while they did not read is read from history when they do.

It knows the caller's history and what a writer is; neither transports nor bytes that are waiting.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from twisted.internet.defer import Deferred
from twisted.logger import Logger

from chatroom.doors.budget import UNIT
from chatroom.errors import Refused
from chatroom.events import Event, Missed, RoomEvent
from chatroom.folding import fold
from chatroom.interfaces import ICaller, IForm, Page
from chatroom.limits import Limits
from chatroom.states import GapSnapshot

log = Logger()

PAGE = 200
"""So many lines are read and written in one go."""


STRETCHES = 16
"""In so many stretches it is known where messages of several lines are; the oldest are left out whole."""


def lines_in(data: bytes) -> int:
    """Lines of rendered events: ends of lines, or what stands for them in JSON."""
    return data.count(b"\n") + data.count(b"\\n")


class Writer(Protocol):
    """An outbox, as far as it matters here."""

    behind: CatchUp | None

    def is_open(self) -> bool:
        """Whether what is put into it now would be written at once, and probably read."""

    def form(self, room: str) -> IForm: ...
    def put(self, data: bytes) -> None: ...
    def tell(self, parts: Sequence[str | Event]) -> None: ...
    def charge(self, units: float, shared: bool = True) -> None: ...
    def flush(self) -> None: ...


class Gap:
    """
    Numbers of a room's events that were not written: C{first} to C{last}.

    @ivar own: those of them that this connection said itself, and is not told.
    """

    __slots__ = ("_extras", "_from", "first", "last", "own")

    def __init__(self, first: int, last: int) -> None:
        self.first = first
        self.last = last
        self.own: set[int] = set()
        # What messages of several lines have more than one of, by the last number of a stretch of events; and the
        # first number that is not too long ago because of that.
        self._extras: list[tuple[int, int]] = []
        self._from = first

    def lengthen(self, last: int, lines: int, most: int) -> None:
        """
        It goes on to this number now.

        @param lines: of what is new. @param most: so many are caught up with.
        """
        extra, self.last = lines - (last - self.last), last
        if extra > 0:
            stretch, before = max(1, most // STRETCHES), self._extras[-1:]
            if before and before[0][1] + extra <= stretch:
                extra += self._extras.pop()[1]
            self._extras.append((last, extra))
        while self._extras and last - self._from + 1 + sum(extra for _, extra in self._extras) > most:
            self._from = self._extras.pop(0)[0] + 1

    def begins_at(self, most: int) -> int:
        """The first number that is caught up with, of so many lines at the most."""
        return max(self.first, min(self._from, self.last), self.last - most + 1)


class CatchUp:
    """
    The gaps of one reader, by room, for as long as there are any.

    While a room has a gap, nothing of it is written live: it makes the gap longer. So nothing is written twice, and a
    gap is closed in the same turn in which its last event is written.
    """

    __slots__ = ("_caller", "_gaps", "_limits", "_running", "_writer")

    def __init__(self, writer: Writer, caller: ICaller, limits: Limits) -> None:
        self._writer = writer
        self._caller = caller
        self._limits = limits
        self._gaps: dict[str, Gap] = {}
        self._running = False

    def begin(self, room: str, first: int, last: int, lines: int) -> None:
        """The first events of a room that are not written, and how many lines they are."""
        gap = self._gaps[room] = Gap(first, first - 1)
        gap.lengthen(last, lines, self._limits.catch_up_lines)

    def lengthen(self, room: str, last: int, data: bytes) -> bool:
        """
        More events of a room, up to C{last}. False if the room has no gap: then they may be written.

        @param data: as they would be.
        """
        gap = self._gaps.get(room)
        if gap is None:
            return False
        gap.lengthen(last, lines_in(data), self._limits.catch_up_lines)
        return True

    def state(self) -> tuple[GapSnapshot, ...]:
        """All gaps, for another process."""
        return tuple(GapSnapshot(room, gap.first, gap.last, tuple(sorted(gap.own))) for room, gap in self._gaps.items())

    def restore(self, gaps: Sequence[GapSnapshot]) -> None:
        """Have these gaps."""
        for each in gaps:
            self.begin(each.room, each.first, each.last, 0)
            self._gaps[each.room].own.update(each.own)

    def is_running(self) -> bool:
        """Whether history is being read."""
        return self._running

    def spoke(self, event: RoomEvent) -> None:
        """The reader said this, and does not need to be told."""
        gap = self._gaps.get(event.room)
        if gap is not None:
            gap.own.add(event.seq)

    def go_on(self) -> None:
        """Fill the gaps, for as long as the writer is open."""
        if not self._running and self._may_go_on():
            self._running = True
            Deferred.fromCoroutine(self._fill_all()).addErrback(
                lambda failure: log.failure("The messages that a slow connection missed could not be read", failure)
            )

    def _may_go_on(self) -> bool:
        return self._writer.behind is self and self._writer.is_open()

    async def _fill_all(self) -> None:
        """Page by page, room by room."""
        try:
            while self._gaps and self._may_go_on():
                room = next(iter(self._gaps))
                await self._fill(room, self._gaps[room])
                self._writer.flush()
        finally:
            self._running = False
            if not self._gaps and self._writer.behind is self:
                self._writer.behind = None

    async def _fill(self, room: str, gap: Gap) -> None:
        """Write one page of a room."""
        self._skip(room, gap)
        asked = gap.last
        try:
            size = min(PAGE, self._limits.catch_up_lines)
            page = await self._caller.history(room, since=gap.first - 1, limit=size, talk=False)
        except Exception as error:  # noqa: BLE001 out of the room meanwhile, or history cannot be read now
            if not isinstance(error, Refused):
                log.failure("The messages that a slow connection missed could not be read")
            if room in self._caller.rooms:
                self._say_missed(room, gap.first, gap.last)
            del self._gaps[room]
            return
        if self._writer.behind is not self:  # hung up meanwhile
            return
        self._write(room, gap, page)
        # History may have been read later than it was asked for: then its end lies beyond what was asked.
        end = min(page.events[-1].seq, gap.last) if page.events else 0
        gap.first = (end if end and page.more else max(end, asked)) + 1
        if gap.first > gap.last:
            del self._gaps[room]

    def _skip(self, room: str, gap: Gap) -> None:
        """Leave out what is too much to catch up with, and say so."""
        first = gap.begins_at(self._limits.catch_up_lines)
        if gap.first < first:
            self._say_missed(room, gap.first, first - 1)
            gap.first = first

    def _write(self, room: str, gap: Gap, page: Page) -> None:
        if page.gap is not None:
            self._say_missed(room, *page.gap)
        events = [event for event in page.events if event.seq <= gap.last and self._concerns(gap, event)]
        data = b"".join(self._writer.form(room).render(events))
        if data:
            self._writer.put(data)
            self._writer.charge(len(data) / UNIT)

    def _concerns(self, gap: Gap, event: RoomEvent) -> bool:
        """As the server decides for what is heard live: not one's own words, nor those of people ignored."""
        if event.seq in gap.own:
            return False
        return event.changes or fold(event.nick) not in self._caller.ignored

    def _say_missed(self, room: str, first: int, last: int) -> None:
        self._writer.tell((Missed(self._caller.now(), room, "", first, last),))
