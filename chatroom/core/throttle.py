"""
How often something may be tried in a time: wrong passwords, new accounts.

It knows keys and times; what they stand for is the asker's affair.
"""

from __future__ import annotations

from collections import deque

_KEYS = 100_000
"""Keys remembered at most; beyond that those longest quiet are forgotten first."""


class Throttle:
    """
    At most C{most} tries of one key in any C{window} seconds.

    A sliding window over the times themselves: exact, and at most C{most} numbers a key.
    """

    def __init__(self, most: int, window: float) -> None:
        self._most = most
        self._window = window
        self._tries: dict[str, deque[float]] = {}

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

    def note(self, key: str, at: float) -> None:
        """One more try. It counts whether or not it was allowed, up to C{most}."""
        tries = self._tries.pop(key, None)
        if tries is None:
            tries = deque(maxlen=self._most)
        tries.append(at)
        self._tries[key] = tries
        while len(self._tries) > _KEYS:
            del self._tries[next(iter(self._tries))]

    def take_back(self, key: str) -> None:
        """The last try was none that counts."""
        tries = self._tries.get(key)
        if tries:
            tries.pop()

    def rename(self, old: str, new: str) -> None:
        """What counted for one key counts for another from now on."""
        tries = self._tries.pop(old, None)
        if tries is not None:
            self._tries[new] = tries

    def forget(self, key: str) -> None:
        """The key proved to be honest: it starts afresh."""
        self._tries.pop(key, None)
