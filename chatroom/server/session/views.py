"""
A room as one who joins it is shown it, and up to where an account has read it.

It knows a caller and the room, and no rule.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from zlib import crc32

from chatroom.core.permissions import in_force
from chatroom.core.presence import Presence
from chatroom.core.rooms import Room
from chatroom.errors import NotKept
from chatroom.events import MEMBERS, OPERATORS, Event, Joined, Left, RoomEvent
from chatroom.interfaces import MISSED, RoomView
from chatroom.server.session.base import SessionBase
from chatroom.server.session.pages import shown_lines, shown_talk_count


def view_of(caller: SessionBase, room: Room, recent: Sequence[RoomEvent] = (), last: int | None = None) -> RoomView:
    """
    The room as it is now.

    @param last: the number of the last event that this person knows of, if not the room's.
    """
    return RoomView(
        name=room.name,
        topic=room.topic,
        role=room.role(caller.here().key),
        people=caller.services.shown.people(room),
        people_total=len(room.members),
        recent=tuple(recent),
        last=room.last if last is None else last,
        keep=room.keep,
        invite_only=room.invite_only,
        locked=bool(room.password),
        password_mark=crc32(room.password.encode()),
        created=room.created,
        slow=room.slow,
        lock=room.lock if in_force(room.lock, caller.now()) else None,
        moderated=room.moderated,
        unlisted=room.unlisted,
        capacity=room.capacity,
        topic_from=room.topic_from,
        topic_at=room.topic_at,
        topic_by=MEMBERS if caller.services.chat.settings.members_set_topic(room) else OPERATORS,
    )


async def look_around(caller: SessionBase, name: str, events: Sequence[Event], late: bool = False) -> RoomView:
    """
    The room one is in now, and what was said last; what follows is heard live.

    @param events: among them perhaps the one by which one came in.
    @param late: the room is heard only from now on, and not since that one: what was said between is shown.
    """
    room = caller.services.chat.state.rooms[name]
    came = next((event.seq for event in events if isinstance(event, Joined) and event.room == name), 0)
    last = room.last if late or not came else came
    caller.room = name
    came = caller.joined_at(name, came or last + 1)  # what follows may send them out while we wait
    limits = caller.services.limits
    recent: Sequence[RoomEvent] = ()
    if limits.recent_lines:
        recent, _ = await shown_lines(caller, name, after=None, before=last + 1, limit=limits.recent_lines, talk=True)
    if not caller.account:
        return view_of(caller, room, recent, last)
    read = await begin_mark(caller, name, came)
    missed = await shown_talk_count(caller, name, read, came, MISSED) if read < came - 1 else 0
    return replace(view_of(caller, room, recent, last), missed=missed, read=read)


async def note_read(caller: SessionBase, who: Presence, events: Sequence[Event]) -> None:
    """An account has read its rooms up to its own departure."""
    marks = {event.room: event.seq for event in events if isinstance(event, Left) and event.seq}
    if who.account and marks:
        with suppress(NotKept):  # then what was missed will be a little more
            await caller.services.backend.mark(who.key, caller.connections.read_marks.at_departure(who.key, marks))


async def begin_mark(caller: SessionBase, name: str, came: int) -> int:
    """
    Up to where an account has read a room. Where it was never noted it is now, as a crash leaves no time for it.

    @param came: the number of the event by which it came in.
    """
    backend, key = caller.services.backend, caller.here().key
    mark = (await caller.connections.read_marks.of(key)).get(name)
    if mark is None:
        mark = came
        with suppress(NotKept):
            await backend.mark(key, {name: mark})
    return mark
