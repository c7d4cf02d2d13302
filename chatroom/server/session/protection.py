"""
The server under pressure: lockdown, and reports to its staff.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from chatroom.core import lockdown, reports, staff
from chatroom.core.cleaning import quoted
from chatroom.core.names import fold
from chatroom.core.permissions import is_hidden
from chatroom.errors import NoSuchPerson
from chatroom.events import Reported, ServerRole
from chatroom.server.session.base import SessionBase


class ProtectionActions(SessionBase):
    """What L{chatroom.interfaces.ICaller} says of both."""

    __slots__ = ()

    async def set_lockdown(self, level: str, until: float, reason: str = "") -> None:
        who, chat = self.here(), self.services.chat
        staff.check_is(who, ServerRole.MODERATOR, "start or end a lockdown")
        await self.happen(*lockdown.set_level(self.now(), who, level, until, chat.staff.reason(reason)))

    async def report(self, about: str, reason: str, room: str | None = None) -> Reported:
        who, services = self.here(), self.services
        target = await self._about(about, room)
        quote = await self._quote(*target)
        reason = services.chat.staff.reason(reason)
        most = services.limits.reports_open
        async with services.entrance.report(self.asker, who.key) as this:
            report, entry = reports.report(services.chat.state, self.now(), who, target, reason, quote, most)
            happened = await self.happen(report, entry)
            while not happened[0]:  # another node was faster, and has its number
                report = replace(report, number=services.chat.state.last_report + 1)
                happened = await self.happen(report)
            this.counts = True
        return report

    async def _about(self, about: str, room: str | None) -> tuple[str, str]:
        """
        Who is meant, and where: the person, if there is one of that name, or else the room.

        @raise NoSuchPerson: neither.
        """
        name = about.strip()
        present = self.services.chat.state.people.get(fold(name))
        account = None if present is not None else await self.services.backend.account(fold(name))
        if present is None and account is None:
            found = self.services.chat.state.rooms.get(fold(name.removeprefix("#")))
            if found is None or is_hidden(found, self.here()):
                raise NoSuchPerson(f"There is no person or room called {quoted(name)}. /who and /rooms list them.")
            return "", found.name
        nick = present.nick if present is not None else account.name if account is not None else name
        return nick, self.looked_at(room).name if room or self.room else ""

    async def _quote(self, nick: str, room: str) -> str:
        """What they said last in the room, which the one who reports it is in."""
        if not (nick and room):
            return ""
        present = self.services.chat.state.people.get(fold(nick))
        since = present.since if present is not None and not present.account else 0.0  # others had the name before
        talk = await self.services.backend.history(room, after=None, before=None, limit=reports.LOOKED_AT, talk=True)
        return reports.quote([event for event in talk if event.at >= since], nick)

    def reports(self) -> Sequence[Reported]:
        staff.check_is(self.here(), ServerRole.MODERATOR, "read reports")
        return list(self.services.chat.state.reports.values())

    async def close_report(self, number: int, reason: str = "") -> None:
        who, chat = self.here(), self.services.chat
        staff.check_is(who, ServerRole.MODERATOR, "close reports")
        await self.happen(*reports.close(chat.state, self.now(), who, number, chat.staff.reason(reason)))
