"""
What a process learns of the time before it began, apart from the events that a backend remembers.

L{State.apply<chatroom.core.state.State.apply>} takes these as it takes events, so that it is the one place where the
state changes. They happened already: nobody receives them, and no backend keeps them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from chatroom.events import RoomEvent


@dataclass(frozen=True, slots=True)
class Recollection:
    """Something that was so before."""


@dataclass(frozen=True, slots=True)
class RoomNumbered(Recollection):
    """The last event of C{room} had the number C{last}."""

    room: str
    last: int


@dataclass(frozen=True, slots=True)
class LineRecalled(Recollection):
    """C{line} was said in a room in slow mode, a moment before the process began."""

    line: RoomEvent


@dataclass(frozen=True, slots=True)
class PersonHandedOver(Recollection):
    """
    C{nick}, who is on line, as another process knew them.

    @ivar origin: where a guest comes from: see L{Arrived<chatroom.events.Arrived>}.
    @ivar rooms: the rooms they are in, in order of joining; others follow.
    @ivar paces: when they said something last, in seconds since 1970, by rooms in slow mode.
    """

    nick: str
    origin: str = ""
    rooms: tuple[str, ...] = ()
    paces: Mapping[str, float] = field(default_factory=dict)
