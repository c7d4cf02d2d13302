"""
Keeping order on the whole server: roles, sanctions, and the log of who did what.
"""

from __future__ import annotations

from collections.abc import Sequence

from chatroom.core import sanctions, staff
from chatroom.core.audit import with_nickname
from chatroom.core.cleaning import quoted
from chatroom.core.history import page_size
from chatroom.core.names import any_nickname, fold
from chatroom.core.server_moderation import Guard, SanctionTarget
from chatroom.errors import NoSuchPerson, Unlawful
from chatroom.events import ACCOUNT, ADDRESS, BAN, GUEST, MUTE, SERVER, Pardoned, Sanctioned, ServerRole, StaffSet
from chatroom.records import Account, AuditEntry
from chatroom.server.services import Services
from chatroom.server.session.base import SessionBase


class StaffActions(SessionBase):
    """What L{chatroom.interfaces.IModeration} says of the whole server."""

    __slots__ = ()

    async def staff_of_the_server(self) -> Sequence[tuple[Account, bool]]:
        people, found = self.services.chat.state.people, await self.services.backend.staff()
        return [(account, account.key in people) for account in found if not account.disabled]

    async def set_server_role(self, nick: str, role: ServerRole) -> ServerRole:
        who, backend = self.here(), self.services.backend
        staff.check_is(who, ServerRole.ADMIN, staff.GIVING)
        account = await self.account_of(fold(nick.strip()))
        if account is None:
            raise NoSuchPerson(f"There is no account called {quoted(nick)}; only accounts can have a role.")
        staff.check_may_give(who, account.key, account.role)
        if role is not account.role:
            word = role.name.lower()
            detail = with_nickname(who, f"{word}, was {account.role.name.lower()}")
            await backend.set_server_role(
                account.key, role, AuditEntry(self.now(), who.actor, "role", account.name, detail)
            )
            await self.happen(StaffSet(self.now(), SERVER, who.actor, who=account.name, role=word))
        return account.role

    # Sanctions.

    async def server_kick(self, target: str, reason: str = "") -> None:
        meant = await meant_by(self.services, target)
        if meant.scope != ADDRESS:
            self.services.chat.directory.person_on_line(meant.name)
        events = self.services.chat.staff.expel(self.now(), self.here(), meant, reason, self._guards())
        await self.happen(*events)

    async def server_ban(self, target: str, until: float, reason: str = "") -> Sanctioned:
        return await self._sanction(BAN, target, until, reason)

    async def server_mute(self, target: str, until: float, reason: str = "") -> Sanctioned:
        return await self._sanction(MUTE, target, until, reason)

    async def server_unban(self, target: str) -> str:
        return await self._pardon(BAN, target)

    async def server_unmute(self, target: str) -> str:
        return await self._pardon(MUTE, target)

    def server_bans(self) -> Sequence[Sanctioned]:
        staff.check_is(self.here(), ServerRole.MODERATOR, "list server bans")
        return self.services.chat.staff.server_sanctions(self.now())

    def addresses(self, nick: str) -> Sequence[str]:
        staff.check_is(self.here(), ServerRole.MODERATOR, "see addresses")
        key = fold(nick.strip())
        former = self.services.chat.state.former.get(key)
        if key not in self.services.chat.state.people and former is not None and former.origin:
            return [former.origin]
        callers = self.connections.of(key)
        return list(dict.fromkeys(caller.address for caller in callers if caller.address))

    def other_nodes(self, nick: str) -> Sequence[str]:
        staff.check_is(self.here(), ServerRole.MODERATOR, "see addresses")
        who = self.services.chat.state.people.get(fold(nick.strip()))
        others = set() if who is None else set(who.nodes) - {self.services.node}
        return sorted({node.partition("~")[0] for node in others})

    async def close_room(self, room: str, reason: str = "") -> str:
        found = self.services.chat.directory.room(room)
        await self.happen(*self.services.chat.staff.close(self.now(), self.here(), found, self.services.lobby, reason))
        return found.name

    async def _sanction(self, act: str, target: str, until: float, reason: str) -> Sanctioned:
        meant = await meant_by(self.services, target)
        events = self.services.chat.staff.sanction(self.now(), self.here(), act, meant, until, reason, self._guards())
        await self.happen(*events)
        (made,) = (event for event in events if isinstance(event, Sanctioned))
        return made

    async def _pardon(self, act: str, target: str) -> str:
        chat, typed = self.services.chat, target.strip()
        book = chat.state.server_mutes if act == MUTE else chat.state.server_bans
        try:
            name = plainly(typed)
        except Unlawful:
            if typed not in book.entries:  # an old one, perhaps, that could not be made any more
                raise
            name = typed
        if name not in book.entries and typed in book.entries:
            name = typed
        events = chat.staff.pardon(self.now(), self.here(), act, name, typed)
        await self.happen(*events)
        return next(event.target for event in events if isinstance(event, Pardoned))

    def _guards(self) -> list[Guard]:
        """The staff here, through this node."""
        return [
            Guard(each.presence, each.address)
            for each in self.connections.on_line()
            if each.presence and each.presence.shown_staff
        ]

    # The log.

    async def note(self, act: str, target: str, detail: str = "") -> None:
        who = self.here()
        staff.check_is(who, ServerRole.MODERATOR, "write to the audit log")
        entry = AuditEntry(self.now(), who.actor, act, target, with_nickname(who, detail))
        await self.services.backend.audit(entry)

    async def audit(
        self, who: str | None = None, limit: int | None = None, before: int | None = None
    ) -> Sequence[AuditEntry]:
        staff.check_is(self.here(), ServerRole.MODERATOR, "read the audit log")
        size = page_size(limit, self.page_lines)
        return await self.services.backend.audit_log(None if who is None else fold(plainly(who)), before, size)


def plainly(target: str) -> str:
    """
    A target as sanctions have it: a network in its usual form, or a nickname as typed, without an C{@}.

    @raise Unlawful: it can be neither.
    """
    name = target.strip()
    network = None if name.startswith("@") else sanctions.network_of(name)
    return str(network) if network is not None else name.removeprefix("@")


async def meant_by(services: Services, text: str) -> SanctionTarget:
    """
    An address or network, or an account, or somebody here, or any lawful nickname; with C{@} before it, it is a
    nickname in any case.

    @raise Unlawful: it is none of these.
    """
    name = plainly(text)
    if "/" in name:
        return SanctionTarget(name, ADDRESS, typed=text.strip())
    account, present = await services.backend.account(fold(name)), services.chat.state.people.get(fold(name))
    shown = ServerRole.NONE if present is None else present.shown_staff
    if account is not None:
        return SanctionTarget(account.name, ACCOUNT, max(account.role, shown))
    if present is None:
        return SanctionTarget(any_nickname(name, services.limits.nick_length))
    return SanctionTarget(present.nick, GUEST, shown, present.visit, present.origin)
