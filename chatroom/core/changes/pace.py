"""
Slow mode: what counts as something said in a room, and for whom.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatroom.core.names import fold
from chatroom.core.rooms import Room
from chatroom.events import Left, Renamed, RoomEvent, TopicSet

if TYPE_CHECKING:
    from chatroom.core.state import State


def note_pace(room: Room, key: str, at: float) -> None:
    """
    Somebody has said something in a room in slow mode.

    @param key: their C{Presence.pace_key}.
    """
    if room.pace is not None and not 0 < room.pace.wait(key, at) <= room.slow:  # else it is known already
        room.pace.note(key, at)


def note_line(state: State, room: Room, event: RoomEvent) -> None:
    """In slow mode, the author of this event has to wait, if the event holds words that they chose."""
    if _is_read(event):
        who = state.people.get(fold(event.new if isinstance(event, Renamed) else event.nick))
        if who is not None:
            note_pace(room, who.pace_key, event.at)


def _is_read(event: RoomEvent) -> bool:
    """
    Whether it is what somebody chose to have read in a room: talk, a topic, a nickname, or a farewell. Those of people
    who are gone count with their departure.
    """
    if isinstance(event, Left):
        return bool(event.reason) and not event.gone
    return not event.changes or isinstance(event, TopicSet | Renamed)
