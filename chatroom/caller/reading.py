"""
Reading what was said before: history, what was missed, search, the inbox.
"""

from __future__ import annotations

from collections.abc import Sequence

from chatroom.caller.rooms import Rooms
from chatroom.core import history
from chatroom.core.names import fold
from chatroom.errors import NeedsAccount, NoSuchPerson
from chatroom.events import Role
from chatroom.interfaces import Page, Person
from chatroom.records import Account, Found, Mail


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
        size = history.page_size(limit, limits.page_lines if since is None else limits.catch_up_lines)
        last = found.last
        events = await self.hub.backend.history(found.name, after=since, before=before, limit=size + 1, talk=talk)
        more = len(events) > size
        events = (events[:size] if since is not None else events[-size:]) if more else events
        gap = None
        if since is not None:
            gap = await self._gap(found.name, since, last)
        return Page(found.name, tuple(events), more, gap)

    async def missed(self, room: str | None = None) -> Page:
        found = self.looked_at(room)
        key = self.own_account()
        mark = (await self.hub.backend.marks(key)).get(found.name)
        came = self.since.get(found.name, found.last + 1)
        if mark is None or mark >= came - 1:
            return Page(found.name, (), False)
        size = self.hub.limits.page_lines
        events = await self.hub.backend.history(found.name, after=mark, before=came, limit=size + 1, talk=True)
        more = len(events) > size
        events = events[:size]
        gap = await self._gap(found.name, mark, came - 1)
        await self.hub.backend.mark(key, {found.name: events[-1].seq if more else came - 1})
        return Page(found.name, tuple(events), more, gap)

    async def _gap(self, room: str, since: int, last: int) -> tuple[int, int] | None:
        """What is no longer kept of the events after C{since}; comings and goings that are not shown are no gap."""
        oldest = await self.hub.backend.history(room, after=since, before=last + 1, limit=1, talk=False)
        return history.gap(since, oldest[0].seq if oldest else None, last)

    async def search(self, words: str, room: str | None = None, before: int | None = None) -> Found:
        wanted = history.search_words(words)
        rooms = [self.looked_at(room).name] if room is not None else list(self.here().rooms)
        return await self.hub.backend.search(rooms, wanted, before, self.hub.limits.page_lines)

    async def inbox(self, everything: bool = False, before: int | None = None) -> tuple[Sequence[Mail], int, bool]:
        key, backend, size = self.own_account(), self.hub.backend, self.hub.limits.page_lines
        if everything:
            mail = await backend.read_mail(key, before, size + 1)
            return mail[-size:], await backend.waiting(key), len(mail) > size
        mail = await backend.take_mail(key, size)
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
