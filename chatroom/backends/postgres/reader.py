"""
The log as this node tells it: every turn once, in its order, its own among those of the others.

What it has not kept itself it is notified of, whole where a turn is small; else it reads the log, and it looks each
second in any case. Its own turns it has already, and tells them at their own place (docs/adr/0048). It knows the log,
and nothing of what events mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from twisted.internet.defer import Deferred, DeferredLock
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger
from twisted.python.failure import Failure

from chatroom.backends import refusals
from chatroom.backends.postgres.driver import Database
from chatroom.backends.postgres.errors import Evicted
from chatroom.backends.postgres.link import RETRY, DatabaseLink, pause
from chatroom.backends.postgres.talk import barrier, rows
from chatroom.backends.postgres.turn import events_of
from chatroom.errors import NotKept
from chatroom.events import Event
from chatroom.interfaces import IListener

log = Logger()

MOST = 500
"""Turns that are read at once."""

POLL = 1.0
"""Seconds between two reads of the log where nothing wakes this node."""


async def listen(db: Database) -> None:
    """
    Be notified on this connection from now on. What a commit waits for, such as a standby, has all that is read here:
    what nobody had acknowledged when a server was lost is not told.
    """
    ((channel,),) = await rows(db, "SELECT channel FROM server")
    await db.execute(f"LISTEN {channel}".encode())
    await barrier(db)


class LogReader:
    """
    How far this node has told.

    @ivar pos: the last turn that this node has told.
    """

    def __init__(self, link: DatabaseLink, clock: IReactorTime, epoch: int, pos: int, listener: IListener) -> None:
        """@param link: listens: see L{listen}."""
        self.pos = pos
        self._link = link
        self._clock = clock
        self._epoch = epoch
        self._listener = listener
        self._lock = DeferredLock()
        self._newest = pos  # the last turn that it knows of
        self._own: dict[int, Sequence[Event]] = {}
        self._ahead: dict[int, tuple[str, str] | None] = {}  # numbers and body of a turn, None for an own one; by place
        self._stopped = False
        self._reading = False
        self._waiting: list[tuple[int, Deferred[None]]] = []
        self._poll: IDelayedCall | None = None
        link.idle = self._notified
        self._poll_later()

    async def tell(self, pos: int, events: Sequence[Event]) -> None:
        """
        This node has kept these: tell them behind all before them.

        @raise NotKept: this node is stopped or evicted before that.
        """
        self._own[pos] = events
        self._tell_on()
        while self.pos < pos:
            if self._stopped:
                raise refusals.closing()
            try:
                await self.catch_up()
            except Evicted:
                raise
            except NotKept:
                if self._stopped:
                    raise
                await pause(self._clock, RETRY)

    async def told(self, pos: int) -> None:
        """
        Wait until this node has told all turns up to this one.

        @raise NotKept: it is stopped or evicted before that.
        """
        if self.pos >= pos:
            return
        waiting = Deferred[None]()
        self._waiting.append((pos, waiting))
        self._newest = max(self._newest, pos)
        self._read()
        await waiting

    async def catch_up(self, to: int = 0) -> None:
        """
        Tell all that is in the log, up to a turn of this node of which it does not know yet that it was kept.

        @param to: do nothing if this node has told it.
        @raise NotKept: it cannot be read.
        """
        await self._lock.acquire()
        try:
            self._tell_on()
            while not to or self.pos < to:
                more = await self._read_on()
                self._tell_on()
                if not more and not self._is_behind():
                    return
        finally:
            self._lock.release()

    def stop(self) -> None:
        """Tell nothing more."""
        self._stopped = True
        if self._poll is not None and self._poll.active():
            self._poll.cancel()
        waiting, self._waiting = self._waiting, []
        for _, each in waiting:
            each.errback(refusals.closing())

    def _take_news(self) -> None:
        """Note what was notified: see C{keep_turn_1} in schema/."""
        news = self._link.news
        while news:
            place, _, turn = news.popleft().partition(" ")
            pos = int(place or 0)
            self._newest = max(self._newest, pos)
            if pos > self.pos and len(self._ahead) < MOST:
                epoch, _, turn = turn.partition(" ")
                numbers, _, body = turn.partition(" ")
                if int(epoch) == self._epoch:
                    self._ahead[pos] = None
                elif body:
                    self._ahead[pos] = numbers, body

    def _tell_on(self) -> None:
        """Tell what is known and comes next."""
        self._take_news()
        while not self._stopped:
            pos = self.pos + 1
            if pos in self._own:
                self._tell(pos, self._own.pop(pos))
            elif turn := self._ahead.get(pos):
                numbers, body = turn
                self._tell(pos, events_of(body, [int(number) for number in numbers.split(",")]))
            else:
                return

    def _is_behind(self) -> bool:
        """Whether the log holds what comes next, and it is not an own turn whose answer has not come yet."""
        return self.pos < self._newest and self.pos + 1 not in self._ahead

    async def _read_on(self) -> bool:
        """@return: whether there may be more to tell."""
        turns = await self._link.do(_since, self.pos)
        for pos, epoch, body, seqs in turns:
            if pos <= self.pos:  # it was told meanwhile
                continue
            if pos != self.pos + 1:
                raise Evicted  # what all nodes have read is gone, so this one is none of them
            if epoch != self._epoch:
                self._tell(pos, events_of(body, seqs))
            elif pos in self._own:
                self._tell(pos, self._own.pop(pos))
            else:
                return False
        return len(turns) == MOST

    def _tell(self, pos: int, events: Sequence[Event]) -> None:
        if self._stopped:
            raise refusals.closing()
        self.pos = pos
        self._ahead.pop(pos, None)
        if events:
            self._listener.heard(events)
        if self._waiting:
            self._release()

    def _release(self) -> None:
        """Those who wait for a turn that was told need not wait any more."""
        due = [each for each in self._waiting if each[0] <= self.pos]
        self._waiting = [each for each in self._waiting if each[0] > self.pos]
        for _, waiting in due:
            waiting.callback(None)

    def _notified(self) -> None:
        if self._stopped:
            self._link.news.clear()
            return
        try:
            self._tell_on()
        except Exception:  # noqa: BLE001 the reactor would let go of the connection
            log.failure("telling what was notified failed")
        if self._is_behind() or not self._link.there:
            self._read()

    def _read(self) -> None:
        if not self._reading:
            self._reading = True
            Deferred.fromCoroutine(self._read_noted()).addErrback(_failed)

    async def _read_noted(self) -> None:
        try:
            await self.catch_up()
        except NotKept:
            pass  # the next look may find it
        finally:
            self._reading = False

    def _poll_later(self) -> None:
        self._poll = self._clock.callLater(POLL, self._poll_now)

    def _poll_now(self) -> None:
        self._poll_later()
        self._read()


def _failed(failure: Failure) -> None:
    log.failure("reading the log failed", failure)


async def _since(db: Database, pos: int) -> list[tuple[Any, ...]]:
    query = "SELECT pos, epoch, body, seqs FROM log WHERE pos > %s ORDER BY pos LIMIT %s"
    return await rows(db, query, (pos, MOST))
