"""
Order in a room, as its operators keep it: roles, kicks, bans and mutes.

It knows who is in charge of a room, and who is there. Whether a ban or a mute holds, and for whom, is in
L{chatroom.core.permissions}.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chatroom.core import permissions
from chatroom.core.cleaning import quoted
from chatroom.core.directory import Directory
from chatroom.core.holds import Holds, held
from chatroom.core.membership import lapse
from chatroom.core.names import fold
from chatroom.core.presence import PastGuest, Presence
from chatroom.core.rooms import Room
from chatroom.core.rules import Rules
from chatroom.core.state import State
from chatroom.errors import LimitReached, NotAllowed, NotFound, counted
from chatroom.events import (
    BAN,
    GUEST,
    MUTE,
    Event,
    Kicked,
    Pardoned,
    Role,
    RoleSet,
    RoomBanned,
    RoomEvent,
    RoomMuted,
    RoomUnbanned,
    RoomUnmuted,
    Sanctioned,
    ServerRole,
)


class RoomModerationRules(Rules):
    """What those in charge of a room may do to others in it."""

    __slots__ = ("_directory",)

    def __init__(self, directory: Directory) -> None:
        super().__init__(directory.state, directory.limits)
        self._directory = directory

    def set_role(self, at: float, who: Presence, room: Room, nick: str, account: bool, role: Role) -> RoomEvent:
        """
        @param account: whether C{nick} is an account; if not, it must be in the room.
        @raise NotInRoom: @raise NotAllowed:
        """
        if not account:
            nick = self._directory.member(room, nick).nick
        if fold(nick) == who.key and role is not Role.OWNER and self._owners(room) == 1:
            raise NotAllowed(f"You are the only owner of {room.name}. Make somebody else owner first (/op NICK owner).")
        if fold(nick) != who.key:
            self._check_outranks(room, who, fold(nick), "change the role of")
        return _role_set(at, who, room, nick, role, guest=not account)

    def set_voice(self, at: float, who: Presence, room: Room, nick: str, account: bool, on: bool) -> list[Event]:
        """
        Give voice, or take it away. A person with voice may talk although the room is moderated. Voice lifts a mute.
        Nothing happens to operators and owners, nor to a person who has voice already.

        @param account: as in C{set_role}.
        @raise NotInRoom:
        """
        if not account:
            nick = self._directory.member(room, nick).nick
        key = fold(nick)
        if room.roles.get(key, Role.MEMBER) is not (Role.MEMBER if on else Role.VOICE):
            return []
        events: list[Event] = []
        if on:
            for act in room.mutes.called(nick, self.state.people.get(key)):
                events += _lifted(at, who, room, act)
        return [*events, _role_set(at, who, room, nick, Role.VOICE if on else Role.MEMBER, guest=not account)]

    def _owners(self, room: Room) -> int:
        return sum(role is Role.OWNER for role in room.roles.values())

    def kick(self, at: float, who: Presence, room: Room, nick: str, reason: str) -> list[Event]:
        """@raise NotInRoom: @raise NotAllowed:"""
        target = self._directory.member(room, nick)
        self._check_outranks(room, who, target.key, "kick")
        return [
            Kicked(at, room.name, who.nick, who=target.nick, reason=self.reason(reason)),
            *lapse(at, target, room),
        ]

    def ban(
        self, at: float, who: Presence, room: Room, nick: str, until: float, reason: str, account: bool = False
    ) -> list[Event]:
        """
        A role ends by it. With the ban, those that have run out are cleared away. A guest is banned by any name, and
        guests from the same address with them: then the last event says so.

        @param account: the name is known to be an account's.
        @raise NotAllowed: @raise LimitReached:
        """
        guest, reason = self._directory.guest_called(nick, account), self.reason(reason)
        nick = nick if guest is None else guest.nick
        self._check_outranks(room, who, fold(nick), "ban")
        events = self._make_space(at, who, room, room.bans, nick, guest)
        if fold(nick) in room.roles:
            events.append(_role_set(at, who, room, nick, Role.MEMBER))
        told = RoomBanned(
            at, room.name, who.nick, who=nick, until=until, reason=reason, guest=guest is not None,
            absent=fold(nick) not in room.members,
        )  # fmt: skip
        return [*events, told, *_on_visit(told, BAN, guest)]

    def mute(
        self, at: float, who: Presence, room: Room, nick: str, until: float, reason: str, account: bool = False
    ) -> list[Event]:
        """
        As C{ban}. Of roles, only voice ends by it.

        @raise NotAllowed: @raise LimitReached:
        """
        guest, reason = self._directory.guest_called(nick, account), self.reason(reason)
        nick = nick if guest is None else guest.nick
        self._check_outranks(room, who, fold(nick), "mute")
        events = self._make_space(at, who, room, room.mutes, nick, guest)
        if room.roles.get(fold(nick)) is Role.VOICE:
            events.append(_role_set(at, who, room, nick, Role.MEMBER, guest=guest is not None))
        told = RoomMuted(at, room.name, who.nick, who=nick, until=until, reason=reason, guest=guest is not None)
        return [*events, told, *_on_visit(told, MUTE, guest)]

    def _check_outranks(self, room: Room, who: Presence, key: str, what: str) -> None:
        """@raise NotAllowed: the other is on line, and staff, or above one in the room."""
        other = self.state.people.get(key)
        permissions.check_outranks(room, who, key, ServerRole.NONE if other is None else other.shown_staff, what)

    def _make_space(
        self, at: float, who: Presence, room: Room, book: Holds[Any], nick: str, guest: PastGuest | None
    ) -> list[Event]:
        """Clear away what has run out, where one more would be too many."""
        if (fold(nick) if guest is None else guest.visit) in book.entries:
            return []
        if len(room.bans) + len(room.mutes) < self.limits.bans_per_room:
            return []
        old = permissions.expired(room, at)
        if not old:
            most = self.limits.bans_per_room
            raise LimitReached(f"{room.name} has {_bans(most)}; that is the limit.", most=most)
        return [event for act in old for event in _lifted(at, who, room, act)]

    def unban(self, at: float, who: Presence, room: Room, nick: str) -> list[Event]:
        """@raise NotFound:"""
        return self._lift(at, who, room, room.bans, nick, "banned from")

    def unmute(self, at: float, who: Presence, room: Room, nick: str) -> list[Event]:
        """@raise NotFound:"""
        return self._lift(at, who, room, room.mutes, nick, "muted in")

    def _lift(self, at: float, who: Presence, room: Room, book: Holds[Any], nick: str, what: str) -> list[Event]:
        """@param what: the beginning of what one is who is not found."""
        present = self.state.people.get(fold(nick))
        found = book.called(nick, present)
        if not found:
            other = None if present is None else book.on_person(present, at)
            only = "" if other is None else f", but guests from the address of {held(other)} are"
            raise NotFound(f"{quoted(nick)} is not {what} {room.name}{only}. /bans lists who is.")
        return [event for act in found for event in _lifted(at, who, room, act)]


def _role_set(at: float, who: Presence, room: Room, nick: str, role: Role, guest: bool = False) -> RoleSet:
    was = room.roles.get(fold(nick), Role.MEMBER)
    return RoleSet(at, room.name, who.nick, who=nick, role=role.name.lower(), guest=guest, was=was.name.lower())


def _bans(number: int) -> str:
    return counted(number, "ban or mute", "bans and mutes")


def _on_visit(told: RoomBanned | RoomMuted, act: str, guest: PastGuest | None) -> list[Event]:
    """What holds on a guest, whom the room was told of."""
    if guest is None:
        return []
    return [
        Sanctioned(
            told.at, told.room, told.nick,
            act=act, target=guest.nick, scope=GUEST, until=told.until, reason=told.reason,
            visit=guest.visit, origin=guest.origin,
        )
    ]  # fmt: skip


def freed(state: State, event: RoomUnbanned | RoomUnmuted) -> Sequence[str]:
    """
    The people on line, by their keys, who are outside of the room and whose ban or mute this lifts; asked before it is
    applied. One that has run out is only cleared away.
    """
    room = state.rooms.get(event.room)
    if room is None:
        return ()
    book: Holds[Any] = room.bans if isinstance(event, RoomUnbanned) else room.mutes
    acts = [act for act in book.entries.values() if held(act) == event.who and permissions.in_force(act, event.at)]
    visits = {act.visit for act in acts if isinstance(act, Sanctioned)}
    keys = {fold(event.who)} if any(not isinstance(act, Sanctioned) for act in acts) else set()
    keys.update(state.by_name.visits[visit] for visit in visits if visit in state.by_name.visits)
    there = [state.people[key] for key in sorted(keys) if key in state.people]
    return [who.key for who in there if room.name not in who.rooms]


def _lifted(at: float, who: Presence, room: Room, act: RoomBanned | RoomMuted | Sanctioned) -> list[Event]:
    """A ban or mute of the room is no more."""
    banned = isinstance(act, RoomBanned) or (isinstance(act, Sanctioned) and act.act == BAN)
    told, guest = RoomUnbanned if banned else RoomUnmuted, isinstance(act, Sanctioned)
    events: list[Event] = [told(at, room.name, who.nick, who=held(act), guest=guest)]
    if isinstance(act, Sanctioned):
        events.append(Pardoned(at, room.name, who.nick, act=act.act, target=act.target, visit=act.visit))
    return events
