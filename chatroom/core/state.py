"""
What is true now: who is on line, which rooms there are, and what each event changes.

L{State.apply} is the one place where the state changes. It is given what a backend has kept and ordered, so
that it comes out the same on every node. It decides nothing and refuses nothing: an event that is true already, or
was overtaken by another node's, does no harm. It knows no clock, no connection and no backend. It is long because there
are many kinds of events.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from chatroom.core import room_moderation as moderation
from chatroom.core.holds import Holds
from chatroom.core.names import fold
from chatroom.core.presence import Presence
from chatroom.core.room_moderation import note_pace
from chatroom.core.rooms import Room
from chatroom.core.sanctions import Sanctions
from chatroom.core.throttle import Throttle
from chatroom.erasure import anonymous
from chatroom.events import (
    MUTE,
    OPEN,
    SERVER,
    Arrived,
    AwaySet,
    Became,
    Departed,
    Erased,
    Event,
    Invited,
    InviteOnlySet,
    Joined,
    Kicked,
    Left,
    LockdownSet,
    Locked,
    Pardoned,
    PasswordSet,
    Renamed,
    ReportClosed,
    Reported,
    Role,
    RoleSet,
    RoomBanned,
    RoomClosed,
    RoomCreated,
    RoomEvent,
    RoomMuted,
    RoomUnbanned,
    RoomUnmuted,
    Sanctioned,
    ServerRole,
    SlowSet,
    StaffSet,
    TopicRuleSet,
    TopicSet,
    Uninvited,
    Unlocked,
)

FORMER = 1000
"""So many guests are remembered who had a nickname last and are gone."""


class PastGuest(NamedTuple):
    """One who had a nickname: see L{Presence}."""

    nick: str
    visit: str
    origin: str


class State:
    """
    The state of the server, the same on every node.

    @ivar people: presences by key. @ivar rooms: rooms by name.
    @ivar invitations: names of the rooms that somebody is invited to, by key.
    @ivar lockdown: who may not come in; also one that has run out.
    @ivar reports: those that are open, by number. @ivar last_report: the last number that was given.
    @ivar server_bans: whom the server keeps out. @ivar server_mutes: whom it keeps silent.
    @ivar former: guests by the key of a nickname that they were the last to have, oldest first.
    @ivar age: how many events it has seen. What was worked out at the same age still holds.
    """

    def __init__(self) -> None:
        self.people: dict[str, Presence] = {}
        self.rooms: dict[str, Room] = {}
        self.invitations: dict[str, dict[str, None]] = {}
        self.lockdown: LockdownSet | None = None
        self.reports: dict[int, Reported] = {}
        self.last_report = 0
        self.server_bans = Sanctions()
        self.server_mutes = Sanctions()
        self.former: dict[str, PastGuest] = {}
        self.age = 0

    def learn(self, events: Iterable[Event]) -> None:
        """Begin with what a L{chatroom.records.StartState} tells: people first, for all else is about them."""
        for event in sorted(events, key=lambda event: not isinstance(event, Arrived | Became)):
            self.apply(event)

    def apply(self, event: Event) -> bool:
        """
        Let an event change the state.

        @return: False where it changed nothing that its room should be told.
        """
        self.age += 1
        apply = _APPLY.get(type(event))
        changed = True if apply is None else apply(self, event)
        if isinstance(event, RoomEvent) and event.seq:
            room = self.rooms.get(event.room)
            if room is not None:
                room.last = event.seq
                if room.pace is not None and _is_read(event):
                    self._note_pace(room, event)
        return changed is not False

    def _note_pace(self, room: Room, event: RoomEvent) -> None:
        who = self.people.get(fold(event.new if isinstance(event, Renamed) else event.nick))
        if who is not None:
            note_pace(room, who.pace_key, event.at)

    def recall_pace(self, room: Room, line: RoomEvent) -> None:
        """This was said in a room in slow mode before this node began: by somebody here, or an account perhaps."""
        key = fold(line.nick)
        who = self.people.get(key)
        if who is None or who.since <= line.at:
            note_pace(room, key if who is None else who.pace_key, line.at)

    def _arrived(self, event: Arrived) -> None:
        who = self.people.get(fold(event.nick))
        if who is None:
            who = Presence(event.nick, event.account, event.node, event.at)
            self.people[who.key] = who
        who.nodes.add(event.node)
        who.account = event.account
        _be_guest(who, event)
        for room in self.rooms.values() if who.visit else ():
            if room.pace is not None:  # what was recalled by the name alone
                room.pace.rename(who.key, who.visit)

    def _departed(self, event: Departed) -> None:
        who = self.people.get(fold(event.nick))
        if who is not None:
            who.nodes.discard(event.node)
            if event.last:
                who.away = ""
            if not who.nodes:
                del self.people[who.key]
                self._remember(who.nick, who)
                self._leave_pace(who, event.at)

    def _remember(self, nick: str, who: Presence) -> None:
        """Who had a nickname last, if that was a guest: for those who want to ban or mute them all the same."""
        key = fold(nick)
        self.former.pop(key, None)
        if who.visit:
            self.former[key] = PastGuest(nick, who.visit, who.origin)
            while len(self.former) > FORMER:
                del self.former[next(iter(self.former))]

    def _leave_pace(self, who: Presence, at: float) -> None:
        """Where a guest is gone who has to wait in a room, the next one from there waits in their place."""
        for room in self.rooms.values() if who.visit else ():
            if room.pace is not None:
                if who.origin and room.pace.wait(who.visit, at) > room.pace.wait(who.origin, at):
                    room.pace.rename(who.visit, who.origin)
                room.pace.forget(who.visit)

    def _became(self, event: Became) -> None:
        old, new = fold(event.nick), fold(event.new)
        who = self.people.pop(old, None) or self.people.get(new)
        if who is None:  # a snapshot holds only the last event of a slot
            who = Presence(event.new, event.account, event.node, event.at)
        if old != new:
            who.away = ""
        for room in who.rooms.values():
            room.members.pop(who.key, None)
        who.nodes.add(event.node)
        if old != new:
            self._remember(event.nick, who)
        before, origin = who.pace_key, who.origin
        who.nick, who.key, who.account = event.new, new, event.account
        _be_guest(who, event)
        for room in who.rooms.values():
            room.members[who.key] = who
        for room in self.rooms.values() if who.pace_key != before else ():
            if room.pace is not None:
                left = room.pace.wait(before, event.at)
                if origin and left > room.pace.wait(origin, event.at):  # the next guest from there waits as well
                    room.pace.forget(origin)
                    room.pace.note(origin, event.at + left - room.slow)
                room.pace.rename(before, who.pace_key)
        self.people[who.key] = who

    def _away(self, event: AwaySet) -> None:
        who = self.people.get(fold(event.nick))
        if who is not None:
            who.away = event.text
            for room in self.rooms_reading(who, event.at):
                if room.pace is not None:
                    note_pace(room, who.pace_key, event.at)

    def rooms_reading(self, who: Presence, at: float) -> list[Room]:
        """The rooms of somebody that read what they say by the way now: they are not muted, nor is it too soon."""
        return [
            room
            for room in who.rooms.values()
            if moderation.mute_on(room, who, at) is None and moderation.pace_left(room, who, at) <= 0
        ]

    def _staff(self, event: StaffSet) -> bool:
        who = self.people.get(fold(event.who))
        before = ServerRole.NONE if who is None else who.staff
        if who is not None:
            who.staff = ServerRole[event.role.upper()]
        return who is not None and who.staff is not before

    def _lockdown(self, event: LockdownSet) -> None:
        self.lockdown = None if event.level == OPEN else event

    def _reported(self, event: Reported) -> None:
        self.reports[event.number] = event
        self.last_report = max(self.last_report, event.number)

    def _report_closed(self, event: ReportClosed) -> bool:
        self.last_report = max(self.last_report, event.highest)
        return self.reports.pop(event.number, None) is not None

    def _book(self, act: str, room: str, at: float = 0.0) -> Holds[Any]:
        """The bans or the mutes of the server, or of a room."""
        if room == SERVER:
            return self.server_mutes if act == MUTE else self.server_bans
        found = self._room(room, at)
        return found.mutes if act == MUTE else found.bans

    def _sanctioned(self, event: Sanctioned) -> None:
        self._book(event.act, event.room, event.at).put(event)

    def _pardoned(self, event: Pardoned) -> bool:
        return self._book(event.act, event.room, event.at).remove(event.visit or event.target) is not None

    def _erased(self, event: Erased) -> None:
        """Facts that name somebody name nobody, as in the backend."""
        books: list[Holds[Any]] = [self.server_bans, self.server_mutes]
        for room in self.rooms.values():
            books += [room.bans, room.mutes]
            if room.lock is not None:
                room.lock = anonymous(room.lock, event.who, event.keep_text) or room.lock
        if self.lockdown is not None:
            self.lockdown = anonymous(self.lockdown, event.who, event.keep_text) or self.lockdown
        for book in books:
            book.change(lambda fact: anonymous(fact, event.who, event.keep_text))
        for number, report in self.reports.items():
            self.reports[number] = anonymous(report, event.who, event.keep_text) or report
        self.former.pop(event.who, None)

    def _enter(self, name: str, nick: str, at: float) -> bool:
        who = self.people.get(fold(nick))
        if who is None or name in who.rooms:
            return False
        room = self._room(name, at)
        room.members[who.key] = who
        self._take_back(room, who.key)
        who.rooms[name] = room
        return True

    def _room(self, name: str, at: float) -> Room:
        """A room, made where it is not: it was closed by one node while another still let people in."""
        room = self.rooms.get(name)
        if room is None:
            room = self.rooms[name] = Room(name, at)
        return room

    def _joined(self, event: Joined) -> bool:
        return self._enter(event.room, event.nick, event.at)

    def _renamed(self, event: Renamed) -> bool:
        self._enter(event.room, event.new, event.at)  # only in a snapshot; else L{Became} has done it
        self._take_back(self._room(event.room, event.at), fold(event.new))
        return True

    def _exit(self, name: str, key: str) -> bool:
        room = self.rooms.get(name)
        who = room.members.pop(key, None) if room is not None else None
        if who is None:
            return False
        who.rooms.pop(name, None)
        return True

    def _left(self, event: Left) -> bool:
        return self._exit(event.room, fold(event.nick))

    def _kicked(self, event: Kicked) -> bool:
        return self._exit(event.room, fold(event.who))

    def _created(self, event: RoomCreated) -> None:
        room = self._room(event.room, event.at)
        room.created, room.keep = event.at, event.keep

    def _closed(self, event: RoomClosed) -> None:
        room = self.rooms.pop(event.room, None)
        for key in list(room.invited) if room is not None else ():
            self._take_back(room, key)

    def _topic(self, event: TopicSet) -> None:
        self._room(event.room, event.at).topic = event.text

    def _topic_rule(self, event: TopicRuleSet) -> None:
        self._room(event.room, event.at).topic_by = event.by

    def _password(self, event: PasswordSet) -> None:
        self._room(event.room, event.at).password = event.hash

    def _invite_only(self, event: InviteOnlySet) -> None:
        self._room(event.room, event.at).invite_only = event.on

    def _slow(self, event: SlowSet) -> bool:
        room = self._room(event.room, event.at)
        if room.slow == event.seconds:
            return False
        room.slow, room.pace = event.seconds, Throttle(1, event.seconds) if event.seconds else None
        return True

    def _locked(self, event: Locked) -> None:
        self._room(event.room, event.at).lock = event

    def _unlocked(self, event: Unlocked) -> None:
        self._room(event.room, event.at).lock = None

    def _invited(self, event: Invited) -> bool:
        key = fold(event.who)
        if key in self.people or not event.guest:  # else they have gone meanwhile
            self._room(event.room, event.at).invited.add(key)
            self.invitations.setdefault(key, {})[event.room] = None
        return fold(event.nick) != key  # a guest's that an account has taken over: no news

    def _uninvited(self, event: Uninvited) -> bool:
        self._take_back(self.rooms.get(event.room), fold(event.who))
        return False

    def _take_back(self, room: Room | None, key: str) -> None:
        """An invitation is used, or holds no more."""
        if room is not None and key in room.invited:
            room.invited.remove(key)
            del self.invitations[key][room.name]
            if not self.invitations[key]:
                del self.invitations[key]

    def _role(self, event: RoleSet) -> bool:
        roles, key = self._room(event.room, event.at).roles, fold(event.who)
        role = Role[event.role.upper()]
        before = roles.pop(key, Role.MEMBER)
        if role > Role.MEMBER:
            roles[key] = role
        lapsed = event.guest and fold(event.nick) == key  # with the guest's visit or name: no news
        return before is not role and not lapsed

    # What is on a guest is not on the name, and comes as L{Sanctioned} and L{Pardoned}: these tell the room.

    def _hushed(self, event: RoomMuted) -> None:
        if not event.guest:
            self._room(event.room, event.at).mutes.put(event)

    def _unhushed(self, event: RoomUnmuted) -> None:
        if not event.guest:
            self._room(event.room, event.at).mutes.remove(event.who)

    def _barred(self, event: RoomBanned) -> None:
        room = self._room(event.room, event.at)
        if not event.guest:
            room.bans.put(event)
        self._take_back(room, fold(event.who))
        self._exit(event.room, fold(event.who))

    def _unbarred(self, event: RoomUnbanned) -> None:
        if not event.guest:
            self._room(event.room, event.at).bans.remove(event.who)


def _be_guest(who: Presence, event: Arrived | Became) -> None:
    """Somebody has a visit, or is an account. One whom an older node has announced has one as well."""
    if who.account:
        who.visit = who.origin = ""
    elif event.visit:
        who.visit, who.origin = event.visit, event.origin
    elif not who.visit:
        who.visit = f"~{event.node}:{event.at:.3f}:{who.key}"


def _is_read(event: RoomEvent) -> bool:
    """Whether it is what somebody chose to have read in a room: talk, a topic, a nickname, or a farewell."""
    if isinstance(event, Left):
        return bool(event.reason) and not event.gone
    return not event.changes or isinstance(event, TopicSet | Renamed)


_APPLY: dict[type[Event], Callable[..., bool | None]] = {
    Arrived: State._arrived,
    Departed: State._departed,
    Became: State._became,
    AwaySet: State._away,
    StaffSet: State._staff,
    LockdownSet: State._lockdown,
    Reported: State._reported,
    ReportClosed: State._report_closed,
    Sanctioned: State._sanctioned,
    Pardoned: State._pardoned,
    Erased: State._erased,
    Joined: State._joined,
    Left: State._left,
    Renamed: State._renamed,
    Kicked: State._kicked,
    RoomCreated: State._created,
    RoomClosed: State._closed,
    TopicSet: State._topic,
    TopicRuleSet: State._topic_rule,
    PasswordSet: State._password,
    InviteOnlySet: State._invite_only,
    SlowSet: State._slow,
    Locked: State._locked,
    Unlocked: State._unlocked,
    Invited: State._invited,
    Uninvited: State._uninvited,
    RoleSet: State._role,
    RoomMuted: State._hushed,
    RoomUnmuted: State._unhushed,
    RoomBanned: State._barred,
    RoomUnbanned: State._unbarred,
}
