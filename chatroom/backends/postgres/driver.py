"""
Where the answers of PostgreSQL are waited for: in the reactor, or in a thread.

psycopg writes its work as generators that say when they would block; C{AsyncConnection.wait} runs them, by asyncio
where it is left alone. Here the reactor runs them, without asyncio and without a thread (docs/adr/0047); where a
reactor cannot watch sockets, a thread blocks. It knows sockets and psycopg's generators, and nothing of SQL.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Generator
from functools import partial
from typing import Any, Protocol, TypeVar

from psycopg import AsyncConnection, OperationalError, waiting
from psycopg._conninfo_attempts import conninfo_attempts
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.errors import error_from_result
from psycopg.generators import execute
from psycopg.pq import ExecStatus, Format

from chatroom.backends.worker import Worker

T = TypeVar("T")

CONNECT_TIME = 3.0
"""Seconds that one address may take to answer."""

Waiter = Callable[[Generator[Any, Any, Any], int], Awaitable[Any]]


class Database(AsyncConnection[tuple[Any, ...]]):
    """A connection whose generators are run by L{waiter}: see the module."""

    waiter: Waiter
    _asked: frozenset[str] = frozenset()

    async def ask(self, name: str, query: str, *values: int | str) -> list[list[bytes]]:
        """
        The rows of a query that is asked with every turn, each value as PostgreSQL writes it. A cursor of psycopg takes
        two to three times as long for it, as it looks for how to write and read each value.

        @param name: by which the query stays prepared on this connection. @param query: with C{$1} for the first value.
        @raise psycopg.Error: it failed.
        """
        if name not in self._asked:
            await self.execute(f"PREPARE {name} AS {query}".encode())
            self._asked |= {name}
        formats = [Format.BINARY if isinstance(value, str) else Format.TEXT for value in values]  # text may hold NUL
        self.pgconn.send_query_prepared(name.encode(), [str(value).encode() for value in values], formats)
        result = (await self.wait(execute(self.pgconn)))[0]
        if result.status != ExecStatus.TUPLES_OK:
            raise error_from_result(result)
        places = range(result.nfields)
        return [[result.get_value(row, place) or b"" for place in places] for row in range(result.ntuples)]

    async def wait(self, gen: Generator[Any, Any, T], *_: Any, **__: Any) -> T:
        """Run it. psycopg calls this for all that it does on an open connection."""
        result: T = await self.waiter(gen, self.pgconn.socket)
        return result


class Driver(Protocol):
    """
    One connection's way to wait.

    @ivar wakes: an idle connection is listened to, so that notifications come at once.
    """

    wakes: bool

    async def connect(self, conninfo: str, idle: Callable[[], None]) -> Database:
        """
        Connect to the first host that answers and is as the string wants it.

        @param idle: called when the server says something that nobody has asked for.
        @raise OperationalError: there is none.
        """

    async def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run what uses the connection."""

    def rest(self, db: Database) -> None:
        """Do not listen while nothing is asked, so that notifications gather unread, until L{attend}."""

    def attend(self, db: Database) -> None:
        """Listen again. If nothing is asked, C{idle} is called now for what has come."""

    def forget(self, db: Database) -> None:
        """The connection is not used any more."""

    def stop(self) -> None:
        """There is no more to do."""


def addresses(conninfo: str) -> list[dict[str, Any]]:
    """
    The parameters of each try to connect, names resolved, which may block.

    @raise OperationalError: no name could be resolved.
    """
    return [dict(attempt) for attempt in conninfo_attempts(conninfo_to_dict(conninfo))]


def text_of(attempt: dict[str, Any]) -> str:
    """A try as a string for libpq, without its own patience."""
    return make_conninfo("", **{name: value for name, value in attempt.items() if name != "connect_timeout"})


class ThreadDriver:
    """Waits in a thread, for reactors that cannot watch a socket. Notifications are read when it is asked next."""

    wakes = False

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        worker.start()

    async def connect(self, conninfo: str, idle: Callable[[], None]) -> Database:
        return await self._worker.run(partial(_connect, conninfo))

    async def run(self, work: Coroutine[Any, Any, T]) -> T:
        return await self._worker.run(partial(_to_its_end, work))

    def rest(self, db: Database) -> None:
        """It never listens."""

    def attend(self, db: Database) -> None:
        """Likewise."""

    def forget(self, db: Database) -> None:
        db.pgconn.finish()

    def stop(self) -> None:
        self._worker.stop()


def _connect(conninfo: str) -> Database:
    error: OperationalError | None = None
    for attempt in addresses(conninfo):
        try:
            db = waiting.wait_conn(Database._connect_gen(text_of(attempt)), interval=0.1, timeout=CONNECT_TIME)
        except OperationalError as failed:
            error = failed
            continue
        db.waiter = _blocking
        return db
    assert error is not None
    raise error


def run_at_once(conninfo: str, work: Callable[[Database], Coroutine[Any, Any, T]]) -> T:
    """
    Connect, do this and nothing else, in this thread, which waits.

    @raise psycopg.Error: it failed.
    """
    db = _connect(conninfo)
    try:
        return _to_its_end(work(db))
    finally:
        db.pgconn.finish()


async def _blocking(gen: Generator[Any, Any, T], number: int) -> T:
    result: T = waiting.wait(gen, number, interval=0.1)
    return result


def _to_its_end(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine that never waits for anything but what blocks."""
    try:
        work.send(None)
    except StopIteration as end:
        result: T = end.value
        return result
    work.close()
    raise RuntimeError("a coroutine of a thread has waited for something else")
