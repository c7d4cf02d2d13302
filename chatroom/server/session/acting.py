"""
Acting as staff without logging in: by the password of an account that has a role, for one connection, until it ends.

The nickname stays, and so does all else that one is. It knows accounts and the entrance, and not what staff may do.
"""

from __future__ import annotations

from chatroom.core import inbox, staff
from chatroom.core.audit import entry_of
from chatroom.errors import NotAllowed
from chatroom.events import SERVER, Audited, ServerRole, StaffTold
from chatroom.server.session.arriving import proved_account
from chatroom.server.session.base import SessionBase
from chatroom.server.session.lent import Lent, highest, proof_of


class ActingActions(SessionBase):
    """What L{chatroom.interfaces.IModeration} says of acting as staff."""

    __slots__ = ()

    async def borrow_role(self, name: str, password: str) -> ServerRole:
        self.here()
        account = await proved_account(self, name, password)
        backend, role = self.services.backend, account.role
        if role is ServerRole.NONE:
            raise NotAllowed(f"{account.name} has no role on this server. /staff lists who has.")
        if self.account and (await backend.account(self.here().key) or account).role >= role:
            raise NotAllowed(f"{self.nick} has no lower role than {account.name}, and it counts already.")
        if self.changing:
            raise NotAllowed("Your nickname is changing at the moment. Try again.")
        who, lent = self.here(), Lent(account.name, proof_of(account), role)
        others = (each for each in self.connections.of(who.key) if each is not self)
        shown = self.acting_as(who.nick, max(role, highest(others)))
        entry = Audited(self.now(), SERVER, account.name, "oper", who.nick, role.name.lower(), who.nick)
        await self.happen(shown, entry)
        if self.presence is None or self.closed:
            raise NotAllowed("You are not who you were. Try again.")
        self.lend(lent)
        self.show_acting()
        return role

    async def return_role(self) -> str:
        self.here()
        lent = self.lent
        if lent is None:
            raise NotAllowed("You do not act as another account. /oper NAME PASSWORD begins it.")
        entry = entry_of(self.now(), self.here(), "unoper", self.here().nick)
        self.lend(None)
        self.show_acting()
        await self.happen(entry)
        return lent.account

    async def tell_staff(self, text: str) -> None:
        who, limits = self.here(), self.services.limits
        staff.check_is(who, ServerRole.MODERATOR, "talk to all staff")
        self.check_may_speak()
        text = inbox.whisper_text(text, limits.text_length, limits.message_lines)
        self.ear.charge(text.count("\n"), shared=False)
        told = StaffTold(self.now(), SERVER, who.nick, text, who.actor if who.by else "")
        await self.happen(told, entry_of(self.now(), who, "wallops", "staff"))
