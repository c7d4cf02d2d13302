"""
What was said before: CHATHISTORY, and the last lines of a room for clients that cannot ask for them.

IRCv3 draft/chathistory and draft/event-playback. The server's history is asked for page by page, so that no answer
holds more than a client reads. It knows the speaker.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatroom.doors.irc.channel_names import room_of
from chatroom.doors.irc.isupport import HISTORY
from chatroom.doors.irc.times import (
    HALF_A_MILLISECOND,
    AtMessage,
    BadSelection,
    HistoryRequest,
    Point,
    TargetsRequest,
    parsed_history,
    server_time,
)
from chatroom.doors.irc.wire import IrcMessage, written
from chatroom.errors import Refused
from chatroom.events import RoomEvent
from chatroom.folding import fold

if TYPE_CHECKING:
    from chatroom.doors.irc.response import Response
    from chatroom.doors.irc.speaker import IrcSpeaker

PAGES = 4
"""An answer holds as many bytes as so many pages of the server's at the most."""


async def chathistory(speaker: IrcSpeaker, message: IrcMessage, response: Response) -> None:
    """CHATHISTORY."""
    try:
        asked = parsed_history(message.params, HISTORY)
        if isinstance(asked, TargetsRequest):
            await _targets(speaker, asked, response)
        else:
            await _history(speaker, asked, response)
    except BadSelection as bad:
        response.fail(bad.code, bad.sentence, *bad.about)


async def _history(speaker: IrcSpeaker, asked: HistoryRequest, response: Response) -> None:
    try:
        room = speaker.caller.view(room_of(asked.target)).name
    except Refused:
        room = ""
    if not room:
        raise BadSelection("INVALID_TARGET", "There is no history for you there.", asked.way, asked.target)
    events = await HistoryReader(speaker, room, "draft/event-playback" not in speaker.capabilities).selected(asked)
    response.batch(speaker.style.form(True).past(events), "chathistory", f"#{room}")


class HistoryReader:
    """
    Reads the history of one room, for one client.

    @ivar talk: leave out what was not said.
    """

    def __init__(self, speaker: IrcSpeaker, room: str, talk: bool) -> None:
        self._caller = speaker.caller
        self._room = room
        self._talk = talk

    async def selected(self, asked: HistoryRequest) -> list[RoomEvent]:
        """What was asked for, oldest first."""
        if asked.way == "LATEST":
            return await self.between(await self._behind(asked.first), None, asked.limit, last=True)
        assert asked.first is not None
        if asked.way == "BEFORE":
            return await self.between(0, await self._at(asked.first), asked.limit, last=True)
        if asked.way == "AFTER":
            return await self.between(await self._behind(asked.first), None, asked.limit, last=False)
        if asked.way == "AROUND":
            return await self._around(await self._at(asked.first), asked.limit)
        assert asked.second is not None
        first, second = await self._at(asked.first), await self._at(asked.second)
        if first <= second:
            return await self.between(await self._behind(asked.first), second, asked.limit, last=False)
        return await self.between(await self._behind(asked.second), first, asked.limit, last=True)

    async def _at(self, point: Point) -> int:
        """The number of the first event that is not before this place."""
        if isinstance(point, AtMessage):
            return self._number(point)
        found = await self._caller.number_at(max(point.at - HALF_A_MILLISECOND, 0.0), self._room)
        return self._caller.view(self._room).last + 1 if found is None else found

    async def _behind(self, point: Point | None) -> int:
        """The number of the last event that is not behind this place; 0: all are behind it."""
        if point is None:
            return 0
        if isinstance(point, AtMessage):
            return self._number(point)
        found = await self._caller.number_at(point.at + HALF_A_MILLISECOND, self._room)
        return self._caller.view(self._room).last if found is None else found - 1

    def _number(self, point: AtMessage) -> int:
        if fold(point.room) != fold(self._room):
            raise BadSelection("INVALID_PARAMS", "That message is of another room.", f"{point.room}-{point.seq}")
        return point.seq

    async def _around(self, middle: int, limit: int) -> list[RoomEvent]:
        before = await self.between(0, middle, limit // 2, last=True) if limit > 1 else []
        return [*before, *await self.between(middle - 1, None, limit - len(before), last=False)]

    async def between(self, after: int, before: int | None, limit: int, *, last: bool) -> list[RoomEvent]:
        """
        Events with numbers between these two.

        @param last: the last ones, if there are more than C{limit}; else the first ones.
        """
        read = self._last if last else self._first
        left = PAGES * self._caller.page_bytes
        found: list[RoomEvent] = []
        while limit > len(found) and left > 0:
            events, more = await read(after, before, limit - len(found))
            found = [*events, *found] if last else [*found, *events]
            left -= sum(len(getattr(event, "text", "")) + 100 for event in events)
            if not events or not more:
                break
            after, before = (after, events[0].seq) if last else (events[-1].seq, before)
        return found

    async def _last(self, after: int, before: int | None, limit: int) -> tuple[list[RoomEvent], bool]:
        page = await self._caller.history(
            self._room, before=before, limit=min(limit, self._caller.page_lines), talk=self._talk
        )
        events = [event for event in page.events if event.seq > after]
        return events, page.more and len(events) == len(page.events)

    async def _first(self, after: int, before: int | None, limit: int) -> tuple[list[RoomEvent], bool]:
        page = await self._caller.history(self._room, since=after, limit=limit, talk=self._talk)
        events = [event for event in page.events if before is None or event.seq < before]
        return events, page.more and len(events) == len(page.events)


async def _targets(speaker: IrcSpeaker, asked: TargetsRequest, response: Response) -> None:
    """The rooms in which somebody talked last between the two moments, by that time."""
    first, second = sorted((asked.first, asked.second))
    found: list[tuple[float, str]] = []
    for room in speaker.caller.rooms:
        page = await speaker.caller.history(room, limit=1)
        if page.events and first < page.events[-1].at < second:
            found.append((page.events[-1].at, page.room))
    lines = (
        written("CHATHISTORY", "TARGETS", f"#{room}", server_time(at), source=speaker.network.host)
        for at, room in sorted(found)[: asked.limit]
    )
    response.batch(lines, "draft/chathistory-targets")


class Playback:
    """
    The last lines of rooms, for a client that does not ask for history itself: those that it has not read on this
    connection. A bot reads none, as it would take old lines for new ones, and answer them.

    @ivar read: by room, the number of the last event that the client read there.
    """

    def __init__(self) -> None:
        self.read: dict[str, int] = {}

    async def play(self, speaker: IrcSpeaker, room: str, response: Response) -> None:
        """The client has joined this room."""
        caller = speaker.caller
        last = caller.view(room).last
        after, self.read[room] = self.read.get(room, 0), last
        lines = speaker.network.server.limits.recent_lines
        if "draft/chathistory" in speaker.capabilities or not lines or after >= last:
            return
        me = caller.person_now(speaker.called)
        if me is not None and me.bot:
            return
        reader = HistoryReader(speaker, room, talk=True)
        events = await reader.between(after, last + 1, lines, last=True)
        if not events:
            return
        if {"batch", "server-time"} <= speaker.capabilities:
            response.batch(speaker.style.form(True).past(events), "chathistory", f"#{room}")
        else:
            for data in speaker.style.form(True).past(events, stamped="server-time" not in speaker.capabilities):
                response.raw(data)
