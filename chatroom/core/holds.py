"""
Bans or mutes of one place: a room, or the whole server.

A ban or mute of a guest stays with that guest under any nickname, and holds for other guests from the same address. The
next person with the nickname has a clean slate. It knows people and times; who may ban or mute is not its business.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from chatroom.core.names import fold
from chatroom.core.presence import Presence
from chatroom.events import FOREVER, GUEST, LockdownSet, Locked, RoomBanned, RoomMuted, Sanctioned

Hold = TypeVar("Hold", bound=RoomBanned | RoomMuted | Sanctioned)


NOWHERE: dict[str, dict[str, None]] = {}
"""Of most rooms, the guests from each address that something holds on: one empty object for all of them."""


def in_force(act: RoomBanned | RoomMuted | Locked | Sanctioned | LockdownSet | None, at: float) -> bool:
    """Whether a ban, mute or lock, of a room or of the server, holds at this time."""
    return act is not None and (act.until == FOREVER or at < act.until)


def held(act: RoomBanned | RoomMuted | Sanctioned) -> str:
    """The nickname or network that a ban or mute was put on."""
    return act.target if isinstance(act, Sanctioned) else act.who


class Holds(Generic[Hold]):
    """
    @ivar entries: by the key of a name, by a guest's visit, or by a network, in the order in which they came; also
        those that have run out.
    """

    __slots__ = ("_origins", "entries")

    def __init__(self) -> None:
        self.entries: dict[str, Hold] = {}
        self._origins = NOWHERE

    def put(self, act: Hold) -> None:
        """From now on; in place of one on the same."""
        key = fold(act.visit if isinstance(act, Sanctioned) and act.visit else held(act))
        self.remove(key)
        self._enter(key, act)

    def remove(self, target: str) -> Hold | None:
        """
        No more; what it was, if there was one.

        @param target: a name in any letter case, a visit or a network.
        """
        key = fold(target)
        old = self.entries.pop(key, None)
        if old is not None:
            self._index(key, old, False)
        return old

    def change(self, change: Callable[[Hold], Hold | None]) -> None:
        """Put others in the place of some, found by what the old ones were found by."""
        for key, act in list(self.entries.items()):
            new = change(act)
            if new is not None:
                self._index(key, act, False)
                self._enter(key, new)

    def _enter(self, key: str, act: Hold) -> None:
        self.entries[key] = act
        self._index(key, act, True)

    def _index(self, key: str, act: Hold, there: bool) -> None:
        """Let it be found by more than its key, or no more."""
        if isinstance(act, Sanctioned) and act.scope == GUEST and act.origin:
            if self._origins is NOWHERE:
                self._origins = {}
            keys = self._origins.setdefault(act.origin, {})
            keys.pop(key, None)
            if there:
                keys[key] = None
            elif not keys:
                del self._origins[act.origin]

    def own(self, who: Presence, at: float) -> Hold | None:
        """The one in force on just this person, by name or by visit."""
        for key in (who.key, who.visit):
            found = self.entries.get(key)
            if found is not None and in_force(found, at):
                return found
        return None

    def on_person(self, who: Presence, at: float) -> Hold | None:
        """The one in force on this person: on just them, or on guests from where they come."""
        found = self.own(who, at)
        if found is not None or who.account or not who.origin:
            return found
        there = (self.entries[key] for key in self._origins.get(who.origin, ()))
        return next((each for each in there if in_force(each, at)), None)

    def called(self, name: str, who: Presence | None) -> list[Hold]:
        """Those that are meant by a nickname: on the name, on guests who had it, and on C{who}, who has it now."""
        key = fold(name)
        visit = who.visit if who is not None else ""
        return [
            act
            for found, act in self.entries.items()
            if found in (key, visit) or (found.startswith("~") and fold(held(act)) == key)
        ]

    def __len__(self) -> int:
        return len(self.entries)
