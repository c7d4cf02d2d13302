"""
The people of a room, as others are shown them.

It knows the core's rooms and people, and no connection.
"""

from __future__ import annotations

from itertools import islice

from chatroom.core.chat import Chat
from chatroom.core.presence import Presence
from chatroom.core.rooms import Room
from chatroom.interfaces import SHOWN, Person, Role


def person(who: Presence, role: Role) -> Person:
    """@param role: in the room meant, or L{Role.NOBODY}."""
    return Person(who.nick, who.account, who.away, who.since, role, who.shown_staff, who.bot)


class Shown:
    """
    The people of a room as one who joins is shown them. Of a crowd that joins at once, all are shown the same, so they
    are looked up once, and again when anything has happened since.
    """

    __slots__ = ("_age", "_chat", "_people", "_room")

    def __init__(self, chat: Chat) -> None:
        self._chat = chat
        self._room: Room | None = None
        self._age = 0
        self._people: tuple[Person, ...] = ()

    def people(self, room: Room) -> tuple[Person, ...]:
        """The first L{SHOWN} of them; the same object, as long as it would be equal."""
        if room is not self._room or self._chat.state.age != self._age:
            self._room, self._age = room, self._chat.state.age
            first = islice(room.members.items(), SHOWN)
            self._people = tuple([person(who, room.roles.get(key, Role.MEMBER)) for key, who in first])
        return self._people
