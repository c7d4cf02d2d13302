"""
A connection that is made again when it is lost, for one kind of work.

What is asked of one link is done in the order it was asked. It knows connections, and nothing of tables.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable
from typing import Concatenate, ParamSpec, TypeVar

import psycopg
from psycopg import Notify
from psycopg.errors import Diagnostic
from twisted.internet.defer import Deferred, DeferredLock
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger

from chatroom.backends import refusals
from chatroom.backends.postgres.driver import Database, Driver
from chatroom.backends.postgres.errors import Unreachable, is_lost, meaning
from chatroom.errors import NotKept

T = TypeVar("T")
P = ParamSpec("P")

log = Logger()

RETRY = 0.2
"""Seconds between two tries to connect."""

SOON = 0.1
"""The same, for what people wait for."""


class DatabaseLink:
    """
    One connection, at most.

    @ivar idle: called when the server says something that nobody asked for, such as a notification.
    @ivar news: what was notified, oldest first. The reader takes it out.
    @ivar reconnects: how many connections there have been.
    """

    def __init__(
        self,
        driver: Driver,
        conninfo: str,
        clock: IReactorTime,
        broken: Callable[[], NotKept],
        prepare: Callable[[Database], Awaitable[None]] | None = None,
        patience: float = 2.0,
        retry: float = RETRY,
    ) -> None:
        """
        @param broken: what to say when the server fails.
        @param prepare: done first on each new connection.
        @param patience: seconds for which L{do} tries to connect. @param retry: seconds between two tries.
        """
        self.idle: Callable[[], None] = lambda: None
        self.news: deque[str] = deque()
        self.reconnects = 0
        self.prepare = prepare
        self._driver = driver
        self._conninfo = conninfo
        self._clock = clock
        self._broken = broken
        self._patience = patience
        self._retry = retry
        self._lock = DeferredLock()
        self._db: Database | None = None
        self._begun: deque[float] = deque()
        self._open = True
        self._failing = False
        self._doubtful = False

    async def do(self, work: Callable[Concatenate[Database, P], Awaitable[T]], *args: P.args, **kwargs: P.kwargs) -> T:
        """
        Call this with the connection.

        @raise NotKept: the server failed, or the link is closed. @raise Unreachable: it could not be asked, or one
            does not know what it did.
        """
        if not self._open:
            raise refusals.closing()
        self._begun.append(self._clock.seconds())
        await self._lock.acquire()
        try:
            return await self._within(work, *args, **kwargs)
        finally:
            self._begun.popleft()
            self._lock.release()

    async def once(self, work: Callable[[Database], Awaitable[T]]) -> T:
        """
        The same, whatever fails raised as it is, without patience: for a start.

        @raise psycopg.Error: it failed.
        """
        await self._connect()
        assert self._db is not None
        return await self._driver.run(_called(work(self._db)))

    async def _within(
        self, work: Callable[Concatenate[Database, P], Awaitable[T]], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        await self._connected()
        db = self._db
        assert db is not None
        try:
            result: T = await self._driver.run(_called(work(db, *args, **kwargs)))
        except psycopg.Error as error:
            if is_lost(db, error):
                self._drop()
                self._say(error)
                if not self._open:
                    raise refusals.closing() from error
                raise Unreachable(sent=True) from error
            refusal = meaning(error, self._broken)
            if refusal is None:
                raise
            self._say(error)
            raise refusal from error
        if self._doubtful:  # a wait for the standby was cut short: what follows is acknowledged only after it
            self._doubtful = False
            raise Unreachable(sent=True)
        if self._failing:
            self._failing = False
            log.info("The database works again.")
        return result

    async def _connected(self) -> None:
        end = self._clock.seconds() + self._patience
        while True:
            try:
                await self._connect()
                return
            except psycopg.Error as error:
                if not is_lost(self._db, error):
                    refusal = meaning(error, self._broken)
                    raise (refusal or error) from error
                self._drop()
                self._say(error)
                if not self._open:
                    raise refusals.closing() from error
                if self._clock.seconds() + self._retry > end:
                    raise Unreachable(sent=False) from error
                await pause(self._clock, self._retry)

    async def _connect(self) -> None:
        if self._db is not None and not self._db.closed:
            return
        self._drop()
        db = self._db = await self._driver.connect(self._conninfo, self._listened)
        db.add_notice_handler(self._noticed)
        db.add_notify_handler(self._heard)
        self.reconnects += 1
        try:
            await self._driver.run(_prepared(db, self.prepare))
            if self._doubtful:
                self._doubtful = False
                raise psycopg.OperationalError("the wait for the standby was cancelled")
        except BaseException:  # what was not prepared is not used
            self._drop()
            raise

    def _listened(self) -> None:
        """The server has said something while nobody asked: a notification, or that it goes."""
        if self._db is None:
            return
        try:
            self._db.pgconn.consume_input()
            while found := self._db.pgconn.notifies():
                self.news.append(found.extra.decode())
        except psycopg.Error:
            self._drop()
        self.idle()

    def _heard(self, found: Notify) -> None:
        self.news.append(found.payload)

    def _noticed(self, notice: Diagnostic) -> None:
        if notice.sqlstate == "01000" and "synchronous replication" in (notice.message_primary or ""):
            self._doubtful = True
        elif notice.severity_nonlocalized == "WARNING":
            log.warn("The database warns: {message}", message=notice.message_primary)

    def age(self) -> float:
        """For how many seconds the oldest thing that was asked for has waited, or been done; 0.0: there is none."""
        return self._clock.seconds() - self._begun[0] if self._begun else 0.0

    @property
    def there(self) -> bool:
        """Whether there is a connection."""
        return self._db is not None

    def rest(self) -> None:
        """Do not read notifications while nothing is asked, until L{attend}."""
        if self._db is not None:
            self._driver.rest(self._db)

    def attend(self) -> None:
        """Read now what was notified, and listen again."""
        if self._db is not None:
            self._driver.attend(self._db)

    async def close(self) -> None:
        """Finish what was asked, and close the connection. Idempotent."""
        if not self._open:
            return
        self._open = False
        await self._lock.acquire()
        self._drop()
        self._lock.release()
        self._driver.stop()

    def cut(self) -> None:
        """Close the connection now: what is under way fails."""
        self._drop()

    def _drop(self) -> None:
        db, self._db = self._db, None
        if db is not None:
            self._driver.forget(db)

    def _say(self, error: psycopg.Error) -> None:
        if not self._failing and self._open:  # once, and not once a turn
            self._failing = True
            log.error("The database fails: {error}", error=str(error).strip())


async def _called(work: Awaitable[T]) -> T:
    return await work


async def _prepared(db: Database, prepare: Callable[[Database], Awaitable[None]] | None) -> None:
    await db.set_autocommit(True)
    if prepare is not None:
        await prepare(db)


async def pause(clock: IReactorTime, seconds: float) -> None:
    """Some seconds."""
    over: Deferred[None] = Deferred()
    clock.callLater(seconds, over.callback, None)
    await over
