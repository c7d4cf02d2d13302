"""
What a server that has begun anew recalls from the history of its rooms.

It knows the backend and the state, and no connection.
"""

from __future__ import annotations

from chatroom.core.recollections import LineRecalled
from chatroom.core.rooms import Room
from chatroom.server.services import Services

PAGE = 500
"""Lines of history that are read at once."""


async def recall_pace(services: Services, room: Room) -> None:
    """Read the history of the last seconds, so that slow mode holds across a restart."""
    since, before = services.now() - room.slow, room.last + 1
    while lines := await services.backend.history(room.name, after=None, before=before, limit=PAGE, talk=True):
        for line in lines:
            if line.at > since:
                services.chat.state.apply(LineRecalled(line))
        before = lines[0].seq
        if lines[0].at <= since:
            return
