"""
A thread with a connection to the database: where SQLite is waited for.

What is asked of one thread is done in the order it was asked. This module knows connections and errors, and
nothing of tables, but for one that it writes to see whether it can. It is long because much of it says why.

sqlite3 lets go of Python's global lock for every step of a statement, and a busy reactor gives it back after 5
milliseconds (C{sys.getswitchinterval}). Everything that is done often is therefore one statement that takes or
gives all its rows in one step; executemany and fetchall are for rare things.
"""

from __future__ import annotations

import json
import sqlite3
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, Concatenate, ParamSpec, TypeVar

from twisted.internet.defer import Deferred, TimeoutError
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger

from chatroom.backends import refusals
from chatroom.backends.sqlite.slices import Slice
from chatroom.backends.worker import Worker
from chatroom.errors import NotKept

T = TypeVar("T")
P = ParamSpec("P")

log = Logger()

_FULL = 13
"""SQLITE_FULL: U{https://www.sqlite.org/rescode.html}."""

_BUGS = frozenset({1, 17})
"""SQLITE_ERROR and SQLITE_SCHEMA, which is wrong SQL as well when a connection's first statement is wrong."""


class _Lost(Exception):
    """The database is not where it was."""


def _nothing() -> None:
    """What is done where nobody wants to know."""


class Lane:
    """
    A worker and the connection that only it uses.

    @ivar troubled: called when something could not be done. @ivar used: called when something was.
    """

    def __init__(
        self,
        worker: Worker,
        connection: sqlite3.Connection,
        broken: Callable[[], NotKept],
        seconds: Callable[[], float],
        lost: Callable[[], bool] | None = None,
    ) -> None:
        """
        @param seconds: the clock by which slices end.
        @param lost: whether the ground is gone, so that nothing may be done. Asked in the lane's thread.
        """
        self.troubled: Callable[[], None] = _nothing
        self.used: Callable[[], None] = _nothing
        self._worker = worker
        self._seconds = seconds
        self._lost = lost
        self._begun: deque[float] = deque()
        self._connection = connection
        self._broken = broken
        self._open = True
        self._failing = False
        worker.start()

    async def do(self, work: Callable[Concatenate[sqlite3.Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """
        Call this with the connection.

        @raise NotKept: the database failed, or the lane is closed; nothing was written.
        """
        if not self._open:
            raise refusals.closing()
        return await self._call(work, *args, **kwargs)

    async def slice(
        self, work: Callable[Concatenate[sqlite3.Connection, Slice, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """
        The same with work that can wait, and is told when its time is over.

        @raise NotKept: as L{do}.
        """

        def some(connection: sqlite3.Connection) -> T:
            return work(connection, Slice(self._seconds), *args, **kwargs)

        return await self.do(some)

    async def _call(
        self, work: Callable[Concatenate[sqlite3.Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        self._begun.append(self._seconds())
        try:
            result = await self._worker.run(partial(self._work, work, *args, **kwargs))
        except _Lost:
            self.troubled()
            raise refusals.lost_ground() from None
        except sqlite3.DatabaseError as error:
            if is_bug(error):
                raise
            self.troubled()
            raise self._refusal(error) from error
        finally:
            self._begun.popleft()  # what is asked first is done first
        self.used()
        if self._failing:
            self._failing = False
            log.info("The database works again.")
        return result

    def _work(self, work: Callable[Concatenate[sqlite3.Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        if self._lost is not None and self._lost():
            raise _Lost
        return work(self._connection, *args, **kwargs)

    def age(self) -> float:
        """For how many seconds the oldest thing that was asked for has waited, or been done; 0.0: there is none."""
        return self._seconds() - self._begun[0] if self._begun else 0.0

    def interrupt(self) -> None:
        """Let a query under way fail."""
        self._connection.interrupt()

    async def close(self, clock: IReactorTime, seconds: float) -> bool:
        """
        Finish what was asked, and close the connection.

        @param seconds: how long that may take. @return: False: it took longer, and the connection is left as it is.
        """
        self._open = False
        self._lost = None
        closing = Deferred.fromCoroutine(self._call(_close))
        try:
            await closing.addTimeout(seconds, clock)
        except TimeoutError:
            self._worker.abandon()
            return False
        except BaseException:
            self._worker.stop()
            raise
        self._worker.stop()
        return True

    def _refusal(self, error: sqlite3.DatabaseError) -> NotKept:
        if not self._open:  # a search was interrupted
            return refusals.closing()
        if not self._failing:  # once, and not once a turn
            self._failing = True
            log.error("The database fails: {error}", error=str(error))
        if getattr(error, "sqlite_errorcode", 0) == _FULL or "disk is full" in str(error):
            return refusals.full_disk()
        return self._broken()


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All that is written within, or nothing; it is on the disk when this ends without an exception."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


PATIENCE = 1000
"""Milliseconds for which L{probe} waits for another program that has the file locked."""


def probe(connection: sqlite3.Connection) -> None:
    """
    Write what changes nothing.

    @raise sqlite3.Error: it cannot be written.
    """
    (timeout,) = connection.execute("PRAGMA busy_timeout").fetchone()
    connection.execute(f"PRAGMA busy_timeout = {PATIENCE:d}")
    try:
        with transaction(connection):
            connection.execute("UPDATE indexed SET talk = talk")
    finally:
        connection.execute(f"PRAGMA busy_timeout = {timeout:d}")


def json_of(connection: sqlite3.Connection, query: str, values: Any) -> Any:
    """The value of a query that gives all its rows as one JSON text, in one step."""
    return json.loads(connection.execute(query, values).fetchone()[0])


def _close(connection: sqlite3.Connection) -> None:
    connection.close()


def is_bug(error: sqlite3.DatabaseError) -> bool:
    """
    Whether we are to blame and not the disk: wrong SQL, a broken constraint. Python 3.10 does not give SQLite's
    code; there all OperationalErrors are taken for the disk's.
    """
    if not isinstance(error, sqlite3.OperationalError):
        return type(error) is not sqlite3.DatabaseError
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _BUGS
