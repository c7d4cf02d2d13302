"""
Keeping order in the whole house: roles, and the log of who did what.
"""

from __future__ import annotations

from collections.abc import Sequence

from chatroom.caller.base import Base
from chatroom.core import staff
from chatroom.core.history import page_size
from chatroom.core.names import clean, fold
from chatroom.errors import NoSuchPerson
from chatroom.events import HOUSE, HouseRole, StaffSet
from chatroom.records import Account, AuditEntry


class Staff(Base):
    """What L{chatroom.interfaces.ICaller} says of the whole house."""

    __slots__ = ()

    async def house_role(self) -> HouseRole:
        who = self.here()
        account = await self.hub.backend.account(who.key) if who.account else None
        role = HouseRole.NONE if account is None else account.role
        if role is not who.staff:
            await self.happen(StaffSet(self.now(), HOUSE, who.nick, who=who.nick, role=role.name.lower()))
        return role

    async def staff_of_the_house(self) -> Sequence[tuple[Account, bool]]:
        return [(account, account.key in self.hub.chat.people) for account in await self.hub.backend.staff()]

    async def set_house_role(self, nick: str, role: HouseRole) -> HouseRole:
        who, backend = self.here(), self.hub.backend
        account = await backend.account(fold(nick.strip()))
        if account is None:
            raise NoSuchPerson(f"There is no account called {clean(nick)}. Only an account can have a role.")
        staff.check_may_give(who, account.key, account.role)
        if role is not account.role:
            word = role.name.lower()
            entry = AuditEntry(self.now(), who.nick, "role", account.name, f"{word}, was {account.role.name.lower()}")
            await backend.set_house_role(account.key, role, entry)
            await self.happen(StaffSet(self.now(), HOUSE, who.nick, who=account.name, role=word))
        return account.role

    async def note(self, act: str, target: str, detail: str = "") -> None:
        await self.hub.backend.audit(AuditEntry(self.now(), self.here().nick, act, target, detail))

    async def audit(
        self, who: str | None = None, limit: int | None = None, before: int | None = None
    ) -> Sequence[AuditEntry]:
        staff.check_is(self.here(), HouseRole.MODERATOR, "The audit log")
        size = page_size(limit, self.hub.limits.page_lines)
        return await self.hub.backend.audit_log(None if who is None else fold(who.strip()), before, size)
