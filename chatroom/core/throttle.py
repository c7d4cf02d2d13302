"""
How often something may fail, or be done, in a time: wrong passwords and new accounts, for example.

It knows keys and times; what they stand for is the asker's affair.
"""

from __future__ import annotations

from collections import deque

_KEYS = 100_000
"""Keys remembered at most; beyond that those longest quiet are forgotten first."""


class Throttle:
    """
    At most C{most} tries of one key in any C{window} seconds.

    A sliding window over the times themselves: exact, and at most C{most} numbers a key. A try whose outcome is not
    known yet is no try, and takes a place: all those under way may still turn out to count.
    """

    def __init__(self, most: int, window: float) -> None:
        self._most = most
        self._window = window
        self._tries: dict[str, deque[float]] = {}
        self._under_way: dict[str, int] = {}

    def wait(self, key: str, at: float) -> float:
        """Seconds until this key may try again; 0 if it may now. C{at} may be any clock's that does not go back."""
        tries = self._tries.get(key)
        if tries is None:
            return 0.0
        while tries and tries[0] <= at - self._window:
            tries.popleft()
        if not tries:
            del self._tries[key]
            return 0.0
        return tries[0] + self._window - at if len(tries) >= self._most else 0.0

    def has_place(self, key: str, at: float) -> bool:
        """Whether one more may be under way: even if all of them count, there are no more than C{most}."""
        return self.wait(key, at) == 0 and len(self._tries.get(key, ())) + self._under_way.get(key, 0) < self._most

    def begin(self, key: str) -> None:
        """A try is under way."""
        self._under_way[key] = self._under_way.get(key, 0) + 1

    def end(self, key: str) -> None:
        """A try is under way no longer. If it counts, L{note} says so."""
        left = self._under_way.pop(key) - 1
        if left:
            self._under_way[key] = left

    def note(self, key: str, at: float) -> None:
        """One more try. It counts whether or not it was allowed, up to C{most}."""
        tries = self._tries.pop(key, None)
        if tries is None:
            tries = deque(maxlen=self._most)
        tries.append(at)
        self._tries[key] = tries
        while len(self._tries) > _KEYS:
            del self._tries[next(iter(self._tries))]

    def forget(self, key: str) -> bool:
        """
        The key proved to be honest: it starts afresh.

        @return: whether anything was counted for it.
        """
        return self._tries.pop(key, None) is not None
