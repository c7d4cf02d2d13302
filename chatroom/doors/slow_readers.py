"""
Those who do not read what is sent to them: how much waits for all of them, and who is cut off for it.

There is never more than C{unread_total} for all connections together, and nobody keeps it for longer than
C{unread_time} without reading. What one connection may have is its outbox's to say. It knows outboxes and the clock.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Generic, Protocol, TypeVar

from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger

from chatroom.doors.outbox import Outbox
from chatroom.limits import OFF, Limits

log = Logger()

MiB = 1024 * 1024

ROOM_LEFT = 7 / 8
"""So much of C{unread_total} is left when those who read least were cut."""

WHY = "connection too slow"


class Reader(Protocol):
    """Who is written to. Equal to nobody else, and hashable."""

    outbox: Outbox

    def cut(self, reason: str) -> None:
        """Break the connection off."""


R = TypeVar("R", bound=Reader)


class SlowReaders(Generic[R]):
    """
    @ivar unread: bytes that all connections have not read, or a few more: what they read since is found out later.
    """

    def __init__(self, present: Collection[R], limits: Limits, clock: IReactorTime) -> None:
        """@param present: every connection, at any time."""
        self.unread = 0
        self._present = present
        self._limits = limits
        self._clock = clock
        # Those who have not read what was written before, each with when that was found out, and how much it was.
        self._stuck: dict[R, tuple[float, int]] = {}
        # Who is cut is told to the rooms, which is written and counted as well: that must not cut others meanwhile.
        self._cutting = False

    def count(self, more: int) -> None:
        """So much more is unread, of anybody, or less."""
        self.unread += more
        total = self._limits.unread_total
        if more > 0 and total != OFF and self.unread > total * MiB and not self._cutting:
            self._cutting = True
            try:
                self._keep_under(total * MiB)
            finally:
                self._cutting = False

    def recount(self) -> int:
        """How many bytes are unread, exactly."""
        for each in self._present:
            if each.outbox.unread:
                each.outbox.recount()
        return self.unread

    def _keep_under(self, most: int) -> None:
        """
        Find out how much is unread; if it is more, cut those off for whom the most is kept. Then there is space for a
        while, so that this is not done at each write.
        """
        if self.recount() <= most:
            return
        keeping = [each for each in self._present if each.outbox.unread]
        log.warn(
            "{unread} bytes are unread, more than the limit: dropping the slowest connections.", unread=self.unread
        )
        keeping.sort(key=lambda each: each.outbox.unread)
        while keeping and self.unread > most * ROOM_LEFT:
            keeping.pop().cut(WHY)

    def stuck(self, who: R) -> None:
        """Its peer does not read."""
        self._stuck[who] = (self._clock.seconds(), who.outbox.unsent())

    def drained(self, who: R) -> None:
        """Its peer reads again, or is gone."""
        self._stuck.pop(who, None)

    def look(self, now: float) -> None:
        """Cut those off who have read nothing for C{unread_time}. @param now: on the clock."""
        for who, (since, unsent) in list(self._stuck.items()):
            left = who.outbox.unsent()
            if left != unsent:
                self._stuck[who] = (now, left)
            elif now - since >= self._limits.unread_time:
                who.cut(WHY)
