"""
Where the answers of PostgreSQL are waited for in the reactor, without asyncio and without a thread (docs/adr/0047).

It knows sockets and psycopg's generators, and nothing of SQL.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Awaitable, Callable, Coroutine, Generator
from functools import partial
from typing import Any, TypeVar

from psycopg import OperationalError
from psycopg.conninfo import conninfo_to_dict
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorFDSet, IReactorTime, IReadDescriptor, IWriteDescriptor
from twisted.internet.threads import deferToThread
from twisted.python.failure import Failure
from zope.interface import implementer

from chatroom.backends.postgres.driver import CONNECT_TIME, Database, Driver, ThreadDriver, addresses, text_of
from chatroom.backends.postgres.hosts import Race
from chatroom.backends.worker import Worker

T = TypeVar("T")

READ, WRITE = 1, 2
"""What a generator of psycopg waits for, and the answer it gets: C{psycopg.waiting.Wait} and C{Ready}."""


def _needs_names(conninfo: str) -> bool:
    params = conninfo_to_dict(conninfo)
    if params.get("hostaddr"):
        return False
    for host in str(params.get("host") or "/").split(","):
        if not host.startswith(("/", "@")) and host:
            try:
                ipaddress.ip_address(host)
            except ValueError:
                return True
    return False


@implementer(IReadDescriptor, IWriteDescriptor)
class Socket:
    """
    A socket of libpq's, in a reactor. Of the reactor's interest in it, the reactor only learns what changes.

    The reactor watches a duplicate, as libpq closes its own at any time, and the reactor would be left with a number
    that is another socket's by then.
    """

    def __init__(self, reactor: IReactorFDSet) -> None:
        self.idle: Callable[[], None] | None = None
        self._reactor = reactor
        self._number = -1
        self._own = -1
        self._gen: Generator[Any, Any, Any] | None = None
        self._done: Deferred[Any] | None = None
        self._wants = 0
        self._watched = 0
        self._resting = False

    def fileno(self) -> int:
        """As the reactor asks for it."""
        return self._own

    def logPrefix(self) -> str:
        """As the reactor asks for it."""
        return "PostgreSQL"

    def listen(self, idle: Callable[[], None]) -> None:
        """Call this when there is something to read and nobody has asked for it."""
        self.idle = idle
        self._watch(READ)

    def rest(self) -> None:
        """Read nothing that nobody has asked for, until L{attend}."""
        self._resting = True
        if self._gen is None:
            self._watch(0)

    def attend(self) -> None:
        """Listen again, and read now what has come, unless something is asked and reads it."""
        self._resting = False
        if self._gen is None and self.idle is not None:
            self._watch(READ)
            self.idle()

    def run(self, gen: Generator[Any, Any, T]) -> Deferred[T]:
        """@return: fires with what the generator returns or raises."""
        done: Deferred[T] = Deferred()
        self._gen, self._done = gen, done
        self._step(None)
        return done

    def doRead(self) -> None:  # noqa: N802
        """There is something to read."""
        if self._gen is not None:
            self._step(READ)
        elif self.idle is not None:
            self.idle()

    def doWrite(self) -> None:  # noqa: N802
        """There is room to write."""
        self._step(WRITE)

    def connectionLost(self, reason: Failure) -> None:
        """The reactor has found the socket closed: libpq finds out by itself when it is asked."""
        self._watched = 0
        if self._gen is not None:
            self._step(READ)
        elif self.idle is not None:
            self.idle()

    def close(self) -> None:
        """Let the reactor forget it."""
        self.idle = None
        self._move(-1)
        if self._gen is not None:
            self._finish(lambda done: done.errback(OperationalError("the connection is closed")))

    def _step(self, ready: int | None) -> None:
        gen = self._gen
        if gen is None:
            self._watch(READ)
            return
        try:
            wants = next(gen) if ready is None else gen.send(ready)
        except StopIteration as end:
            value = end.value
            self._finish(lambda done: done.callback(value))
        except BaseException:  # noqa: BLE001 it is raised where it was asked for
            failure = Failure()
            self._finish(lambda done: done.errback(failure))
        else:
            if isinstance(wants, tuple):  # while it connects, the socket may change
                self._move(wants[0])
                wants = wants[1]
            self._watch(int(wants) | (READ if self.idle is not None else 0))

    def _finish(self, how: Callable[[Deferred[Any]], None]) -> None:
        done, self._gen, self._done = self._done, None, None
        self._watch(READ if self.idle is not None and not self._resting else 0)
        assert done is not None
        how(done)

    def _move(self, number: int) -> None:
        if number != self._number:
            self._watch(0)
            if self._own >= 0:
                os.close(self._own)
            self._number, self._own = number, os.dup(number) if number >= 0 else -1

    def _watch(self, wanted: int) -> None:
        if wanted == self._watched or self._own < 0:
            return
        if (wanted ^ self._watched) & READ:
            (self._reactor.addReader if wanted & READ else self._reactor.removeReader)(self)
        if (wanted ^ self._watched) & WRITE:
            (self._reactor.addWriter if wanted & WRITE else self._reactor.removeWriter)(self)
        self._watched = wanted


class ReactorDriver:
    """Waits in the reactor: a call costs one event of the socket, and no change of thread."""

    wakes = True

    def __init__(self, reactor: Any) -> None:
        self._reactor = reactor
        self._sockets: dict[int, Socket] = {}

    async def connect(self, conninfo: str, idle: Callable[[], None]) -> Database:
        if _needs_names(conninfo):
            attempts = await deferToThread(addresses, conninfo)
        else:
            attempts = addresses(conninfo)
        sockets: dict[int, Socket] = {}

        def begin(number: int) -> Deferred[Database]:
            sockets[number] = Socket(self._reactor)
            return sockets[number].run(Database._connect_gen(text_of(attempts[number])))

        race = Race(
            IReactorTime(self._reactor), len(attempts), begin, lambda number: sockets[number].close(), CONNECT_TIME
        )
        db = await race.result
        socket = sockets[race.winner]
        db.waiter = partial(_in_reactor, socket)
        socket.listen(idle)
        self._sockets[id(db)] = socket
        return db

    async def run(self, work: Coroutine[Any, Any, T]) -> T:
        return await work

    def rest(self, db: Database) -> None:
        self._sockets[id(db)].rest()

    def attend(self, db: Database) -> None:
        self._sockets[id(db)].attend()

    def forget(self, db: Database) -> None:
        socket = self._sockets.pop(id(db), None)
        db.pgconn.finish()  # first, so that who waits for it finds it closed
        if socket is not None:
            socket.close()

    def stop(self) -> None:
        """There is nothing of its own to stop."""


def _in_reactor(socket: Socket, gen: Generator[Any, Any, T], number: int) -> Awaitable[T]:
    return socket.run(gen)


def driver_of(reactor: Any, worker: Callable[[], Worker]) -> Driver:
    """The reactor itself where it can watch sockets, else a thread."""
    if IReactorFDSet.providedBy(reactor):
        return ReactorDriver(reactor)
    return ThreadDriver(worker())
