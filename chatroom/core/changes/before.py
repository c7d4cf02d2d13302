"""
What was so before this process began: see L{chatroom.core.recollections}.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from chatroom.core.changes.pace import note_pace
from chatroom.core.names import fold
from chatroom.core.recollections import LineRecalled, PersonHandedOver, Recollection, RoomNumbered

if TYPE_CHECKING:
    from chatroom.core.state import State


def _numbered(state: State, told: RoomNumbered) -> None:
    room = state.rooms.get(told.room)
    if room is not None:
        room.last = told.last


def _recalled(state: State, told: LineRecalled) -> None:
    """The author of this line may be connected again, or may be an account that is offline."""
    line, room = told.line, state.rooms.get(told.line.room)
    key = fold(line.nick)
    who = state.people.get(key)
    if room is not None and (who is None or who.since <= line.at):
        note_pace(room, key if who is None else who.pace_key, line.at)


def _handed_over(state: State, told: PersonHandedOver) -> None:
    who = state.people.get(fold(told.nick))
    if who is None:
        return
    if who.visit and not who.origin:
        who.origin = told.origin
    for name, at in told.paces.items():
        if name in state.rooms:
            note_pace(state.rooms[name], who.pace_key, at)
    in_order = [who.rooms[name] for name in told.rooms if name in who.rooms]
    who.rooms = {room.name: room for room in in_order} | who.rooms


CHANGES: dict[type[Recollection], Callable[[State, Any], None]] = {
    RoomNumbered: _numbered,
    LineRecalled: _recalled,
    PersonHandedOver: _handed_over,
}
