"""
A queue that is fair to networks: a crowd from one network waits for itself, and not the others for the crowd.

Networks take turns. Within one network, the person who has had least goes first. A full queue drops the last in the
line of the network that has the most waiting, unless the newcomer's network has as many. It knows nothing of what is
waited for.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Iterator
from itertools import count
from typing import Generic, TypeVar

from chatroom.errors import Busy

T = TypeVar("T")

BUSY = "Too many logins are being checked at the moment. Try again in a few seconds."
"""For whoever finds the queue full, or closed."""


class Queue(Generic[T]):
    """@ivar closed: nobody may wait any more, as before an upgrade or a stop."""

    def __init__(self, most: Callable[[], int]) -> None:
        """@param most: how many may wait at once, 1 or more; it may change."""
        self.closed = False
        self._most = most
        self._numbers = count()
        self._crowds: dict[str, list[tuple[int, int, T]]] = {}  # the network whose turn is next is in front

    def __len__(self) -> int:
        return sum(map(len, self._crowds.values()))

    def __iter__(self) -> Iterator[T]:
        """All who wait, network by network. The queue may change meanwhile."""
        return iter([item for crowd in self._crowds.values() for _, _, item in crowd])

    def add(self, network: str, had: int, item: T) -> T | None:
        """
        Let one more wait.

        @param had: how much this one has had before: whoever had less goes first.
        @return: whom it displaces.
        @raise Busy: there is no place.
        """
        if self.closed:
            raise Busy(BUSY)
        displaced = self._displaced(network) if len(self) >= self._most() else None
        insort(self._crowds.setdefault(network, []), (had, next(self._numbers), item))
        return displaced

    def _displaced(self, network: str) -> T:
        name = max(self._crowds, key=lambda each: len(self._crowds[each]), default="")
        if not self._crowds or len(self._crowds[name]) <= len(self._crowds.get(network, ())) + 1:
            raise Busy(BUSY)
        return self._crowds[name].pop()[2]  # a crowd greater by two is not empty now

    def take(self) -> T | None:
        """The one whose turn it is, who waits no longer."""
        for network in self._crowds:
            crowd = self._crowds.pop(network)
            _, _, item = crowd.pop(0)
            if crowd:
                self._crowds[network] = crowd  # behind the others
            return item
        return None

    def drop(self, item: T) -> None:
        """This one waits no longer."""
        for network, crowd in list(self._crowds.items()):
            left = [each for each in crowd if each[2] is not item]
            if len(left) < len(crowd):
                if left:
                    self._crowds[network] = left
                else:
                    del self._crowds[network]
                return

    def clear(self) -> list[T]:
        """Nobody waits any longer. @return: who did."""
        everybody = list(self)
        self._crowds.clear()
        return everybody
