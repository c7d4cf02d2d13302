"""
Joining and leaving: who makes a room, who joins it, who invites whom.

It knows the lobby, rooms and their locks. What a room may be set to is in L{chatroom.core.room_settings}.
"""

from __future__ import annotations

from chatroom.core import permissions
from chatroom.core.audit import entry_of
from chatroom.core.cleaning import quoted
from chatroom.core.directory import Directory
from chatroom.core.names import fold, room_name
from chatroom.core.presence import Presence
from chatroom.core.rooms import Room
from chatroom.core.rules import Rules
from chatroom.core.talk import TalkRules
from chatroom.errors import (
    LimitReached,
    NeedsAccount,
    NotAllowed,
    NotFound,
    Refused,
    RoomExists,
    RoomWantsPassword,
    counted,
)
from chatroom.events import AdmittedSet, Event, Invited, Joined, Left, Role, RoleSet, RoomCreated, RoomEvent


def lapse(at: float, who: Presence, room: Room) -> list[Event]:
    """A guest's role ends, since the next guest of that name is another person."""
    if who.account or who.key not in room.roles:
        return []
    return [RoleSet(at, room.name, who.nick, who=who.nick, role="member", guest=True)]


class MembershipRules(Rules):
    """
    Who is in a room, and by whose leave.

    @ivar lobby: the name of the room that everybody joins first; C{""} where there is none.
    """

    __slots__ = ("_talk", "lobby")

    def __init__(self, directory: Directory, talk: TalkRules, lobby: str) -> None:
        super().__init__(directory.state, directory.limits)
        self._talk = talk
        self.lobby = lobby

    def create(
        self, at: float, who: Presence, name: str, keep: bool, kept_by_account: int, node: str = ""
    ) -> RoomCreated:
        """
        @param kept_by_account: how many rooms the account keeps already. @param node: through which it is made.
        @raise Unlawful: @raise RoomExists: @raise NeedsAccount: @raise LimitReached:
        """
        name = room_name(name, self.limits.room_length)
        found = self.state.rooms.get(name)
        if found is not None and permissions.is_hidden(found, who):
            raise RoomExists(f"The name {name} is taken. Choose another one.")
        if found is not None:
            raise RoomExists(f"There is already a room called {name}. /join {name} joins it.")
        if keep and not who.account:
            raise NeedsAccount("You need an account to keep an empty room. /signup creates one.")
        if keep and kept_by_account >= self.limits.kept_rooms_per_account:
            sentence = f"You already keep {counted(kept_by_account, 'room')}; that is the limit."
            raise LimitReached(sentence, most=self.limits.kept_rooms_per_account)
        self._check_rooms_left(who)
        return RoomCreated(at, name, who.nick, keep=keep, node=node)

    def kept_rooms(self, key: str) -> int:
        """How many rooms that stay without members this person owns."""
        return sum(self.state.rooms[name].keep for name in self.state.owned.get(key, ()))

    def settle(self, at: float, who: Presence, name: str) -> list[Event]:
        """A room's maker becomes its owner and joins it: what follows L{RoomCreated}."""
        return [
            RoleSet(at, name, who.nick, who=who.nick, role="owner", guest=not who.account),
            Joined(at, name, who.nick, guest=not who.account, bot=who.bot),
        ]

    def asks_password(self, who: Presence, room: Room) -> bool:
        """Whether this person has to name the room's password to join."""
        return bool(room.password) and permissions.power(room, who) < Role.OPERATOR and not room.is_invited(who.key)

    def join(self, at: float, who: Presence, room: Room) -> list[Event]:
        """
        Join; the password, if it asks for one, has been named. Nothing, if already in.

        @raise Banned: @raise RoomLocked: @raise RoomClosedToYou: @raise LimitReached:
        """
        if room.name in who.rooms:
            return []
        permissions.check_may_enter(room, who, at)
        self._check_rooms_left(who)
        return [Joined(at, room.name, who.nick, guest=not who.account, bot=who.bot)]

    def arrive_in_lobby(self, at: float, who: Presence) -> list[Event]:
        """
        What somebody does first: join the lobby.

        @param who: who is about to be here.
        @raise Refused: as C{join} does, or because it has a password, which nobody has been asked for yet.
        """
        lobby = self.state.rooms[self.lobby]
        events = self.join(at, who, lobby)
        if self.asks_password(who, lobby):
            raise RoomWantsPassword(f"{lobby.name} has a password: /join {lobby.name} PASSWORD")
        return [*events, *(self.entered_as_staff(at, who, lobby) if who.staff else ())]

    def entered_as_staff(self, at: float, who: Presence, room: Room) -> list[Event]:
        """The audit entry for joining a room that would not have let one in otherwise; nothing for others."""
        try:
            permissions.check_is_open(room, who, at)
        except Refused:
            return [entry_of(at, who, "room-enter", room.name)]
        if room.password and room.role(who.key) < Role.OPERATOR and not room.is_invited(who.key):
            return [entry_of(at, who, "room-enter", room.name)]
        return []

    def _check_rooms_left(self, who: Presence) -> None:
        most = self.limits.rooms_per_person
        if len(who.rooms) >= most:
            sentence = f"You are in {counted(len(who.rooms), 'room')}; that is the limit. /leave one first."
            raise LimitReached(sentence, most=most)

    def leave(self, at: float, who: Presence, room: Room, reason: str, gone: bool = False) -> list[Event]:
        """Leave the room, or with C{gone} the server. A guest's role goes with them."""
        if reason and not gone:
            self._talk.reserve(room, who, at)
        return [Left(at, room.name, who.nick, reason=self.reason(reason), gone=gone), *lapse(at, who, room)]

    def invite(self, at: float, who: Presence, room: Room, nick: str, account: bool) -> RoomEvent:
        """
        @param account: whether C{nick} is an account.
        @raise NotAllowed: they are in already. @raise LimitReached:
        """
        if fold(nick) in room.members:
            raise NotAllowed(f"{quoted(nick)} is already in {room.name}.")
        most = self.limits.invites_per_room
        if len(room.invited) >= most and fold(nick) not in room.invited:
            sentence = f"{room.name} has {counted(len(room.invited), 'open invitation')}; that is the limit."
            raise LimitReached(sentence, most=most)
        return Invited(at, room.name, who.nick, who=nick, guest=not account)

    def admit(self, at: float, who: Presence, room: Room, nick: str, on: bool) -> RoomEvent:
        """
        Let somebody of this name join at any time, or no longer.

        @raise LimitReached: @raise NotFound:
        """
        key, most = fold(nick), self.limits.invites_per_room
        if on and len(room.admitted) >= most and key not in room.admitted:
            raise LimitReached(f"/admitted of {room.name} has {counted(most, 'name')}; that is the limit.", most=most)
        if not on and key not in room.admitted:
            raise NotFound(f"{quoted(nick)} is not admitted to {room.name}. /admitted lists who is.")
        return AdmittedSet(at, room.name, who.nick, who=nick if on else room.admitted[key].who, on=on)
