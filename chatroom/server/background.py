"""
Work that nobody waits for, such as a departure: it is run to its end, and its failure is written down.

It knows coroutines and the batches, and not what the work is.
"""

from __future__ import annotations

from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

from twisted.internet.defer import Deferred, TimeoutError
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger
from twisted.python.failure import Failure

from chatroom.errors import NotKept
from chatroom.server.batching import Batches

log = Logger()


class Background:
    """All such work of one node."""

    def __init__(self, batches: Batches, clock: IReactorTime) -> None:
        """@param batches: once they are closed, what could not be kept is no news: C{Hub.stop} names it."""
        self._batches = batches
        self._clock = clock
        self._under_way = 0
        self._idle: list[Deferred[None]] = []

    def is_quiet(self) -> bool:
        """Whether nothing is under way."""
        return not self._under_way

    def run(self, coroutine: Coroutine[Any, Any, object]) -> None:
        """Run this to its end. It never raises."""

        def done(_: object) -> None:
            self._under_way -= 1
            if self._under_way == 0:
                idle, self._idle = self._idle, []
                for waiting in idle:
                    waiting.callback(None)

        self._under_way += 1
        finishing = Deferred.fromCoroutine(coroutine)
        finishing.addErrback(
            lambda failure: None if self._is_given_up(failure) else log.failure("left undone", failure)
        )
        finishing.addBoth(done)

    def _is_given_up(self, failure: Failure) -> bool:
        """It could not be kept, and it is no use to try again."""
        return self._batches.closed and failure.check(NotKept) is not None

    async def drain(self, seconds: float) -> None:
        """Wait until nothing is under way, but no longer than this."""
        if self._under_way:
            idle: Deferred[None] = Deferred()
            self._idle.append(idle)
            with suppress(TimeoutError):
                await idle.addTimeout(seconds, self._clock)
