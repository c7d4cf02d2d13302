"""
The order of things: which number an event gets, whether it happens at all, and which facts hold after it.

Backends whose nodes share one process share this: they write down what a L{Draft} says and take it back where that
fails. It knows what events say about themselves (C{recorded}, C{only_if}, C{slots()}), and nothing of disks, nodes,
or what any event means.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from functools import partial

from chatroom.erasure import anonymous
from chatroom.events import (
    ALL_SLOTS,
    MEMBER_SLOT,
    ROLE_SLOT,
    ROOM_SLOT,
    SERVER,
    Audited,
    Condition,
    Event,
    RoomEvent,
    Slots,
    number,
    on_line_slot,
)
from chatroom.folding import fold
from chatroom.records import AuditEntry


class RoomLog:
    """
    A room from its first event until it is closed. One that is made again is another, which counts on.

    @ivar id: no other room ever has it.
    @ivar last: the last number given in it, or 0. @ivar before: the last one given before it, as far as is known.
    @ivar slots: the last event of each slot that holds, in the order in which they were set.
    @ivar stored: a backend that writes rooms down has done so.
    """

    __slots__ = ("before", "id", "last", "name", "slots", "stored")

    def __init__(self, id: int, name: str, last: int = 0, stored: bool = False, before: int = 0) -> None:
        self.id = id
        self.name = name
        self.last = last
        self.before = before
        self.stored = stored
        self.slots: dict[str, Event] = {}


class Ledger:
    """
    What holds after all that was kept, and what would hold after the draft under way. One draft at a time.

    @ivar rooms: by name; the server is one of them.
    """

    def __init__(self) -> None:
        self.rooms: dict[str, RoomLog] = {}
        self._newest = 0

    def draft(self, batch: Sequence[Event]) -> Draft:
        """Let these happen, in order, until it turns out whether they can be kept."""
        draft = Draft(self)
        try:
            for event in batch:
                draft.add(event)
        except BaseException:
            draft.take_back()
            raise
        return draft

    def load(self, room: RoomLog) -> None:
        """A room as it was written down before."""
        self.rooms[room.name] = room
        self._newest = max(self._newest, room.id)

    def make(self, name: str, last: int = 0) -> RoomLog:
        """A new room, in the place of one that may have had this name."""
        self._newest += 1
        room = self.rooms[name] = RoomLog(self._newest, name, last, before=last)
        return room

    def presence(self, node: str) -> tuple[Event, ...]:
        """What holds of those who are on line through a node, in the order in which it was set in each room."""
        server = self.rooms.get(SERVER)
        people = map(on_line_slot, () if server is None else server.slots)
        keys = {key for key, through in people if through == node}
        return tuple(
            event
            for room in self.rooms.values()
            for slot, event in room.slots.items()
            if event.slots().presence and _concerns(slot, node, keys)
        )

    def adopt(self, present: Sequence[Event]) -> None:
        """Let this hold of who is on line, as it did before; it is no news."""
        for event in present:
            slot = event.slots().sets
            if slot is not None:
                room = self.rooms.get(event.room) or self.make(event.room)
                room.slots[slot] = event

    def erase(self, key: str, keep_text: bool) -> list[tuple[RoomLog, str, Event]]:
        """
        Take somebody's name out of all facts.

        @return: those that have changed: room, slot and the event that it has now.
        """
        changed = []
        for room in self.rooms.values():
            for slot, event in room.slots.items():
                new = None if event.slots().presence else anonymous(event, key, keep_text)
                if new is not None:
                    room.slots[slot] = new
                    changed.append((room, slot, new))
        return changed

    def forget_presence(self) -> None:
        """Nobody is on line."""
        for room in self.rooms.values():
            room.slots = {slot: event for slot, event in room.slots.items() if not event.slots().presence}


class Draft:
    """
    A batch as it happens, in order: numbered, and with its facts set. It is kept, or taken back whole.

    @ivar happened: for each event, whether its condition held.
    @ivar events: those that happened.
    @ivar recorded: those that belong to a room's history.
    @ivar audited: those that belong into the audit log.
    @ivar rooms: in order, rooms that must be written down (C{True}) and rooms that are closed (C{False}).
    @ivar facts: slots to be written down with the event they now have, or to be struck out (C{None}). Facts about
        who is on line are not among them.
    """

    __slots__ = ("_lasts", "_ledger", "_undo", "audited", "events", "facts", "happened", "recorded", "rooms")

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._lasts: dict[RoomLog, int] = {}
        self._undo: list[Callable[[], object]] = []
        self.happened: list[bool] = []
        self.events: list[Event] = []
        self.recorded: list[tuple[RoomLog, RoomEvent]] = []
        self.audited: list[Audited] = []
        self.rooms: list[tuple[RoomLog, bool]] = []
        self.facts: dict[tuple[RoomLog, str], Event | None] = {}

    def add(self, event: Event) -> None:
        """Let the next one happen, if its condition holds."""
        happens = self._happens(event)
        self.happened.append(happens)
        if happens:
            self.events.append(event)

    def durable(self) -> bool:
        """Whether there is anything to be written down."""
        return bool(self.recorded or self.rooms or self.facts or self.audited)

    def entries(self) -> list[AuditEntry]:
        """What is to be written into the audit log."""
        return [AuditEntry(each.at, each.nick, each.act, each.target, each.detail) for each in self.audited]

    def take_back(self) -> None:
        """It could not be kept: everything is again as it was."""
        for undo in reversed(self._undo):
            undo()
        for room, last in self._lasts.items():
            room.last = last
        for _, event in self.recorded:
            number(event, 0)

    def _happens(self, event: Event) -> bool:
        room = self._ledger.rooms.get(event.room)
        if room is None:
            room = self._ledger.make(event.room)
            self._undo.append(partial(self._ledger.rooms.pop, event.room))
        slots = event.slots() if event.changes else None
        if slots is not None and not _holds(event, room, slots):
            return False
        if event.begins and room.last > room.before:  # a line has crossed with the closing of the room before
            room = self._replace(room)
        if event.recorded and isinstance(event, RoomEvent):
            if room not in self._lasts:
                self._lasts[room] = room.last
                self._store(room)
            room.last += 1
            number(event, room.last)
            self.recorded.append((room, event))
        if slots is not None:
            self._change(event, room, slots)
        return True

    def _change(self, event: Event, room: RoomLog, slots: Slots) -> None:
        if isinstance(event, Audited):
            self.audited.append(event)
        for slot in slots.clears:
            if slot == ALL_SLOTS:
                room = self._replace(room)
            else:
                self._put(room, slot, None)
        if slots.sets is not None:
            self._put(room, slots.sets, event, slots.presence)

    def _put(self, room: RoomLog, slot: str, event: Event | None, presence: bool = False) -> None:
        """@param presence: the event says who is on line."""
        old = room.slots.pop(slot, None)
        if event is not None:
            room.slots[slot] = event
        elif old is None:
            return
        self._undo.append(partial(_restore, room.slots, slot, old))
        if event is not None and not presence:
            self._store(room)
            self.facts.pop((room, slot), None)  # it comes last now
            self.facts[room, slot] = event
        elif old is not None and not old.slots().presence:
            self.facts[room, slot] = None

    def _replace(self, old: RoomLog) -> RoomLog:
        """Close a room; what comes next under its name is another, which counts on."""
        new = self._ledger.make(old.name, old.last)
        self._undo.append(partial(self._ledger.rooms.__setitem__, old.name, old))
        self.facts = {(room, slot): event for (room, slot), event in self.facts.items() if room is not old}
        if old.stored:
            self.rooms.append((old, False))
        self._store(new)
        return new

    def _store(self, room: RoomLog) -> None:
        if not room.stored:
            room.stored = True
            self._undo.append(partial(setattr, room, "stored", False))
            self.rooms.append((room, True))


def _holds(event: Event, room: RoomLog, slots: Slots) -> bool:
    condition = event.only_if
    if condition is Condition.ABSENT:
        return slots.sets not in room.slots
    if condition is Condition.EMPTY:
        return not any(slot.startswith(MEMBER_SLOT) for slot in room.slots)
    if condition is Condition.MEMBER:
        return MEMBER_SLOT + fold(event.nick) in room.slots
    if condition is Condition.MADE:
        return ROOM_SLOT in room.slots
    if condition is Condition.OWNED:
        return ROOM_SLOT in room.slots and _keeps_owner(room, slots.sets or slots.clears[0])
    return True


def _keeps_owner(room: RoomLog, role: str) -> bool:
    """Whether this slot of a role is not that of the only owner."""
    owners = [slot for slot, event in room.slots.items() if getattr(event, "role", "") == "owner"]
    return [slot for slot in owners if slot.startswith(ROLE_SLOT)] != [role]


def _concerns(slot: str, node: str, keys: Container[str]) -> bool:
    """Whether a slot of who is on line is about one of these people, and not about another node of theirs."""
    key, through = on_line_slot(slot)
    return through == node if key else slot.partition(":")[2] in keys


def _restore(slots: dict[str, Event], slot: str, event: Event | None) -> None:
    if event is None:
        slots.pop(slot, None)
    else:
        slots[slot] = event
