"""
Reading what was said before: history, what was missed, search, the inbox.
"""

from __future__ import annotations

from collections.abc import Sequence

from chatroom.core import history
from chatroom.core.ignoring import readable, visible
from chatroom.events import RoomEvent
from chatroom.interfaces import Page
from chatroom.records import Found, Mail, fitting
from chatroom.server.session.base import SessionBase
from chatroom.server.session.pages import shown_lines, unread

SEARCH = 2.0
"""Units of work of a search, whatever it finds."""

SEARCHES = 20
"""So many more pages are looked at for one of lines that are shown to somebody who ignores people."""

OTHERS = 5.0
"""Seconds for which one waits for what others have said: who says nothing is answered even if the database is away."""


class ReadingActions(SessionBase):
    """What L{chatroom.interfaces.IReading} says of reading."""

    __slots__ = ()

    async def history(
        self,
        room: str | None = None,
        *,
        before: int | None = None,
        since: int | None = None,
        limit: int | None = None,
        talk: bool = True,
    ) -> Page:
        found, limits = self.looked_at(room), self.services.limits
        last = found.last  # what is told from now on is read behind this answer, and must not be in it
        if self.services.batches.has_of(self):
            await self.barrier()
            last = found.last
        size = history.page_size(limit, self.page_lines if since is None else limits.catch_up_lines)
        before = last + 1 if before is None else min(before, last + 1)
        events, more = await shown_lines(self, found.name, after=since, before=before, limit=size, talk=talk)
        gap = None
        if since is not None:
            gap = await self._gap(found.name, since, last)
        return Page(found.name, tuple(events), more, gap)

    async def barrier(self, everybody: bool = False) -> None:
        batches = self.services.batches
        if everybody:
            await self.services.pause()  # what lay at other connections when this turn began is read by then
        if batches.has_of(self):
            await batches.settled()
        elif everybody:
            await batches.settled_within(OTHERS)

    async def number_at(self, at: float, room: str | None = None) -> int | None:
        found = self.looked_at(room)
        await self.barrier()
        return await self.services.backend.number_at(found.name, at)

    async def missed(self, room: str | None = None) -> Page:
        found = self.looked_at(room)
        key = self.own_account()
        await self.barrier()
        mark = (await self.connections.read_marks.of(key)).get(found.name)
        came = self.since.get(found.name, found.last + 1)
        if mark is None or mark >= came - 1:
            return Page(found.name, (), False)
        size = self.page_lines
        events, more = await shown_lines(self, found.name, after=mark, before=came, limit=size, talk=True)
        gap = await self._gap(found.name, mark, came - 1)
        await self.services.backend.mark(key, {found.name: events[-1].seq if more else came - 1})
        return Page(found.name, tuple(events), more, gap)

    def mark_read(self, room: str, seq: int) -> None:
        found, key = self.looked_at(room), self.own_account()
        self.connections.read_marks.mark(key, found.name, min(seq, found.last))

    async def read_until(self, room: str) -> float:
        found, key = self.looked_at(room), self.own_account()
        mark = (await self.connections.read_marks.of(key)).get(found.name)
        if not mark:
            return 0.0
        events = await self.services.backend.history(found.name, after=mark - 1, before=mark + 1, limit=1, talk=False)
        return events[0].at if events else 0.0

    async def _gap(self, room: str, since: int, last: int) -> tuple[int, int] | None:
        """What is no longer kept of the events after C{since}; comings and goings that are not shown are no gap."""
        oldest = await self.services.backend.history(room, after=since, before=last + 1, limit=1, talk=False)
        return history.gap(since, oldest[0].seq if oldest else None, last)

    async def search(self, words: str, room: str | None = None, before: int | None = None) -> Found:
        wanted = history.search_words(words, self.services.limits.search_length)
        await self.barrier()
        rooms = [self.looked_at(room).name] if room is not None else list(self.here().rooms)
        limits, lines = self.services.limits, self.page_lines
        found, rounds, next = list[RoomEvent](), 0, before
        while True:
            self.ear.charge(SEARCH)
            page = await self.services.backend.search(rooms, wanted, next, lines - len(found), limits.page_bytes)
            found += visible(page.events, self.ignored)
            rounds, next = rounds + 1, page.next
            if next is None or not self.ignored or len(found) >= lines or rounds >= SEARCHES:
                return Found(tuple(found), next)

    async def inbox(self, everything: bool = False, before: int | None = None) -> tuple[Sequence[Mail], int, bool]:
        key, backend, limits = self.own_account(), self.services.backend, self.services.limits
        lines, size = self.page_lines, limits.page_bytes
        if everything:
            old = list[Mail]()
            while mail := await backend.read_mail(key, before, lines + 1):
                old = readable(mail, self.ignored) + old
                fit, before = fitting(reversed(old), lines, size), mail[0].id
                if fit < len(old) or len(mail) <= lines:
                    return old[len(old) - fit :], await unread(self, key), fit < len(old)
            return old, await unread(self, key), False
        new = list[Mail]()
        while len(new) < lines and (taken := await backend.take_mail(key, lines - len(new), size)):
            new += readable(taken, self.ignored)
            if new:  # what was taken is marked as read, so it is all on this page
                break
        left = await unread(self, key)
        return new, left, left > 0
