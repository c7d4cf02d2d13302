"""
Work on the database that can wait: indexing what was said, deleting what nobody may read any more.

It is done in slices of some milliseconds when nobody has said anything for a moment, so that a busy room pays for it
later, and cheaper. It knows when to work, and nothing of how it is done.
"""

from __future__ import annotations

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger
from twisted.python.failure import Failure

from chatroom.backends import refusals
from chatroom.backends.sqlite.retention import give_back, sweep
from chatroom.backends.sqlite.search import index, merge
from chatroom.backends.sqlite.thread import Lane
from chatroom.errors import NotKept

log = Logger()

QUIET = 2.0
"""Seconds without talk after which there is time."""

BACKLOG = 250_000
"""Lines that may wait to be indexed however busy it is. A search has to wait for as many: about a second."""

RETRY = 60.0
"""Seconds until the next try when the database fails."""


class Upkeep:
    """When to do it."""

    def __init__(self, lane: Lane, clock: IReactorTime, backlog: int) -> None:
        """
        @param lane: where the database is written.
        @param backlog: how many lines wait to be indexed from before.
        """
        self._lane = lane
        self._clock = clock
        self._backlog = backlog
        self._sweeping = self._merging = self._shrinking = True
        self._disturbed = False
        self._working = False
        self._stopped = False
        self._call: IDelayedCall | None = None
        self._wake(QUIET)

    def kept(self, lines: int, closed: bool) -> None:
        """
        A batch has been kept.

        @param lines: of talk that were in it. @param closed: whether a room was closed.
        """
        self._backlog += lines
        self._sweeping = self._sweeping or closed
        self._disturbed = True
        self._wake(QUIET if self._backlog < BACKLOG else 0)

    @property
    def unindexed(self) -> int:
        """How many lines wait to be indexed."""
        return self._backlog

    def forgot(self) -> None:
        """Some history has been deleted, and its words taken out of the index."""
        self._merging = self._shrinking = True
        self._wake(QUIET)

    def stop(self) -> None:
        """No more of it."""
        self._stopped = True
        if self._call is not None and self._call.active():
            self._call.cancel()

    async def catch_up(self) -> None:
        """
        Index all that has been said until now.

        @raise NotKept: it cannot be.
        """
        left = self._backlog
        try:
            while left > 0 and self._backlog:
                left -= await self._index()
        except NotKept as error:
            raise refusals.unreadable() from error

    def _wake(self, delay: float) -> None:
        if self._stopped or self._working:
            return
        if self._call is not None and self._call.active():
            self._call.reset(delay)
        else:
            self._call = self._clock.callLater(delay, self._begin)

    def _begin(self) -> None:
        self._working = True
        Deferred.fromCoroutine(self._work()).addCallbacks(self._done, self._failed)

    def _done(self, delay: float | None) -> None:
        self._working = False
        if delay is not None:
            self._wake(delay)

    def _failed(self, failure: Failure) -> None:
        log.failure("The maintenance of the database failed", failure)
        self._working = False

    async def _work(self) -> float | None:
        """Go on until there is nothing to do, or somebody talks; returns after how long to come back."""
        self._disturbed = False
        try:
            while not self._stopped and self._is_owed():
                if self._disturbed and self._backlog < BACKLOG:
                    return QUIET
                if self._sweeping:
                    self._sweeping = await self._lane.slice(sweep)
                    self._merging = self._shrinking = True
                elif self._backlog:
                    await self._index()
                elif self._shrinking and not self._merging:
                    self._shrinking = await self._lane.slice(give_back)
                self._merging = self._merging and await self._lane.slice(merge)
        except NotKept:
            return RETRY
        return None

    def _is_owed(self) -> bool:
        """Whether there may be something to do."""
        return bool(self._sweeping or self._backlog or self._merging or self._shrinking)

    async def _index(self) -> int:
        """@return: how many lines."""
        indexed = await self._lane.slice(index)
        # Whatever has been counted by now was written before; what comes is counted when its batch is kept.
        self._backlog = max(0, self._backlog - indexed) if indexed else 0
        self._merging = True
        return indexed
