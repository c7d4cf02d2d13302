"""
Tries of one kind, such as logins, by address and by account: how many may have failed lately or be under way.

Only what has turned out to count counts against anybody. A try under way takes a place all the same, so that nobody
guesses faster by guessing in parallel. A try that finds no place waits until one under way has ended: it is refused
only when so many have counted that its place is gone.

It knows throttles and who asks, and not what is tried.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count

from twisted.internet.defer import Deferred

from chatroom.auth.waiting import BUSY, Queue
from chatroom.core.throttle import Throttle
from chatroom.errors import Busy, Refused, Throttled
from chatroom.interfaces import Asker

Counted = tuple[Throttle, str]
"""A throttle and the key that a try has in it."""


@dataclass(eq=False)
class Try:
    """@ivar counts: whether it is one that counts. Set by whoever tries, before it ends."""

    counts: bool = False


@dataclass(eq=False)
class _Waiting:
    asker: Asker
    keys: Sequence[Counted]
    blocked: Counted
    turn: Deferred[None] = field(default_factory=Deferred)


class Tries:
    """All tries of one kind."""

    def __init__(
        self,
        seconds: Callable[[], float],
        most: Callable[[], int],
        refusal: Callable[[float], Throttled],
        noted: Callable[[Sequence[Counted]], None] = lambda keys: None,
    ) -> None:
        """
        @param seconds: a clock that never goes back.
        @param most: how many tries may wait for a place.
        @param refusal: says that so many seconds have to pass.
        @param noted: called with the keys of a try that counts.
        """
        self._noted = noted
        self._seconds = seconds
        self._refusal = refusal
        self._queue: Queue[_Waiting] = Queue(most)
        self._blocked: dict[Counted, list[tuple[int, int, _Waiting]]] = {}  # of all who wait, by a key that is full
        self._numbers = count()
        self._ended: dict[Counted, None] = {}
        self._going_on = False

    def check(self, keys: Sequence[Counted]) -> None:
        """@raise Throttled: one of these keys has had all its tries."""
        now = self._seconds()
        wait = max((throttle.wait(key, now) for throttle, key in keys), default=0.0)
        if wait > 0:
            raise self._refusal(wait)

    def note(self, keys: Sequence[Counted]) -> None:
        """A try that took no time counts."""
        now = self._seconds()
        for throttle, key in keys:
            throttle.note(key, now)
        self._noted(keys)

    @asynccontextmanager
    async def one(self, asker: Asker, keys: Sequence[Counted]) -> AsyncIterator[Try]:
        """
        Around one try; it waits for its place before it begins.

        @raise Throttled: @raise Busy: too many wait.
        """
        await self._begin(asker, keys)
        this = Try()
        try:
            yield this
        finally:
            for throttle, key in keys:
                throttle.end(key)
            if this.counts:
                self.note(keys)
            self._go_on(keys)

    def close_queue(self) -> None:
        """Refuse all who wait, and let nobody wait from now on."""
        self._queue.closed = True
        self._blocked.clear()
        for each in self._queue.clear():
            each.turn.errback(Busy(BUSY))

    def open_queue(self) -> None:
        """Go on after L{close_queue}."""
        self._queue.closed = False

    async def _begin(self, asker: Asker, keys: Sequence[Counted]) -> None:
        self.check(keys)
        full = self._full(keys)
        if full is None:
            self._take_place(keys)
            return
        waiting = _Waiting(asker, keys, full)
        displaced = self._queue.add(asker.network, asker.had, waiting)
        if displaced is not None:
            self._unblock(displaced)
            displaced.turn.errback(Busy(BUSY))
        self._block(waiting)
        await waiting.turn

    def _full(self, keys: Sequence[Counted]) -> Counted | None:
        """The first of these that has no place for one more try, if there is one."""
        now = self._seconds()
        return next(((throttle, key) for throttle, key in keys if not throttle.has_place(key, now)), None)

    def _take_place(self, keys: Sequence[Counted]) -> None:
        for throttle, key in keys:
            throttle.begin(key)

    def _block(self, waiting: _Waiting) -> None:
        """Let it wait for its key: behind those that had as little or less."""
        insort(self._blocked.setdefault(waiting.blocked, []), (waiting.asker.had, next(self._numbers), waiting))

    def _unblock(self, waiting: _Waiting) -> None:
        others = [each for each in self._blocked.pop(waiting.blocked) if each[2] is not waiting]
        if others:
            self._blocked[waiting.blocked] = others

    def _go_on(self, keys: Sequence[Counted]) -> None:
        """A try with these keys has ended: see who need not wait any longer. Not called within itself."""
        self._ended.update(dict.fromkeys(keys))
        if self._going_on:
            return
        self._going_on = True
        try:
            while self._ended:
                ended = next(iter(self._ended))
                del self._ended[ended]
                while ended in self._blocked and self._first_goes_on(ended):
                    pass
        finally:
            self._going_on = False

    def _first_goes_on(self, ended: Counted) -> bool:
        """
        Let the first one that waits for this key begin, or refuse it, or let it wait for another key.

        @return: whether it waits for this one no longer.
        """
        waiting = self._blocked[ended][0][2]
        refused: Refused | None = None
        try:
            if waiting.asker.gone:
                raise Busy(BUSY)
            self.check(waiting.keys)
        except Refused as refusal:
            refused = refusal
        full = None if refused is not None else self._full(waiting.keys)
        if full == ended:
            return False
        self._unblock(waiting)
        if full is not None:
            waiting.blocked = full
            self._block(waiting)
            return True
        self._queue.drop(waiting)
        if refused is not None:
            waiting.turn.errback(refused)
        else:
            self._take_place(waiting.keys)
            waiting.turn.callback(None)
        return True
