"""
Who keeps order on the server, and what they did.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chatroom.commands.times import stamp, until
from chatroom.commands.views import entry_facts
from chatroom.control.base import ACTING, ControlBase, number, truth
from chatroom.core.names import fold
from chatroom.core.staff import shell
from chatroom.errors import BadArguments
from chatroom.events import SERVER, Sanctioned, ServerRole, StaffSet
from chatroom.records import AuditEntry
from chatroom.server.services import SERVER_NICK
from chatroom.server.session.caller import Caller
from chatroom.server.session.null_ear import NullEar

ENTRIES = 500
"""Entries of the audit log in one answer, at most."""


def _sanction(made: Sanctioned) -> dict[str, Any]:
    return {
        "act": made.act,
        "target": made.target,
        "scope": made.scope,
        "by": made.nick,
        "at": stamp(made.at),
        "until": stamp(made.until),
        "reason": made.reason,
    }


class StaffControl(ControlBase):
    """The words of L{chatroom.control.control.Control} that are about order."""

    async def staff(self) -> Mapping[str, Any]:
        """Every account that has a role, highest first."""
        people = self.services.chat.state.people
        return {
            "staff": [
                {"name": each.name, "role": each.role.name.lower(), "online": each.key in people}
                for each in await self.services.backend.staff()
            ]
        }

    async def role(self, name: str, role: str) -> Mapping[str, Any]:
        """
        Give an account a role, or none. It counts at once, also for somebody on line.

        @raise NotFound: @raise BadArguments: there is no such role. @raise NotAllowed: it is the last admin.
        """
        services, account = self.services, await self.account(name)
        if role.upper() not in ServerRole.__members__:
            raise BadArguments("The role must be admin, moderator or none.")
        new, before = ServerRole[role.upper()], account.role
        if new is not before:
            detail = f"{new.name.lower()}, was {before.name.lower()}"
            entry = AuditEntry(services.now(), ACTING.get(), "role", account.name, detail)
            before = await services.backend.set_server_role(account.key, new, entry)
            made = StaffSet(services.now(), SERVER, SERVER_NICK, who=account.name, role=new.name.lower())
            await services.batches.happen(made)
        return {"name": account.name, "role": new.name.lower(), "before": before.name.lower()}

    # Sanctions: what staff types as /gban and its like, by somebody who is nobody's equal and not here.

    def _caller(self) -> Caller:
        caller = Caller(self.services, self.connections, NullEar(), "", "shell")
        caller.presence = shell(ACTING.get())
        return caller

    async def bans(self) -> Mapping[str, Any]:
        """Everybody who is banned from the server, or muted in it."""
        return {"bans": [_sanction(each) for each in self.services.chat.staff.server_sanctions(self.services.now())]}

    async def ban(
        self, target: str, duration: str = "forever", reason: str = "", mute: str = "false"
    ) -> Mapping[str, Any]:
        """
        Keep somebody out of the server, or only silent in it. Who is here is let go.

        @param target: a nickname, an account, an address or a network. @param duration: such as C{7d}, or C{forever}.
        @raise BadArguments: @raise Unlawful: @raise NotAllowed: it is an admin. @raise LimitReached:
        """
        caller, end = self._caller(), until(self.services.now(), duration)
        made = await (caller.server_mute if truth(mute) else caller.server_ban)(target, end, reason)
        return _sanction(made)

    async def lift(self, target: str, mute: str = "false") -> Mapping[str, Any]:
        """
        Let somebody in again, or talk.

        @raise NotFound:
        """
        caller = self._caller()
        return {"target": await (caller.server_unmute if truth(mute) else caller.server_unban)(target)}

    async def audit(self, who: str = "", limit: str = "50", before: str = "") -> Mapping[str, Any]:
        """
        Entries of the log, oldest first: the last ones, or those before a number.

        @param who: only what this person did, or what was done to them.
        """
        size, last = max(1, min(number(limit), ENTRIES)), number(before) if before else None
        found = await self.services.backend.audit_log(fold(who.strip()) or None, last, size)
        return {"entries": [entry_facts(entry) for entry in found]}
