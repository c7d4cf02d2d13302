"""
Finding: rooms and people by the names that people type.

It knows names and what is true; what may be done to those found is not its business.
"""

from __future__ import annotations

from chatroom.core import permissions
from chatroom.core.cleaning import quoted
from chatroom.core.names import fold, room_name
from chatroom.core.presence import PastGuest, Presence
from chatroom.core.rooms import Room
from chatroom.core.rules import Rules
from chatroom.errors import NoSuchPerson, NoSuchRoom, NotInRoom


class Directory(Rules):
    """Who is meant, and where."""

    __slots__ = ()

    def room(self, name: str, who: Presence | None = None) -> Room:
        """
        A room by the name somebody typed.

        @param who: for whom; a room that is hidden from them is none.
        @raise NoSuchRoom: @raise Unlawful: it could not even be one.
        """
        found = self.state.rooms.get(name)
        if found is None:
            name = room_name(name, self.limits.room_length)
            found = self.state.rooms.get(name)
        if found is None or (who is not None and permissions.is_hidden(found, who)):
            raise NoSuchRoom(f"There is no room called {name}. /rooms lists the rooms, /create {name} creates it.")
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
                raise NotInRoom(f"You are not in {room.name}. /join {room.name} joins it.")
        return room

    def member(self, room: Room, nick: str) -> Presence:
        """@raise NotInRoom: nobody of that name is in the room."""
        found = room.members.get(fold(nick))
        if found is None:
            raise NotInRoom(f"{quoted(nick)} is not in {room.name}.")
        return found

    def person_on_line(self, nick: str) -> Presence:
        """@raise NoSuchPerson:"""
        found = self.state.people.get(fold(nick))
        if found is None:
            raise NoSuchPerson(f"{quoted(nick)} is not here. /who * lists who is.")
        return found

    def guest_called(self, nick: str, account: bool = False) -> PastGuest | None:
        """
        The guest of that name who is here, or who was the last to have it; C{None} if there was none, or the name is
        an account's.
        """
        present = self.state.people.get(fold(nick))
        if present is not None:
            return PastGuest(present.nick, present.visit, present.origin) if present.visit else None
        former = None if account else self.state.former.get(fold(nick))
        if former is not None:  # they may be called otherwise by now
            now = self.state.people.get(self.state.by_name.visits.get(former.visit, ""))
            return former if now is None else former._replace(nick=now.nick)
        return None
