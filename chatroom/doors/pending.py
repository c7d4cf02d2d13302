"""
Connections that have no nickname yet. Their number is limited, and so is the time for which each may stay.

If there are too many, the oldest connection of the network that has the most is dropped: a newcomer still gets in, and
a flood only displaces itself. It knows no connections, only who came when from where.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeVar

from chatroom.limits import OFF, Limits

W = TypeVar("W")


class PendingConnections(Generic[W]):
    """Times are those of any clock that does not run backwards, in seconds."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._since: dict[W, float] = {}  # those who came first in front
        self._from: dict[W, str] = {}
        self._crowds: dict[str, dict[W, None]] = {}

    def __len__(self) -> int:
        return len(self._since)

    def __iter__(self) -> Iterator[W]:
        return iter(self._since)

    def __contains__(self, who: W) -> bool:
        return who in self._since

    def enter(self, who: W, network: str, now: float) -> W | None:
        """
        Somebody more.

        @param network: from where, as L{chatroom.addresses.network} says it.
        @return: who has to go for it, and is in the hall no more; C{None} if there is room.
        """
        displaced = self._displaced(network)
        if displaced is not None:
            self.leave(displaced)
        self.put(who, network, now)
        return displaced

    def put(self, who: W, network: str, since: float) -> None:
        """Somebody who has a place, however many there are: all that came before them are in the hall already."""
        self._since[who] = since
        self._from[who] = network
        self._crowds.setdefault(network, {})[who] = None

    def since(self, who: W, default: float) -> float:
        """When they came in, or the default if they are not in the hall."""
        return self._since.get(who, default)

    def _displaced(self, network: str) -> W | None:
        limits, crowd = self._limits, self._crowds.get(network, {})
        each = OFF if limits.max_per_address == OFF or not network else limits.unregistered_per_address
        if each != OFF and len(crowd) >= each:
            return next(iter(crowd))
        if limits.unregistered != OFF and len(self._since) >= limits.unregistered:
            greatest = max(self._crowds.values(), key=len)
            return next(iter(greatest))
        return None

    def leave(self, who: W) -> None:
        """They have a nickname, or are gone. Nothing happens if they are not in the hall."""
        if self._since.pop(who, None) is None:
            return
        network = self._from.pop(who)
        crowd = self._crowds[network]
        del crowd[who]
        if not crowd:
            del self._crowds[network]

    def overdue(self, now: float) -> list[W]:
        """Those who have stood here for C{register_time}. They are in the hall no more."""
        found = []
        for who, since in self._since.items():
            if now - since < self._limits.register_time:
                break
            found.append(who)
        for who in found:
            self.leave(who)
        return found
