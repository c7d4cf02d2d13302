"""
What may happen: a method of L{Chat} named after the wish returns the events that would fulfil it, or raises
L{Refused}. Nothing has happened yet: a backend keeps and orders the events, then L{State.apply} makes them true.

It knows no clock (the time is an argument), no connection and no backend. Rules about what may be said and who may
enter are here; rules about rank are in L{chatroom.core.room_moderation}. It is long because wishes are many; each is
short.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chatroom.core import room_moderation as moderation
from chatroom.core.holds import Holds, held
from chatroom.core.names import FEW, clean, clean_lines, fold, is_blank, is_plain, message, quoted, room_name
from chatroom.core.presence import Presence
from chatroom.core.rooms import Room
from chatroom.core.server_moderation import ServerModeration
from chatroom.core.state import PastGuest
from chatroom.errors import (
    Filtered,
    LimitReached,
    NeedsAccount,
    NoSuchPerson,
    NoSuchRoom,
    NotAllowed,
    NotFound,
    NotInRoom,
    RoomExists,
    RoomWantsPassword,
    Unlawful,
    counted,
)
from chatroom.events import (
    BAN,
    GUEST,
    MEMBERS,
    MUTE,
    SERVER,
    Acted,
    AutoSaid,
    AwaySet,
    Became,
    Departed,
    Event,
    Invited,
    InviteOnlySet,
    Joined,
    Kicked,
    Left,
    Locked,
    Pardoned,
    PasswordSet,
    Renamed,
    Role,
    RoleSet,
    RoomBanned,
    RoomCreated,
    RoomEvent,
    RoomMuted,
    RoomUnbanned,
    RoomUnmuted,
    Said,
    Sanctioned,
    ServerRole,
    SlowSet,
    TopicRuleSet,
    TopicSet,
    Uninvited,
    Unlocked,
)
from chatroom.limits import Limits

Filter = Callable[[Room, Presence, str, bool], str]
"""Who is about to say what where, and whether it is C{/me}; gives what is said instead, or raises L{Refused}."""


class Chat(ServerModeration):
    """
    The state, and what may be wished in it.

    @ivar filter: looks at what is about to be said; C{None} where nobody does.
    @ivar lobby: the name of the room that everybody joins first; C{""} where there is none.
    """

    def __init__(self, limits: Limits, filter: Filter | None = None, lobby: str = "") -> None:
        super().__init__(limits)
        self.filter = filter
        self.lobby = lobby

    # Finding.

    def room(self, name: str, who: Presence | None = None) -> Room:
        """
        A room by the name somebody typed.

        @param who: for whom; a room that is hidden from them is none.
        @raise NoSuchRoom: @raise Unlawful: it could not even be one.
        """
        found = self.rooms.get(name)
        if found is None:
            name = room_name(name, self.limits.room_length)
            found = self.rooms.get(name)
        if found is None or (who is not None and moderation.is_hidden(found, who)):
            raise NoSuchRoom(f"There is no room called {name}. /rooms lists them, /create {name} makes it.")
        return found

    def room_of(self, who: Presence, name: str) -> Room:
        """
        A room that somebody is in.

        @raise NotInRoom: @raise NoSuchRoom: @raise Unlawful:
        """
        room = who.rooms.get(name)
        if room is None:
            room = self.room(name, who)
            if room.name not in who.rooms:
                raise NotInRoom(f"You are not in {room.name}. /join {room.name} takes you there.")
        return room

    def member(self, room: Room, nick: str) -> Presence:
        """@raise NotInRoom: nobody of that name is in the room."""
        found = room.members.get(fold(nick))
        if found is None:
            raise NotInRoom(f"{quoted(nick)} is not in {room.name}.")
        return found

    # Deciding: talk.

    def say(self, at: float, who: Presence, name: str, text: str, act: bool, auto: bool = False) -> RoomEvent:
        """@raise Unlawful: @raise NotInRoom: @raise Muted: @raise TooSoon: @raise Filtered:"""
        room = who.rooms.get(name) or self.room_of(who, name)
        if room.mutes.entries:
            moderation.check_may_talk(room, who, at)
        text = self.talk(text)
        if self.filter is not None:
            text = self._filtered(self.filter(room, who, text, act))
        if room.pace is not None:
            moderation.keep_pace(room, who, at, text)
        kind = Acted if act else AutoSaid if auto else Said
        return kind(at, room.name, who.nick, 0, text)

    def talk(self, text: str) -> str:
        """
        Text that may be said.

        @raise Unlawful: it is too long, or there is nothing in it.
        """
        if is_plain(text, self.limits.text_length):
            return text
        text = message(text, self.limits.text_length, self.limits.message_lines)
        if is_blank(text):
            raise Unlawful("There is nothing in that line that could be shown.")
        return text

    def _filtered(self, text: str) -> str:
        """What a filter has left of a text is held to the same rules."""
        text = clean_lines(text, self.limits.message_lines)
        if is_blank(text):
            raise Filtered("That line was not said: the filter of this server leaves nothing of it.")
        return text[: self.limits.text_length]

    # Deciding: comings and goings.

    def create(self, at: float, who: Presence, name: str, keep: bool, kept_by_account: int) -> RoomCreated:
        """
        @param kept_by_account: how many rooms the account keeps already.
        @raise Unlawful: @raise RoomExists: @raise NeedsAccount: @raise LimitReached:
        """
        name = room_name(name, self.limits.room_length)
        if name in self.rooms and moderation.is_hidden(self.rooms[name], who):
            raise RoomExists(f"The name {name} is taken. Choose another one.")
        if name in self.rooms:
            raise RoomExists(f"There is a room called {name} already. /join {name} takes you there.")
        if keep and not who.account:
            raise NeedsAccount("Only an account can keep a room without members. /signup PASSWORD makes you one.")
        if keep and kept_by_account >= self.limits.kept_rooms_per_account:
            raise LimitReached(f"You keep {counted(kept_by_account, 'room')} already; no account may keep more.")
        self._check_rooms_left(who)
        return RoomCreated(at, name, who.nick, keep=keep)

    def kept_rooms(self, key: str) -> int:
        """How many rooms that stay without members this person owns."""
        return sum(room.keep and room.roles.get(key) is Role.OWNER for room in self.rooms.values())

    def settle(self, at: float, who: Presence, name: str) -> list[Event]:
        """A room's maker becomes its owner and goes in: what follows L{RoomCreated}."""
        return [
            RoleSet(at, name, who.nick, who=who.nick, role="owner", guest=not who.account),
            Joined(at, name, who.nick, guest=not who.account),
        ]

    def asks_password(self, who: Presence, room: Room) -> bool:
        """Whether this person has to name the room's password to come in."""
        return bool(room.password) and moderation.power(room, who) < Role.OPERATOR and who.key not in room.invited

    def join(self, at: float, who: Presence, room: Room) -> list[Event]:
        """
        Come in; the password, if it asks for one, has been named. Nothing, if already in.

        @raise Banned: @raise RoomLocked: @raise RoomClosedToYou: @raise LimitReached:
        """
        if room.name in who.rooms:
            return []
        moderation.check_may_enter(room, who, at)
        self._check_rooms_left(who)
        return [Joined(at, room.name, who.nick, guest=not who.account)]

    def arrive_in_lobby(self, at: float, who: Presence) -> list[Event]:
        """
        What somebody does first: join the lobby.

        @param who: who is about to be here.
        @raise Refused: as C{join} does, or because it has a password, which nobody has been asked for yet.
        """
        lobby = self.rooms[self.lobby]
        events = self.join(at, who, lobby)
        if self.asks_password(who, lobby):
            raise RoomWantsPassword(f"{lobby.name} has a password: /join {lobby.name} PASSWORD")
        return [*events, *(self.entered_as_staff(at, who, lobby) if who.staff else ())]

    def paces(self, who: Presence, at: float) -> dict[str, float]:
        """When somebody said something last, by rooms in slow mode in which they still have to wait for it."""
        waits = {room: room.pace.wait(who.pace_key, at) for room in self.rooms.values() if room.pace is not None}
        return {room.name: at + wait - room.slow for room, wait in waits.items() if 0 < wait <= room.slow}

    def _check_rooms_left(self, who: Presence) -> None:
        if len(who.rooms) >= self.limits.rooms_per_person:
            raise LimitReached(f"You are in {counted(len(who.rooms), 'room')}, which is the most. /leave one first.")

    def leave(self, at: float, who: Presence, room: Room, reason: str, gone: bool = False) -> list[Event]:
        """Go out. A guest's role goes with them."""
        return [Left(at, room.name, who.nick, reason=self.reason(reason), gone=gone), *self._lapse(at, who, room)]

    def _lapse(self, at: float, who: Presence, room: Room) -> list[Event]:
        """A guest's role ends, since the next guest of that name is another person."""
        if who.account or who.key not in room.roles:
            return []
        return [RoleSet(at, room.name, who.nick, who=who.nick, role="member", guest=True)]

    def depart(self, at: float, who: Presence, node: str, reason: str) -> list[Event]:
        """Leave the server through this node; if it was the last, the rooms as well."""
        last = who.nodes <= {node}
        events: list[Event] = [Departed(at, SERVER, who.nick, node=node, last=last, reason=self.reason(reason))]
        if last:
            for room in who.rooms.values():
                events += self.leave(at, who, room, reason, gone=True)
            events += self._uninvite(at, who)
        return events

    def _uninvite(self, at: float, who: Presence) -> list[Event]:
        """A guest's invitations end as the role does: whoever has the name next was not meant."""
        names = () if who.account else self.invitations.get(who.key, ())
        return [Uninvited(at, name, who.nick, who=who.nick) for name in names]

    def invited_as(self, at: float, who: Presence, new: str, account: bool) -> list[Event]:
        """
        A guest's invitations hold under the new name: as a guest's, or, with an account, longer than the visit. They
        are C{new} by now, and have given up those that they had by the old one.
        """
        names = () if who.account else self.invitations.get(who.key, ())
        return [Invited(at, name, new, who=new, guest=not account) for name in names]

    def check_may_rename(self, at: float, who: Presence) -> None:
        """
        Whether the rooms that somebody is in may read another nickname of theirs.

        @raise Muted: @raise TooSoon:
        """
        for room in who.rooms.values():
            moderation.check_may_talk(room, who, at)
            moderation.check_pace(room, who, at, "Change your nickname")

    def rename(self, at: float, who: Presence, new: str, account: bool) -> list[Event]:
        """
        Take another nickname, which is lawful and claimed, or become an account, or both. Where that name is banned,
        one has to leave.
        """
        events: list[Event] = []
        rooms = list(who.rooms.values())
        for room in rooms.copy():
            if fold(new) != who.key and moderation.is_shut_out(room, fold(new), at):
                events += self.leave(at, who, room, f"{new} is banned here")
                rooms.remove(room)
        invited = self.invited_as(at, who, new, account)
        if fold(new) != who.key:
            events += self._uninvite(at, who)
        for node in sorted(who.nodes):  # each of them remembers the name
            events.append(_became(at, who, new, account, node))
        if account or fold(new) != who.key:
            events += invited
        for room in rooms:
            if new != who.nick:
                events.append(Renamed(at, room.name, who.nick, new=new))
            if not who.account and (account or fold(new) != who.key):
                events += self._take_along(at, who, room, new, account)
        return events + self.carried_along(at, who, new, account)

    def _take_along(self, at: float, who: Presence, room: Room, new: str, account: bool) -> list[Event]:
        """A guest's role in a room is theirs under the new name."""
        role, same = room.role(who.key), fold(new) == who.key
        events = [] if same else self._lapse(at, who, room)
        if role > Role.MEMBER and (same or room.role(fold(new)) < role):
            events.append(RoleSet(at, room.name, new, who=new, role=role.name.lower(), guest=not account))
        return events

    # Deciding: what a room is.

    def set_topic(self, at: float, who: Presence, room: Room, text: str) -> RoomEvent:
        """@raise Muted: @raise NotAllowed: @raise Unlawful: @raise TooSoon:"""
        moderation.check_may_talk(room, who, at)
        if not self.members_set_topic(room) and moderation.power(room, who) < Role.OPERATOR:
            whose = "its operators" if room.name != self.lobby else "the staff of this server"
            raise NotAllowed(f"In {room.name} the topic is for {whose} to set.")
        if len(text) <= FEW * self.limits.topic_length:
            text = clean(text).strip()
        if len(text) > self.limits.topic_length:
            raise Unlawful(f"That topic has {len(text)} characters; {self.limits.topic_length} are the most.")
        moderation.keep_pace(room, who, at, text, "Set the topic")
        return TopicSet(at, room.name, who.nick, text=text)

    def members_set_topic(self, room: Room) -> bool:
        """Whether every member may set the topic: as the room has chosen, or else where nobody is in charge."""
        if room.topic_by:
            return room.topic_by == MEMBERS
        return room.name != self.lobby and not room.governed()

    def set_topic_by(self, at: float, who: Presence, room: Room, by: str) -> RoomEvent:
        """
        @param by: L{MEMBERS} or L{OPERATORS}.
        """
        return TopicRuleSet(at, room.name, who.nick, by=by)

    def set_password(self, at: float, who: Presence, room: Room, hash: str) -> RoomEvent:
        return PasswordSet(at, room.name, who.nick, hash=hash, on=bool(hash))

    def set_invite_only(self, at: float, who: Presence, room: Room, on: bool) -> RoomEvent:
        return InviteOnlySet(at, room.name, who.nick, on=on)

    def set_slow(self, at: float, who: Presence, room: Room, seconds: int) -> RoomEvent:
        """@raise LimitReached: that is longer than people may be asked to wait."""
        if seconds > self.limits.slow_seconds:
            raise LimitReached(f"Slow mode lets people wait {counted(self.limits.slow_seconds, 'second')} at most.")
        return SlowSet(at, room.name, who.nick, seconds=seconds)

    def lock(self, at: float, who: Presence, room: Room, until: float, reason: str) -> RoomEvent:
        return Locked(at, room.name, who.nick, until=until, reason=self.reason(reason))

    def unlock(self, at: float, who: Presence, room: Room) -> RoomEvent:
        """@raise NotFound:"""
        if not moderation.in_force(room.lock, at):
            raise NotFound(f"{room.name} is not locked.")
        return Unlocked(at, room.name, who.nick)

    def invite(self, at: float, who: Presence, room: Room, nick: str, account: bool) -> RoomEvent:
        """
        @param account: whether C{nick} is an account.
        @raise NotAllowed: they are in already. @raise LimitReached:
        """
        if fold(nick) in room.members:
            raise NotAllowed(f"{quoted(nick)} is in {room.name} already.")
        if len(room.invited) >= self.limits.invites_per_room and fold(nick) not in room.invited:
            raise LimitReached(f"{room.name} has {counted(len(room.invited), 'open invitation')}, which is the most.")
        return Invited(at, room.name, who.nick, who=nick, guest=not account)

    def set_role(self, at: float, who: Presence, room: Room, nick: str, account: bool, role: Role) -> RoomEvent:
        """
        @param account: whether C{nick} is an account; if not, it must be in the room.
        @raise NotInRoom: @raise NotAllowed:
        """
        if not account:
            nick = self.member(room, nick).nick
        if fold(nick) == who.key and role is not Role.OWNER and self._owners(room) == 1:
            raise NotAllowed(f"You are the only owner of {room.name}. Make another one first.")
        if fold(nick) != who.key:
            self._check_outranks(room, who, fold(nick), "change the role of")
        return RoleSet(at, room.name, who.nick, who=nick, role=role.name.lower(), guest=not account)

    def _owners(self, room: Room) -> int:
        return sum(role is Role.OWNER for role in room.roles.values())

    # Deciding: order.

    def kick(self, at: float, who: Presence, room: Room, nick: str, reason: str) -> list[Event]:
        """@raise NotInRoom: @raise NotAllowed:"""
        target = self.member(room, nick)
        self._check_outranks(room, who, target.key, "kick")
        return [
            Kicked(at, room.name, who.nick, who=target.nick, reason=self.reason(reason)),
            *self._lapse(at, target, room),
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
        guest, reason = self.guest_called(nick, account), self.reason(reason)
        nick = nick if guest is None else guest.nick
        self._check_outranks(room, who, fold(nick), "ban")
        events = self._make_space(at, who, room, room.bans, nick, guest)
        if fold(nick) in room.roles:
            events.append(RoleSet(at, room.name, who.nick, who=nick))
        told = RoomBanned(at, room.name, who.nick, who=nick, until=until, reason=reason, guest=guest is not None)
        return [*events, told, *_on_visit(told, BAN, guest)]

    def mute(
        self, at: float, who: Presence, room: Room, nick: str, until: float, reason: str, account: bool = False
    ) -> list[Event]:
        """
        As C{ban}.

        @raise NotAllowed: @raise LimitReached:
        """
        guest, reason = self.guest_called(nick, account), self.reason(reason)
        nick = nick if guest is None else guest.nick
        self._check_outranks(room, who, fold(nick), "mute")
        events = self._make_space(at, who, room, room.mutes, nick, guest)
        told = RoomMuted(at, room.name, who.nick, who=nick, until=until, reason=reason, guest=guest is not None)
        return [*events, told, *_on_visit(told, MUTE, guest)]

    def guest_called(self, nick: str, account: bool = False) -> PastGuest | None:
        """
        The guest of that name who is here, or who was the last to have it; C{None} if there was none, or the name is
        an account's.
        """
        present = self.people.get(fold(nick))
        if present is not None:
            return PastGuest(present.nick, present.visit, present.origin) if present.visit else None
        former = None if account else self.former.get(fold(nick))
        if former is not None:  # they may be called otherwise by now
            names = [who.nick for who in self.people.values() if who.visit == former.visit]
            return former._replace(nick=names[0]) if names else former
        return None

    def _check_outranks(self, room: Room, who: Presence, key: str, what: str) -> None:
        """@raise NotAllowed: the other is on line, and staff, or above one in the room."""
        other = self.people.get(key)
        moderation.check_outranks(room, who, key, ServerRole.NONE if other is None else other.staff, what)

    def _make_space(
        self, at: float, who: Presence, room: Room, book: Holds[Any], nick: str, guest: PastGuest | None
    ) -> list[Event]:
        """Clear away what has run out, where one more would be too many."""
        if (fold(nick) if guest is None else guest.visit) in book.entries:
            return []
        if len(room.bans) + len(room.mutes) < self.limits.bans_per_room:
            return []
        old = moderation.expired(room, at)
        if not old:
            raise LimitReached(f"{room.name} has {_bans(self.limits.bans_per_room)}, which is the most.")
        return [event for act in old for event in _lifted(at, who, room, act)]

    def unban(self, at: float, who: Presence, room: Room, nick: str) -> list[Event]:
        """@raise NotFound:"""
        return self._lift(at, who, room, room.bans, nick, "banned from")

    def unmute(self, at: float, who: Presence, room: Room, nick: str) -> list[Event]:
        """@raise NotFound:"""
        return self._lift(at, who, room, room.mutes, nick, "muted in")

    def _lift(self, at: float, who: Presence, room: Room, book: Holds[Any], nick: str, what: str) -> list[Event]:
        """@param what: the beginning of what one is who is not found."""
        present = self.people.get(fold(nick))
        found = book.called(nick, present)
        if not found:
            other = None if present is None else book.on_person(present, at)
            only = "" if other is None else f", but guests from the address of {held(other)} are"
            raise NotFound(f"{quoted(nick)} is not {what} {room.name}{only}. /bans lists who is.")
        return [event for act in found for event in _lifted(at, who, room, act)]

    def set_away(self, at: float, who: Presence, text: str) -> Event:
        return AwaySet(at, SERVER, who.nick, text=self.reason(text))

    def person_on_line(self, nick: str) -> Presence:
        """@raise NoSuchPerson:"""
        found = self.people.get(fold(nick))
        if found is None:
            raise NoSuchPerson(f"Nobody called {quoted(nick)} is here.")
        return found


def _bans(number: int) -> str:
    return counted(number, "ban or mute", "bans and mutes")


def _became(at: float, who: Presence, new: str, account: bool, node: str) -> Became:
    visit, origin = ("", "") if account else (who.visit, who.origin)
    return Became(at, SERVER, who.nick, new=new, account=account, node=node, visit=visit, origin=origin)


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


def _lifted(at: float, who: Presence, room: Room, act: RoomBanned | RoomMuted | Sanctioned) -> list[Event]:
    """A ban or mute of the room is no more."""
    banned = isinstance(act, RoomBanned) or (isinstance(act, Sanctioned) and act.act == BAN)
    told, guest = RoomUnbanned if banned else RoomUnmuted, isinstance(act, Sanctioned)
    events: list[Event] = [told(at, room.name, who.nick, who=held(act), guest=guest)]
    if isinstance(act, Sanctioned):
        events.append(Pardoned(at, room.name, who.nick, act=act.act, target=act.target, visit=act.visit))
    return events
