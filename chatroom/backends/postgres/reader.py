"""
The log as this node tells it: every turn once, in its order, its own among those of the others.

What it has not kept itself it is notified of, whole where a turn is small; else it reads the log, and it looks each
second in any case. Its own turns it has already, and tells them at their own place (docs/adr/0048). Where nobody reads
events, it lets the log gather for a moment (docs/adr/0063). It knows the log, and nothing of what events mean.
"""

from __future__ import annotations

from collections.abc import Sequence

from twisted.internet.defer import Deferred, DeferredLock
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger
from twisted.python.failure import Failure

from chatroom.backends import refusals
from chatroom.backends.postgres.driver import Database
from chatroom.backends.postgres.errors import Evicted
from chatroom.backends.postgres.link import SOON, DatabaseLink, pause
from chatroom.backends.postgres.talk import barrier, numbers_of, rows
from chatroom.backends.postgres.turn import events_of
from chatroom.errors import NotKept
from chatroom.events import Event
from chatroom.interfaces import IListener

log = Logger()

MOST = 500
"""Turns that are read at once."""

AT_ONCE = 500
"""Events after which what is known waits for the next turn of the reactor, so that people are served in between."""

POLL = 1.0
"""Seconds between two reads of the log where nothing wakes this node."""

GATHER = 0.025
"""
Seconds for which a node without readers reads no notification, once it has read one. A waking costs a node as much as
50 lines that it reads together, so this saves most of the cost of listening. When the first reader comes, the node has
to tell at once what 25 ms hold: at 10,000 lines a second that is less than L{AT_ONCE}.
"""


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
        self._ahead: dict[int, tuple[str, Sequence[int]] | None] = {}  # by place: body and numbers; None: an own turn
        self._stopped = False
        self._reading = False
        self._poll: IDelayedCall | None = None
        self._gathering: IDelayedCall | None = None  # until then, notifications wait unread
        link.idle = self._notified
        self._poll_later()

    async def tell(self, pos: int, events: Sequence[Event]) -> None:
        """
        This node has kept these: tell them behind all before them.

        @raise NotKept: this node is stopped or evicted before that.
        """
        self._own[pos] = events
        self.hasten()
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
                await pause(self._clock, SOON)
        if self._is_behind():  # of what stands behind it, only the place was notified
            self._read()

    async def catch_up(self, to: int = 0) -> None:
        """
        Tell all that is in the log, up to a turn of this node of which it does not know yet that it was kept.

        @param to: do nothing if this node has told it.
        @raise NotKept: it cannot be read.
        """
        await self._lock.acquire()
        try:
            await self._tell_known()
            found = MOST
            while found and not (to and self.pos >= to):
                found = await self._read_on()
                await self._tell_known()
                if found < MOST and (self._gathering is not None or not self._is_behind()):
                    return
        finally:
            self._lock.release()

    def hasten(self) -> None:
        """Tell now what was notified and gathers: somebody reads it, or what follows has to stand behind it."""
        if self._gathering is not None:
            self._gathering.cancel()
            self._gathered()

    def stop(self) -> None:
        """Tell nothing more."""
        self._stopped = True
        for call in (self._poll, self._gathering):
            if call is not None and call.active():
                call.cancel()

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
                    self._ahead[pos] = body, [int(number) for number in numbers.split(",")]

    async def _tell_known(self) -> None:
        while self._tell_on():
            await pause(self._clock, 0)

    def _tell_on(self) -> bool:
        """Tell what is known and comes next. @return: there is more of it, for another turn of the reactor."""
        self._take_news()
        told = 0
        while not self._stopped and self._has_next():
            if told >= AT_ONCE:
                return True
            events = self._take_next(AT_ONCE - told)
            told += len(events)
            if events:
                self._listener.heard(events)
        return False

    def _has_next(self) -> bool:
        return self.pos + 1 in self._own or self._ahead.get(self.pos + 1) is not None

    def _take_next(self, most: int) -> Sequence[Event]:
        """An own turn; or turns of other nodes up to the next own one, until they have so many events."""
        if self.pos + 1 in self._own:
            self.pos += 1
            self._ahead.pop(self.pos, None)
            return self._own.pop(self.pos)
        pos, events = self.pos, list[Event]()
        while len(events) < most and (turn := self._ahead.get(pos + 1)) is not None:
            events += events_of(*turn)
            pos += 1
        for told in range(self.pos + 1, pos + 1):
            del self._ahead[told]
        self.pos = pos
        return events

    def _is_behind(self) -> bool:
        """Whether the log holds what comes next, and it is not an own turn whose answer has not come yet."""
        return self.pos < self._newest and self.pos + 1 not in self._ahead

    async def _read_on(self) -> int:
        """@return: how many turns it has found; there may be more if they are L{MOST}."""
        begun = self.pos
        turns = await self._link.do(_since, begun, self._epoch)
        if turns and turns[0][0] != begun + 1:
            raise Evicted  # what all nodes have read is gone, so this one is none of them
        for pos, body, seqs in turns:
            if pos > self.pos:  # else it was told meanwhile
                self._ahead[pos] = None if body is None else (body, seqs)
        return len(turns)

    def _notified(self) -> None:
        if self._stopped:
            self._link.news.clear()
            return
        more, news = False, bool(self._link.news)
        try:
            more = self._tell_on()
        except Exception:  # noqa: BLE001 the reactor would let go of the connection
            log.failure("telling what was notified failed")
        if more or self._is_behind() or not self._link.there:
            self._read()
        if news and self._gathering is None and not self._listener.has_readers():
            self._link.rest()
            self._gathering = self._clock.callLater(GATHER, self._gathered)

    def _gathered(self) -> None:
        self._gathering = None
        self._link.attend()

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


async def _since(db: Database, pos: int, me: int) -> list[tuple[int, str | None, Sequence[int]]]:
    """Place, body and numbers of turns; of those of this node, which has them, no body."""
    query = f"""
        SELECT pos, CASE WHEN epoch <> $1 THEN body END, CASE WHEN epoch <> $1 THEN seqs END
        FROM log WHERE pos > $2 ORDER BY pos LIMIT {MOST}
    """
    found = await db.ask("log_since", query, me, pos)
    return [(int(place), body.decode() if seqs else None, numbers_of(seqs)) for place, body, seqs in found]
