"""
Rooms and people in the orders in which they are listed, kept up while they change: a list is asked for by anyone at any
time, and to sort all rooms for it would stop everybody.

It knows by what they are listed, and nothing of who asks.
"""

from __future__ import annotations

from collections.abc import Iterator

from chatroom.core.presence import Presence
from chatroom.core.rooms import Room
from chatroom.core.sorted_keys import SortedKeys

RoomKey = tuple[int, str]
"""Less the more people are in it, then by its name."""


def room_key(room: Room) -> RoomKey:
    """By what a room is listed: most people first."""
    return -len(room.members), room.name


class PublicRooms:
    """
    Every room that is neither invite-only nor unlisted.

    @ivar order: in the order in which they are listed.
    """

    __slots__ = ("_keys", "order")

    def __init__(self) -> None:
        self.order = SortedKeys[RoomKey]()
        self._keys: dict[str, RoomKey] = {}

    def note(self, name: str, room: Room | None) -> None:
        """A room may have changed, or is no more."""
        new = None if room is None or not room.is_listed() else room_key(room)
        old = self._keys.get(name)
        if new == old:
            return
        if old is not None:
            self.order.remove(old)
        if new is None:
            del self._keys[name]
        else:
            self.order.add(new)
            self._keys[name] = new


class People:
    """
    Everybody on line, by nickname in any letter case.

    @ivar visits: the key of each guest, by the guest's visit.
    """

    __slots__ = ("_names", "_order", "visits")

    def __init__(self) -> None:
        self.visits: dict[str, str] = {}
        self._order = SortedKeys[tuple[str, str]]()
        self._names: dict[str, str] = {}

    def add(self, who: Presence) -> None:
        """They are on line, in the place of anyone with the same key."""
        name = who.nick.casefold()
        if who.key in self._names:
            self._order.remove((self._names[who.key], who.key))
        self._names[who.key] = who.key if name == who.key else name
        self._order.add((self._names[who.key], who.key))
        if who.visit:
            self.visits[who.visit] = who.key

    def remove(self, who: Presence) -> None:
        """They are not on line, or are about to be called otherwise."""
        name = self._names.pop(who.key, None)
        if name is not None:
            self._order.remove((name, who.key))
        if self.visits.get(who.visit) == who.key:
            del self.visits[who.visit]

    def keys(self, after: str = "") -> Iterator[str]:
        """Their keys. @param after: only of people whose nicknames come after this, which is in lower case."""
        found = self._order.behind((after + "\0", "")) if after else iter(self._order)
        return (key for _, key in found)
