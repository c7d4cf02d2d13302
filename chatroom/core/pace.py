"""
Slow mode: when everybody said something last in a room, and what counts although it is not kept yet.

It knows keys and times; who has to wait, and what for, is the business of L{chatroom.core.permissions}.
"""

from __future__ import annotations

from collections.abc import Mapping

_KEYS = 100_000
"""Keys remembered at most; beyond that those longest quiet are forgotten first."""


class Pace:
    """
    When each key said something last, in a room that lets it say one thing in so many seconds.

    It is part of the state: asking changes nothing, so that a wish that is refused, or not kept, costs nobody a wait.
    """

    __slots__ = ("_last", "_seconds")

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._last: dict[str, float] = {}

    def wait(self, key: str, at: float) -> float:
        """Seconds until this key may say something again; 0 if it may now."""
        last = self._last.get(key)
        return 0.0 if last is None or last <= at - self._seconds else last + self._seconds - at

    def note(self, key: str, at: float) -> None:
        """This key said something."""
        self._last.pop(key, None)
        self._last[key] = at
        while len(self._last) > _KEYS:
            del self._last[next(iter(self._last))]

    def rename(self, old: str, new: str) -> None:
        """What counted for one key counts for another from now on."""
        last = self._last.pop(old, None)
        if last is not None:
            self._last[new] = last

    def forget(self, key: str) -> None:
        """It need not wait."""
        self._last.pop(key, None)

    def lasts(self) -> Mapping[str, float]:
        """When each said something last, as far as it is remembered."""
        return self._last


class Reservations:
    """
    What was decided in rooms in slow mode and is not kept yet. Of several lines that one person pastes, the second has
    to wait although the state does not know of the first; and if the first is not kept, nobody has to wait for it.

    Each batch that a backend keeps has reservations of its own: those of the batch that fills now, and those of the
    one under way. They end with their batch. If it was kept, the state knows by then; if it was not, nothing happened.

    @ivar any: whether there are any, so that a batch without them need not ask.
    """

    __slots__ = ("_filling", "_under_way", "any")

    def __init__(self) -> None:
        self.any = False
        self._filling: dict[tuple[str, str], float] = {}
        self._under_way: dict[tuple[str, str], float] = {}

    # By room and person, not by event: a batch holds them all for the same time, and nobody has two in one room.

    def reserve(self, room: str, key: str, at: float) -> None:
        """This key says something in this room, if it is kept."""
        self._filling[room, key] = at
        self.any = True

    def last(self, room: str, key: str) -> float | None:
        """When this key said something that is not kept yet; C{None} if it did not."""
        found = self._filling.get((room, key))
        return self._under_way.get((room, key)) if found is None else found

    def begin(self) -> None:
        """What was decided up to now is on its way to the disk."""
        self._under_way, self._filling = self._filling, {}

    def drop(self) -> None:
        """What was decided since the batch under way began will not be kept."""
        self._filling = {}
        self.any = bool(self._under_way)

    def end(self) -> None:
        """It is kept and applied to the state, or lost."""
        self._under_way = {}
        self.any = bool(self._filling)
