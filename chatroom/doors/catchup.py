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
from chatroom.states import GapState

log = Logger()

PAGE = 200
"""So many lines are read and written in one go."""


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

    __slots__ = ("first", "last", "own")

    def __init__(self, first: int, last: int) -> None:
        self.first = first
        self.last = last
        self.own: set[int] = set()


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

    def begin(self, room: str, first: int, last: int) -> None:
        """The first events of a room that are not written."""
        self._gaps[room] = Gap(first, last)

    def lengthen(self, room: str, last: int) -> bool:
        """More events of a room, up to C{last}. False if the room has no gap: then they may be written."""
        gap = self._gaps.get(room)
        if gap is None:
            return False
        gap.last = last
        return True

    def state(self) -> tuple[GapState, ...]:
        """All gaps, for another process."""
        return tuple(GapState(room, gap.first, gap.last, tuple(sorted(gap.own))) for room, gap in self._gaps.items())

    def restore(self, gaps: Sequence[GapState]) -> None:
        """Have these gaps."""
        for each in gaps:
            self.begin(each.room, each.first, each.last)
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
                lambda failure: log.failure("a slow reader could not be caught up with", failure)
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
                log.failure("a slow reader could not be caught up with")
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
        first = gap.last - self._limits.catch_up_lines + 1
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
        """As the house decides for what is heard live: not one's own words, nor those of people ignored."""
        if event.seq in gap.own:
            return False
        return event.changes or fold(event.nick) not in self._caller.ignored

    def _say_missed(self, room: str, first: int, last: int) -> None:
        self._writer.tell((Missed(self._caller.now(), room, "", first, last),))
