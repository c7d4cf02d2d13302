"""
What is true now: who is on line, which rooms there are, and what holds on whom.

L{State.apply} is the one place where the state changes; what each kind of event changes is in
L{chatroom.core.changes}. It is given what a backend has kept and ordered, so that it comes out the same on every node.
It knows no clock, no connection and no backend.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from chatroom.core.changes import before, people, rooms, server
from chatroom.core.changes.pace import note_line
from chatroom.core.holds import Holds
from chatroom.core.listings import People, PublicRooms
from chatroom.core.presence import PastGuest, Presence
from chatroom.core.recollections import Recollection, RoomNumbered
from chatroom.core.rooms import Room
from chatroom.core.sanctions import Sanctions
from chatroom.events import MUTE, SERVER, Arrived, Became, Event, LockdownSet, PluginStored, Reported, RoomEvent

_CHANGES: Mapping[type, Callable[[State, Any], bool | None]] = {
    **people.CHANGES,
    **server.CHANGES,
    **rooms.CHANGES,
    **before.CHANGES,
}
"""What each kind of event changes; C{False} where its room should not be told. Talk is in none of them."""


class State:
    """
    The state of the server, the same on every node.

    @ivar people: presences by key. @ivar rooms: rooms by name.
    @ivar invitations: names of the rooms that somebody is invited to, by key.
    @ivar lockdown: who may not come in; also one that has run out.
    @ivar reports: those that are open, by number. @ivar last_report: the last number that was given.
    @ivar server_bans: whom the server keeps out. @ivar server_mutes: whom it keeps silent.
    @ivar former: guests by the key of a nickname that they were the last to have, oldest first.
    @ivar stored: what plugins keep, by the plugin's name and the value's key, in the order in which it was stored.
    @ivar age: how many events it has seen. What was worked out at the same age still holds.

    So that nothing has to look at all rooms or people, it also keeps of them:

    @ivar listed: rooms that anybody may know of, and C{by_name}: people, in the orders in which they are listed.
    @ivar paced: rooms in slow mode, and C{ruled}: rooms with a ban, a mute or a lock, by name.
    @ivar owned: the names of the rooms of each owner, by the owner's key.
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
        self.stored: dict[str, dict[str, PluginStored]] = {}
        self.age = 0
        self.listed = PublicRooms()
        self.by_name = People()
        self.paced: dict[str, Room] = {}
        self.ruled: dict[str, Room] = {}
        self.owned: dict[str, set[str]] = {}

    def learn(self, events: Iterable[Event], last: Mapping[str, int] | None = None) -> None:
        """
        Begin with what a L{chatroom.records.StartState} tells: people first, for all else is about them.

        @param last: the number of each room's last event.
        """
        for event in sorted(events, key=lambda event: not isinstance(event, Arrived | Became)):
            self.apply(event)
        for name, number in (last or {}).items():
            self.apply(RoomNumbered(name, number))

    def apply(self, event: Event | Recollection) -> bool:
        """
        Let an event change the state.

        @return: False where it changed nothing that its room should be told.
        """
        self.age += 1
        change = _CHANGES.get(type(event))
        changed: bool | None = True
        if change is not None:
            changed = change(self, event)
            if not isinstance(event, Recollection) and event.room:
                self.note(event.room)
        if isinstance(event, RoomEvent) and event.seq:
            room = self.rooms.get(event.room)
            if room is not None:
                room.last = event.seq
                if room.pace is not None:
                    note_line(self, room, event)
        return changed is not False

    def note(self, name: str) -> None:
        """A room may be listed elsewhere now, be in slow mode, or have a ban, a mute or a lock; or no more."""
        room = self.rooms.get(name)
        self.listed.note(name, room)
        for there, which in (
            (room is not None and room.pace is not None, self.paced),
            (room is not None and (room.bans.entries or room.mutes.entries or room.lock is not None), self.ruled),
        ):
            if there and room is not None:
                which[name] = room
            elif name in which:
                del which[name]

    def book(self, act: str, room: str) -> Holds[Any]:
        """The bans or the mutes of the server, or of a room that there is."""
        if room == SERVER:
            return self.server_mutes if act == MUTE else self.server_bans
        found = self.rooms[room]
        return found.mutes if act == MUTE else found.bans
