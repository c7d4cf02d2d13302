"""
Who keeps order in the house, and what they did.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chatroom.control.base import Base, number
from chatroom.core.names import fold
from chatroom.errors import BadArguments
from chatroom.events import HOUSE, HouseRole, StaffSet
from chatroom.hub import HOUSE_NICK
from chatroom.records import SHELL, AuditEntry
from chatroom.wire import time_text

ENTRIES = 500
"""Entries of the audit log in one answer, at most."""


class Staff(Base):
    """The words of L{chatroom.control.control.Control} that are about order."""

    async def staff(self) -> Mapping[str, Any]:
        """Every account that has a role, highest first."""
        people = self.hub.chat.people
        return {
            "staff": [
                {"name": each.name, "role": each.role.name.lower(), "online": each.key in people}
                for each in await self.hub.backend.staff()
            ]
        }

    async def role(self, name: str, role: str) -> Mapping[str, Any]:
        """
        Give an account a role, or none. It counts at once, also for somebody on line.

        @raise NotFound: @raise BadArguments: there is no such role. @raise NotAllowed: it is the last admin.
        """
        hub, account = self.hub, await self.account(name)
        if role.upper() not in HouseRole.__members__:
            raise BadArguments("A role is admin, moderator or none.")
        new, before = HouseRole[role.upper()], account.role
        if new is not before:
            detail = f"{new.name.lower()}, was {before.name.lower()}"
            entry = AuditEntry(hub.now(), SHELL, "role", account.name, detail)
            before = await hub.backend.set_house_role(account.key, new, entry)
            await hub.turns.happen(StaffSet(hub.now(), HOUSE, HOUSE_NICK, who=account.name, role=new.name.lower()))
        return {"name": account.name, "role": new.name.lower(), "before": before.name.lower()}

    async def audit(self, who: str = "", limit: str = "50", before: str = "") -> Mapping[str, Any]:
        """
        Entries of the log, oldest first: the last ones, or those before a number.

        @param who: only what this person did, or what was done to them.
        """
        size = max(1, min(number(limit), ENTRIES))
        found = await self.hub.backend.audit_log(fold(who.strip()) or None, number(before) if before else None, size)
        entries = [
            {
                "number": entry.id,
                "at": time_text(entry.at),
                "who": entry.who,
                "act": entry.act,
                "target": entry.target,
                "detail": entry.detail,
            }
            for entry in found
        ]
        return {"entries": entries}
