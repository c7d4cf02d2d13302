"""
Reading what was said before: history, what was missed, search, the inbox.
"""

from __future__ import annotations

from collections.abc import Sequence

from chatroom.caller.rooms import Rooms
from chatroom.core import history
from chatroom.core.names import fold
from chatroom.errors import NeedsAccount, NoSuchPerson
from chatroom.events import Role, RoomEvent
from chatroom.interfaces import Page, Person
from chatroom.records import Account, Found, Mail, fitting

ROWS = 200
"""So many rows of history that are read are a unit of work: see L{chatroom.interfaces.IEar.charge}."""

SEARCH = 2.0
"""Units of work of a search, whatever it finds."""


class Reading(Rooms):
    """What L{chatroom.interfaces.ICaller} says of reading."""

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
        found, limits = self.looked_at(room), self.hub.limits
        await self._own_is_kept()
        size = history.page_size(limit, limits.page_lines if since is None else limits.catch_up_lines)
        last = found.last
        events, more = await self._page(found.name, since, before, size, talk)
        gap = None
        if since is not None:
            gap = await self._gap(found.name, since, last)
        return Page(found.name, tuple(events), more, gap)

    async def _own_is_kept(self) -> None:
        """Wait for what this connection has said before: whoever reads finds what they wrote."""
        if self.hub.turns.has_of(self):
            await self.hub.turns.settled()

    async def _page(
        self, room: str, since: int | None, before: int | None, lines: int, talk: bool
    ) -> tuple[Sequence[RoomEvent], bool]:
        """So many lines, of so many bytes as fit on a page, and whether there are more."""
        backend, size = self.hub.backend, self.hub.limits.page_bytes
        found = await backend.history(room, after=since, before=before, limit=lines + 1, talk=talk, size=size)
        self.ear.charge(len(found) / ROWS)
        fit = fitting(found if since is not None else reversed(found), lines, size)
        return found[:fit] if since is not None else found[len(found) - fit :], fit < len(found)

    async def missed(self, room: str | None = None) -> Page:
        found = self.looked_at(room)
        key = self.own_account()
        await self._own_is_kept()
        mark = (await self.hub.backend.marks(key)).get(found.name)
        came = self.since.get(found.name, found.last + 1)
        if mark is None or mark >= came - 1:
            return Page(found.name, (), False)
        size = self.hub.limits.page_lines
        events, more = await self._page(found.name, mark, came, size, True)
        gap = await self._gap(found.name, mark, came - 1)
        await self.hub.backend.mark(key, {found.name: events[-1].seq if more else came - 1})
        return Page(found.name, tuple(events), more, gap)

    async def _gap(self, room: str, since: int, last: int) -> tuple[int, int] | None:
        """What is no longer kept of the events after C{since}; comings and goings that are not shown are no gap."""
        oldest = await self.hub.backend.history(room, after=since, before=last + 1, limit=1, talk=False)
        return history.gap(since, oldest[0].seq if oldest else None, last)

    async def search(self, words: str, room: str | None = None, before: int | None = None) -> Found:
        wanted = history.search_words(words)
        await self._own_is_kept()
        rooms = [self.looked_at(room).name] if room is not None else list(self.here().rooms)
        limits = self.hub.limits
        self.ear.charge(SEARCH)
        return await self.hub.backend.search(rooms, wanted, before, limits.page_lines, limits.page_bytes)

    async def inbox(self, everything: bool = False, before: int | None = None) -> tuple[Sequence[Mail], int, bool]:
        key, backend, limits = self.own_account(), self.hub.backend, self.hub.limits
        lines, size = limits.page_lines, limits.page_bytes
        if everything:
            mail = await backend.read_mail(key, before, lines + 1)
            fit = fitting(reversed(mail), lines, size)
            return mail[len(mail) - fit :], await backend.waiting(key), fit < len(mail)
        mail = await backend.take_mail(key, lines, size)
        unread = await backend.waiting(key)
        return mail, unread, unread > 0

    def own_account(self) -> str:
        """@raise NeedsAccount:"""
        if not self.here().account:
            raise NeedsAccount("That is for accounts. /signup PASSWORD makes your nickname one.")
        return self.here().key

    async def person(self, nick: str) -> tuple[Person | None, Account | None]:
        present = self.hub.chat.people.get(fold(nick))
        account = await self.account_of(fold(nick))
        if present is None and account is None:
            raise NoSuchPerson("Nobody of that name is here or has an account. /who lists who is here.")
        return None if present is None else self.someone(present, Role.NOBODY), account
