"""
The caller: one connection, as the server knows it. Here commands are found and guarded, in one place.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from functools import partial

from chatroom.core.permissions import check_power
from chatroom.errors import NeedsAccount, NotAllowed, UnknownCommand
from chatroom.habits import instead_of
from chatroom.interfaces import Answer, ICommand, ISession, Outcome, Receipt, Role, Standing, provides
from chatroom.plugins.find import is_built_in
from chatroom.server.session.account import AccountActions
from chatroom.server.session.acting import ActingActions
from chatroom.server.session.arguments import named, parse
from chatroom.server.session.certificates import CertificateActions
from chatroom.server.session.identity import IdentityActions
from chatroom.server.session.protection import ProtectionActions
from chatroom.server.session.reading import ReadingActions
from chatroom.server.session.room_moderation import RoomModerationActions
from chatroom.server.session.rooms import RoomActions
from chatroom.server.session.running import run_guarded
from chatroom.server.session.snapshot import SnapshotActions
from chatroom.server.session.staff import StaffActions
from chatroom.server.session.talk import TalkActions


@provides(ISession)
class Caller(
    TalkActions,
    RoomActions,
    ReadingActions,
    RoomModerationActions,
    StaffActions,
    ActingActions,
    ProtectionActions,
    IdentityActions,
    AccountActions,
    CertificateActions,
    SnapshotActions,
):
    """All families together. They are siblings: each stands on C{SessionBase} alone, and knows no other."""

    __slots__ = ()

    def do(self, word: str, arguments: str | Mapping[str, str]) -> Outcome | Awaitable[Outcome]:
        command = self.command(word)
        if command.standing:  # that is, not for anybody: to ask for a member of an enum by its name takes longer
            self.here()
            if command.standing is Standing.ACCOUNT and not self.account:
                raise NeedsAccount(f"/{command.name} needs an account. /signup creates one.")
        given = parse(command, arguments) if isinstance(arguments, str) else named(command, arguments)
        as_staff = bool(command.staff)
        if command.role:
            as_staff = self._takes_staff(command, given.get("room")) or as_staff
        if not is_built_in(command):
            return run_guarded(self, command, given, partial(self._check_staff, command, given) if as_staff else None)
        return self._run_as_staff(command, given) if as_staff else command.run(self, given)

    def _takes_staff(self, command: ICommand, name: str | None) -> bool:
        """
        Whether somebody has the role in the room only by what they are on the server.

        @raise NotAllowed: not even by that.
        """
        room, who = self.looked_at(name, command.role), self.here()
        check_power(room, who, command.role, command.name)
        return bool(room.role(who.key) < command.role)

    async def _run_as_staff(self, command: ICommand, given: Mapping[str, str]) -> Outcome:
        await self._check_staff(command, given)
        outcome = command.run(self, given)
        return outcome if outcome is None or isinstance(outcome, Answer | Receipt) else await outcome

    async def _check_staff(self, command: ICommand, given: Mapping[str, str]) -> None:
        """Whoever was staff a moment ago need not be now, so their account is asked."""
        if await self.server_role() < command.staff:
            raise NotAllowed(f"Only server {command.staff.name.lower()}s can use /{command.name}. /staff lists them.")
        if command.role > Role.NOBODY:
            self._takes_staff(command, given.get("room"))

    def command(self, word: str) -> ICommand:
        found = self.services.commands.get(word) or self.services.commands.get(word.lower())
        if found is None:
            raise UnknownCommand(f"There is no command /{word[:32]}. {self._did_you_mean(word)}")
        return found

    def _did_you_mean(self, word: str) -> str:
        """What to type instead of a word that is no command. It is never done without being typed."""
        staff = self.staff
        words = {
            each
            for command in self.services.commands.values()
            if not command.hidden and command.staff <= staff
            for each in (command.name, *command.aliases)
        }
        more = "/help lists commands. To send a line that starts with a slash, type // for the slash."
        return instead_of(word, tuple(sorted(words))) or more

    def commands(self) -> Sequence[ICommand]:
        mine = Standing.ANYBODY
        if self.presence is not None:
            mine = Standing.ACCOUNT if self.account else Standing.GUEST
        usable = {
            command.name: command
            for command in self.services.commands.values()
            if not command.hidden and command.standing <= mine and command.staff <= self.staff
        }
        return sorted(usable.values(), key=lambda command: (command.family, command.name))

    def quit(self, reason: str) -> None:
        rooms = () if self.presence is None else list(self.presence.rooms.values())
        self.gone(self.services.chat.visits.reason(self.own_words(reason, rooms)), own=True)
        self.ear.hang_up("Goodbye.")
