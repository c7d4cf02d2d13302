"""
The first host that can be used, of several that are tried side by side (docs/adr/0064).

One that is gone may not answer at all: it must not hold up the others, of which one may become the primary meanwhile.
It knows tries and the clock, and nothing of what is connected to.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from psycopg import OperationalError
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.python.failure import Failure

T = TypeVar("T")

NEXT = 0.1
"""Seconds without an answer after which the next host is tried besides."""

AGAIN = 0.1
"""Seconds after which a host that refuses is tried again, while another one does not answer."""


class Race(Generic[T]):
    """
    One round of tries.

    @ivar winner: the number of the host that could be used.
    @ivar result: what its try gave; fails with L{OperationalError} if no host can be used, or none in time.
    """

    def __init__(
        self,
        clock: IReactorTime,
        hosts: int,
        begin: Callable[[int], Deferred[T]],
        give_up: Callable[[int], None],
        patience: float,
    ) -> None:
        """
        @param hosts: how many, at least one. @param begin: try the host of this number, from 0 on.
        @param give_up: end the try of this host that is under way: its C{Deferred} fails.
        @param patience: seconds until no host is waited for any more.
        """
        self.winner = 0
        self.result: Deferred[T] = Deferred()
        self._clock = clock
        self._hosts = hosts
        self._begin = begin
        self._give_up = give_up
        self._begun = 0
        self._under_way: set[int] = set()
        self._over = False
        self._calls: list[IDelayedCall] = [clock.callLater(patience, self._time_is_up)]
        self._begin_next(0)

    def _begin_next(self, number: int) -> None:
        """Try this host, unless it was tried already, and the next one if that does not answer soon."""
        if number < self._begun or number >= self._hosts:
            return
        self._begun = number + 1
        self._calls.append(self._clock.callLater(NEXT, self._begin_next, number + 1))
        self._try(number)

    def _try(self, number: int) -> None:
        self._under_way.add(number)
        self._begin(number).addCallbacks(
            self._wins,
            self._loses,
            callbackArgs=(number,),
            errbackArgs=(number,),
        )

    def _wins(self, found: T, number: int) -> None:
        self.winner = number
        self._under_way.discard(number)
        self._end()
        self.result.callback(found)

    def _loses(self, failure: Failure, number: int) -> None:
        self._under_way.discard(number)
        if self._over:
            return
        if failure.check(OperationalError) is not None and self._begun < self._hosts:
            self._begin_next(self._begun)
        elif failure.check(OperationalError) is not None and self._under_way:
            self._calls.append(self._clock.callLater(AGAIN, self._try, number))
        else:
            self._end()
            self.result.errback(failure)

    def _time_is_up(self) -> None:
        self._end()
        self.result.errback(Failure(OperationalError("no host has answered in time")))

    def _end(self) -> None:
        self._over = True
        for call in self._calls:
            if call.active():
                call.cancel()
        for number in list(self._under_way):
            self._give_up(number)
