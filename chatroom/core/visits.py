"""
A visit to the server: how it ends, and what goes along when a guest takes another nickname or becomes an account.

It knows what is on a person: roles, invitations, bans and mutes. Whether a nickname is free is the server's to ask.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from chatroom.core import permissions
from chatroom.core.audit import entry
from chatroom.core.directory import Directory
from chatroom.core.holds import Holds
from chatroom.core.membership import MembershipRules, lapse
from chatroom.core.names import fold
from chatroom.core.presence import Presence
from chatroom.core.rooms import Room
from chatroom.core.rules import Rules
from chatroom.core.talk import TalkRules
from chatroom.events import (
    ACCOUNT,
    BAN,
    GUEST,
    MUTE,
    SERVER,
    AwaySet,
    Became,
    Departed,
    Event,
    Invited,
    Renamed,
    Role,
    RoleSet,
    RoomBanned,
    RoomMuted,
    Sanctioned,
    Uninvited,
)


class VisitRules(Rules):
    """What becomes of somebody's roles, invitations and sanctions."""

    __slots__ = ("_membership", "_talk")

    def __init__(self, directory: Directory, talk: TalkRules, membership: MembershipRules) -> None:
        super().__init__(directory.state, directory.limits)
        self._talk = talk
        self._membership = membership

    def depart(
        self, at: float, who: Presence, node: str, reason: str, own: bool = False, goes_on: str = ""
    ) -> list[Event]:
        """
        Leave the server through this node; if it was the last, the rooms as well.

        @param own: the reason is what they said, and not what happened to them.
        @param goes_on: who the connection will be: see L{Departed}.
        """
        last, reason = who.nodes <= {node}, self.reason(reason)
        said = own and bool(reason)
        events: list[Event] = [
            Departed(at, SERVER, who.nick, node=node, last=last, reason=reason, own=said, goes_on=goes_on)
        ]
        if last:
            for room in who.rooms.values():
                events += self._membership.leave(at, who, room, reason, gone=True)
            events += self._uninvite(at, who)
        return events

    def _uninvite(self, at: float, who: Presence) -> list[Event]:
        """A guest's invitations end with the visit, as roles do: the next person with this nickname was not invited."""
        names = () if who.account else self.state.invitations.get(who.key, ())
        return [Uninvited(at, name, who.nick, who=who.nick) for name in names]

    def invited_as(self, at: float, who: Presence, new: str, account: bool) -> list[Event]:
        """
        A guest's invitations hold under the new name: as a guest's, or, with an account, longer than the visit. They
        are C{new} by now, and have given up those that they had by the old one.
        """
        names = () if who.account else self.state.invitations.get(who.key, ())
        return [Invited(at, name, new, who=new, guest=not account) for name in names]

    def check_may_rename(self, at: float, who: Presence) -> None:
        """
        Whether the rooms that somebody is in may read another nickname of theirs. A moderated room may: it is no talk.

        @raise Muted: @raise TooSoon:
        """
        for room in who.rooms.values():
            permissions.check_is_not_muted(room, who, at)
            self._talk.check_pace(room, who, at, "Change your nickname")

    def rename(self, at: float, who: Presence, new: str, account: bool) -> list[Event]:
        """
        Change the nickname, create an account, or both. The caller has checked and claimed the new name. The person
        leaves each room that the new name is banned from.
        """
        events: list[Event] = []
        rooms = list(who.rooms.values())
        for room in rooms.copy():
            if fold(new) != who.key and permissions.is_shut_out(room, fold(new), at):
                events += self._membership.leave(at, who, room, f"the account {new} is banned here")
                rooms.remove(room)
        invited = self.invited_as(at, who, new, account)
        if fold(new) != who.key:
            events += self._uninvite(at, who)
        for node in sorted(who.nodes):  # each of them remembers the name
            events.append(_became(at, who, new, account, node))
        if account or fold(new) != who.key:
            events += invited
        if who.away and fold(new) != who.key:  # what was known of the old nickname is gone with it
            events.append(AwaySet(at, SERVER, new, text=who.away))
        for room in rooms:
            if new != who.nick:
                self._talk.reserve(room, who, at)
                events.append(Renamed(at, room.name, who.nick, new=new))
            if not who.account and (account or fold(new) != who.key):
                events += self._take_along(at, who, room, new, account)
        return events + self.carried_along(at, who, new, account)

    def _take_along(self, at: float, who: Presence, room: Room, new: str, account: bool) -> list[Event]:
        """A guest's role in a room is theirs under the new name."""
        role, same = room.role(who.key), fold(new) == who.key
        events = [] if same else lapse(at, who, room)
        if role > Role.MEMBER and (same or room.role(fold(new)) < role):
            events.append(RoleSet(at, room.name, new, who=new, role=role.name.lower(), guest=not account))
        return events

    def role_as_account(self, at: float, who: Presence, room: Room, account: str) -> list[Event]:
        """
        A guest turns out to be an account that is on line already: it has the guest's role in a room, unless the room
        has banned it. The guest's own role ends with the departure.
        """
        role, key = room.role(who.key), fold(account)
        if role <= max(Role.MEMBER, room.role(key)) or permissions.is_shut_out(room, key, at):
            return []
        return [RoleSet(at, room.name, who.nick, who=account, role=role.name.lower())]

    # Bans and mutes.

    def carried_along(self, at: float, who: Presence, new: str, account: bool) -> list[Event]:
        """
        What holds on somebody holds under the new name: a mute of the server, and the mutes and bans of all rooms. On a
        guest it does anyway, unless it was put on the name. On somebody who becomes an account it holds as on one.
        """
        events: list[Event] = []
        mute = self._goes_along(self.state.server_mutes, at, who, new, account)
        if mute is not None:
            kept = Sanctioned(
                at, SERVER, mute.nick, act=MUTE, target=new, scope=ACCOUNT, until=mute.until, reason=mute.reason
            )
            made = kept if account else _on_guest(kept, who)
            events += [made, entry(at, mute.nick, MUTE, new, f"was called {who.nick}")]
        for room in self.state.ruled.values():
            if room.role(fold(new)) < Role.OPERATOR or not account:
                events += self._carried_in(room, at, who, new, account)
        return events

    def _carried_in(self, room: Room, at: float, who: Presence, new: str, account: bool) -> list[Event]:
        """The same in one room."""
        events: list[Event] = []
        for act, told, book in ((BAN, RoomBanned, room.bans), (MUTE, RoomMuted, room.mutes)):
            hold = self._goes_along(book, at, who, new, account)
            if hold is not None and account:
                events.append(told(at, room.name, hold.nick, who=new, until=hold.until, reason=hold.reason))
            elif hold is not None:
                made = Sanctioned(at, room.name, hold.nick, act=act, target=new, until=hold.until, reason=hold.reason)
                events.append(_on_guest(made, who))
        return events

    def _goes_along(self, book: Holds[Any], at: float, who: Presence, new: str, account: bool) -> Any:
        """The ban or mute that has to be put on somebody anew, for it to hold under the new name; or C{None}."""
        hold = book.own(who, at) if book.entries else None
        if hold is None or permissions.in_force(book.entries.get(fold(new)), at):
            return None
        on_visit = isinstance(hold, Sanctioned) and bool(hold.visit)
        return None if on_visit and not account else hold


def _on_guest(act: Sanctioned, who: Presence) -> Sanctioned:
    return replace(act, scope=GUEST, visit=who.visit, origin=who.origin)


def _became(at: float, who: Presence, new: str, account: bool, node: str) -> Became:
    visit, origin = ("", "") if account else (who.visit, who.origin)
    return Became(at, SERVER, who.nick, new=new, account=account, node=node, visit=visit, origin=origin)
