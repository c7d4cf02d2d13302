"""
Turns: what is decided in one turn of the reactor is kept in one commit.

While a batch is being kept, the next one fills, so that a busy server costs a commit per turn and not per line. There
is one batch under way at a time; that is what keeps a room's order. Where more is said than people could read, a turn
waits for company as well: a write costs much the same with one line in it as with ten. Where very much happens at once,
such as the end of thousands of connections, it is kept in several batches: to tell one takes a turn of every node.

It knows neither rooms nor ears: it takes receipts, hands events to a backend, and says what became of them. It is long
because one batch has one life, and those who wait for a part of it, or for the end of it, learn of it in one order.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from contextlib import suppress
from itertools import chain
from typing import Any, Protocol

from twisted.internet.defer import Deferred, TimeoutError
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger

from chatroom.core.cleaning import quoted
from chatroom.core.pace import Reservations
from chatroom.errors import NotKept, Refused
from chatroom.events import KINDS_VERSION, Event
from chatroom.interfaces import Receipt
from chatroom.limits import Limits
from chatroom.server.disk_watch import DiskWatch
from chatroom.server.load_window import LoadWindow

log = Logger()

RETRY = 1.0
"""Seconds until what must be kept, such as a departure, is tried again."""


OLDER = "Another daemon of this server is older and does not know this yet. Try again when it is upgraded."
"""What a person reads who wants what the oldest node does not know."""

AT_ONCE = 500
"""Events after which what happens next goes into another batch."""


class _Keep(Protocol):
    def __call__(self, batch: Sequence[Event]) -> Coroutine[Any, Any, Sequence[bool]]: ...


class Batches:
    """
    @ivar own: receipts of the batch under way, by the C{id} of their event: see L{receipt_of}.
    @ivar at_wait: called each second with the age of a batch that is not kept for a second or longer.
    @ivar known: the version of the kinds of events that all nodes know.
    """

    def __init__(
        self, keep: _Keep, clock: IReactorTime, reserved: Reservations | None = None, limits: Limits | None = None
    ) -> None:
        """@param keep: C{IBackend.keep}. @param reserved: what holds for as long as a batch is not kept."""
        self.own: dict[int, Receipt] = {}
        self._keep = keep
        self._clock = clock
        self._reserved = reserved or Reservations()
        self._filling: list[Receipt] = []
        self._full: list[list[Receipt]] = []  # batches of what fills, before the one that fills now
        self._next: deque[list[Receipt]] = deque()  # what has filled together with the batch under way, and follows it
        self._under_way: list[Receipt] = []
        self._scheduled = False  # the batch that fills has its turn already; never while another one is under way
        self._tide = LoadWindow()
        self._begun = self._ended = 0  # batches, so that one who waits knows which one was the last before
        self._since = 0.0
        self._limits = limits or Limits()
        self._watch = DiskWatch(clock, self._unkept_for, self._waits)
        self.at_wait: Callable[[float], None] = lambda age: None
        self.known: Callable[[], int] = lambda: KINDS_VERSION
        self.closed = False
        self._given_up: list[Event] = []  # what was lost after closed: nobody tries it again
        self._watching: list[Deferred[None]] = []  # told at the end of the next batch
        self._idle: list[Deferred[None]] = []  # told when no batch follows

    def submit(self, receipt: Receipt) -> None:
        """What has been decided will be kept with all else of this turn. It is of a kind that each version knows."""
        self._filling.append(receipt)
        if not self._scheduled and not self._under_way:
            self._schedule()

    def check_room(self) -> None:
        """@raise NotKept: so much waits to be kept that a person has to try again later."""
        waiting = len(self._filling)
        if self._full or self._next:
            waiting += sum(map(len, (*self._full, *self._next)))
        if waiting >= self._limits.unsaved_lines:
            raise NotKept("The server saves messages too slowly at the moment, so this was not sent. Try again later.")

    def happen(self, *events: Event, caller: Any = None) -> Deferred[list[bool]]:
        """
        Submit events, and wait until they are kept and told.

        @param caller: the connection whose wish it was.
        @return: for each, whether it happened: see C{IBackend.keep}. Fails with L{NotKept} if nothing could be kept.
        """
        done: Deferred[list[bool]] = Deferred()
        happened: list[bool] = []

        def kept(outcome: Event | Exception) -> None:
            if isinstance(outcome, NotKept):
                if not done.called:
                    done.errback(outcome)
                return
            happened.append(isinstance(outcome, Event))
            if len(happened) == len(events):
                done.callback(happened)

        if not self._all_know(*events):
            done.errback(NotKept(OLDER))
            return done
        if events and len(self._filling) >= AT_ONCE:  # never between events that happen together
            self._full.append(self._filling)
            self._filling = []
        for event in events:
            self._submit(Receipt(event, caller), kept)
        if not events:
            done.callback(happened)
        return done

    def kept(self, receipt: Receipt) -> Deferred[None]:
        """
        Submit one event, and wait until it is kept and told. The receipt then says what became of it.

        @return: fails with L{NotKept} if it could not be kept.
        """
        done: Deferred[None] = Deferred()

        def told(outcome: Event | Exception) -> None:
            if isinstance(outcome, Event):
                done.callback(None)
            else:
                done.errback(outcome)

        if self._all_know(receipt.event):
            self._submit(receipt, told)
        else:
            done.errback(NotKept(OLDER))
        return done

    def _all_know(self, *events: Event) -> bool:
        """Whether each node knows events of these kinds. The first kinds are known to all."""
        newest = max((event.since for event in events), default=1)
        return newest == 1 or newest <= self.known()

    def _submit(self, receipt: Receipt, kept: Callable[[Event | Exception], None]) -> None:
        receipt.kept = kept
        self.submit(receipt)

    def receipt_of(self, event: Event) -> Receipt | None:
        """The receipt of an event of the batch under way; C{None} for what other nodes did."""
        # By its id: two people may say the same at the same time, and those are equal events and not one; and to hash
        # a frozen event means to hash its text. The receipt holds the event, so no other can have its id meanwhile.
        return self.own.get(id(event))

    def doer(self, event: Event) -> Any:
        """The connection whose wish an event was, as far as it is one of this node and known; or C{None}."""
        receipt = self.own.get(id(event))
        return None if receipt is None else receipt.caller

    async def owe(self, *events: Event) -> None:
        """Make events happen that must, such as a departure: tried again for as long as it takes."""
        await self.insist(lambda: self.happen(*events))

    async def insist(self, wish: Callable[[], Awaitable[object]]) -> None:
        """
        Wish for something of the backend that must be, until it is.

        @raise NotKept: the server stops, and this was the last try.
        """
        while True:
            try:
                await wish()
            except NotKept:
                if self.closed:
                    raise
                pause: Deferred[None] = Deferred()
                self._clock.callLater(RETRY, pause.callback, None)
                await pause
            else:
                return

    async def settled(self) -> None:
        """Wait until all that was submitted before is kept or lost, and those who waited for it have gone on."""
        batch = self._begun + len(self._next) + len(self._full) + bool(self._filling)
        while self._ended < batch and not self.is_quiet():  # what waited may have been refused
            ended: Deferred[None] = Deferred()
            self._watching.append(ended)
            await ended

    async def settled_within(self, seconds: float) -> None:
        """The same, but after so many seconds nobody waits any more."""
        with suppress(TimeoutError):
            await Deferred.fromCoroutine(self.settled()).addTimeout(seconds, self._clock)

    def has_of(self, caller: Any) -> bool:
        """Whether something that this connection wished is not kept yet."""
        return any(receipt.caller is caller for receipt in self._waiting())

    def is_quiet(self) -> bool:
        """Whether nothing is under way."""
        return not self._under_way and not self._has_more()

    def _has_more(self) -> bool:
        """Whether there is more to be kept, behind the batch under way."""
        return bool(self._filling or self._full or self._next)

    def _waiting(self) -> Iterator[Receipt]:
        """All that is not kept yet, in order."""
        return chain(self._under_way, *self._next, *self._full, self._filling)

    async def drain(self) -> None:
        """Wait until nothing is under way, or nothing can be kept any more."""
        while not self.is_quiet():
            idle: Deferred[None] = Deferred()
            self._idle.append(idle)
            await idle

    async def close(self, seconds: float) -> Sequence[Event]:
        """
        Keep nothing more: the server stops. What is under way may end, and what must be is tried for the last time.

        @param seconds: after these, nobody waits for the disk any more.
        @return: what is not kept, or of which nobody knows whether it is.
        """
        self.closed = True
        draining = Deferred.fromCoroutine(self.drain())
        with suppress(TimeoutError):
            await draining.addTimeout(seconds, self._clock)
        self._watch.rest()
        left = [receipt.event for receipt in self._waiting()]
        return [*self._given_up, *left]

    def age(self) -> float:
        """For how many seconds the batch under way has not been kept; 0.0: there is none."""
        return self._unkept_for() or 0.0

    def _unkept_for(self) -> float | None:
        return self._clock.seconds() - self._since if self._under_way else None

    def _waits(self, age: float) -> None:
        self.at_wait(age)
        if age >= self._limits.patience:
            self._refuse_waiting()

    def _refuse_waiting(self) -> None:
        """What people wished while the batch under way is not kept waits no longer; what has to happen does."""
        waiting = (*self._next, *self._full, self._filling)
        refused = [receipt for batch in waiting for receipt in batch if receipt.caller is not None]
        *full, self._filling = ([receipt for receipt in batch if receipt.caller is None] for batch in waiting)
        self._full, self._next = [batch for batch in full if batch], deque()
        self._reserved.drop()
        for receipt in refused:
            self._fail(receipt, unsaved(receipt.event))

    def _schedule(self) -> None:
        self._scheduled = True
        self._clock.callLater(self._tide.window(self._clock.seconds()), self._begin)

    def _begin(self) -> None:
        self._scheduled = False
        self._begun += 1
        if self._next:
            self._under_way = self._next.popleft()
        else:
            self._next.extend(batch for batch in (*self._full, self._filling) if batch)
            self._under_way, self._full, self._filling = self._next.popleft(), [], []
            if self._reserved.any:
                self._reserved.begin()
        self._since = now = self._clock.seconds()
        self._tide.count(len(self._under_way), now)
        if self._watch.looking is None:
            self._watch.begin()
        self.own = {id(receipt.event): receipt for receipt in self._under_way}
        keeping = Deferred.fromCoroutine(self._keep([receipt.event for receipt in self._under_way]))
        keeping.addCallbacks(self._kept, self._not_kept)
        keeping.addErrback(lambda failure: log.failure("a batch failed", failure))

    def _end(self) -> list[Receipt]:
        if self._watch.warned_at:
            self._watch.end()
        batch, self._under_way, self.own = self._under_way, [], {}
        if self._reserved.any and not self._next:  # what filled together holds what it has reserved until all is kept
            self._reserved.end()
        if self._has_more():
            self._schedule()
        return batch

    def _kept(self, happened: Sequence[bool]) -> None:
        for receipt, yes in zip(self._end(), happened, strict=True):
            if receipt.kept is not None:
                try:
                    receipt.kept(receipt.event if yes else Refused("Someone else just did that."))
                except Exception:  # noqa: BLE001 the others of this turn wait as well
                    log.failure("{event!r} was saved, but its caller failed", event=receipt.event)
            if receipt.then is not None:
                receipt.kept = receipt.then = None  # or it would hold on to itself
        self._rest()

    def _not_kept(self, failure: Any) -> None:
        error = failure.value
        if not isinstance(error, NotKept):
            log.failure("the backend failed", failure)
            error = NotKept("That was not saved or delivered. Try again in a moment.")
        for receipt in self._end():
            if self.closed:
                self._given_up.append(receipt.event)
            self._fail(receipt, error)
        self._rest()

    def _fail(self, receipt: Receipt, error: NotKept) -> None:
        try:
            if receipt.kept is not None:
                receipt.kept(error)
            elif receipt.caller is not None:
                receipt.caller.not_kept(error)
        except Exception:  # noqa: BLE001 the others of this turn wait as well
            log.failure("{event!r} was not saved, and its caller failed", event=receipt.event)
        receipt.kept = receipt.then = None

    def _rest(self) -> None:
        self._ended += 1
        watching, self._watching = self._watching, []
        for waiting in watching:
            waiting.callback(None)
        if not self._has_more():
            if self.closed:
                self._watch.rest()
            idle, self._idle = self._idle, []
            for waiting in idle:
                waiting.callback(None)


def unsaved(event: Event) -> NotKept:
    """Why something that waited is not kept; talk is named by its beginning."""
    text = getattr(event, "text", "") if not event.changes else ""
    what = f'"{quoted(text)}"' if text else "this"
    return NotKept(f"The database does not answer, so {what} was not saved or delivered. Try again later.")


def summary(events: Sequence[Event]) -> str:
    """What these are, for the log: how many of which kind in which room, and never what was said."""
    counts = Counter((event.kind, event.room) for event in events)
    return ", ".join(f"{count} x {kind}{f' in {room}' if room else ''}" for (kind, room), count in counts.items())
