"""
Password hashes: argon2id through passlib, made and checked outside the reactor thread.

One check takes a fifth of a second and 64 MiB on purpose, so no more than a few run at once and no more
than a few wait; who comes after that is asked to try again. Those who wait have their turns by network, and within
a network by how much they had before (L{chatroom.auth.waiting}): a flood of checks waits for itself. Old hashes are
verified with the parameters they carry and come back renewed.

This module knows nothing of accounts or names: it sees passwords and hashes.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from threading import Thread
from typing import Any, TypeVar

from twisted.application.service import Service
from twisted.internet.defer import Deferred, fail
from twisted.internet.interfaces import IReactorThreads
from twisted.internet.threads import deferToThreadPool
from twisted.python.threadpool import ThreadPool
from zope.interface import implementer

from chatroom.auth.waiting import BUSY, Queue
from chatroom.core.opaque import forms, opaque
from chatroom.errors import Busy, Refused, Unlawful
from chatroom.interfaces import Asker, IPasswords
from chatroom.limits import Limits

with warnings.catch_warnings():
    # passlib 1.7.4 looks for crypt(3), and asks argon2 for its version in an outdated way. We use
    # neither; its fork libpass has cured both.
    warnings.filterwarnings("ignore", "'crypt' is deprecated", DeprecationWarning)
    warnings.filterwarnings("ignore", "Accessing argon2.__version__", DeprecationWarning)
    from passlib.context import CryptContext
    from passlib.hash import argon2

    # Now, and not in a thread at the first login: a missing library is known when the daemon starts.
    argon2.set_backend("argon2_cffi")

T = TypeVar("T")

Run = Callable[[Callable[[], Any]], "Deferred[Any]"]
"""Calls a function somewhere, soon, and fires with what it returns or raises."""

_CLOSING = "The server is shutting down."

MADE_UP = 1_000_000
"""A new password is hashed behind all checks of the same network: no login waits for passwords that others set."""


@dataclass(frozen=True)
class Cost:
    """
    What one hash costs: RFC 9106's parameters. The defaults are its second recommendation, and those of
    passlib and argon2-cffi.

    @ivar time: passes over the memory, at least 1.
    @ivar memory: KiB, at least 8 for each lane.
    @ivar parallelism: lanes, each of which may use a core, at least 1.
    """

    time: int = 3
    memory: int = 65536
    parallelism: int = 4

    def __post_init__(self) -> None:
        """@raise ValueError: a sentence, if argon2 would not accept it."""
        if self.time < 1 or not 1 <= self.parallelism < 2**24:
            raise ValueError("argon2 needs a time cost and a parallelism of at least 1.")
        if not 8 * self.parallelism <= self.memory < 2**32:
            raise ValueError("argon2 needs at least 8 KiB of memory for each of its parallel lanes.")


@dataclass(eq=False)
class _Waiting:
    asker: Asker
    turn: Deferred[None] = field(default_factory=Deferred)


@implementer(IPasswords)
class Passwords:
    """
    Hashes and verifies, a bounded number at a time.

    The time a check takes tells nothing but that the password was right: whether there is a hash to
    compare with, and whether the password could be one at all, the same one hash is computed.
    """

    def __init__(self, run: Run, limits: Limits, cost: Cost | None = None) -> None:
        """@param run: L{HashThreads.run}, or in tests anything that calls."""
        cost = cost or Cost()
        self._run = run
        self._threads = self._free = limits.hash_threads
        self._waiting: Queue[_Waiting] = Queue(lambda: limits.hash_queue)
        self._going_on = False
        self._context = CryptContext(
            schemes=["argon2"],
            argon2__type="ID",
            argon2__memory_cost=cost.memory,
            argon2__parallelism=cost.parallelism,
            # A hash that took more passes or fewer is out of date.
            argon2__time_cost=cost.time,
            argon2__min_rounds=cost.time,
            argon2__max_rounds=cost.time,
        )

    @property
    def under_way(self) -> int:
        """How many are being made or checked, or wait for it."""
        return self._threads - self._free + len(self._waiting)

    async def hash(self, password: str, asker: Asker) -> str:
        """@raise Unlawful: see L{chatroom.core.opaque.opaque}."""
        prepared = opaque(password)
        return await self._off_the_reactor(lambda: self._hash(prepared), asker, MADE_UP)

    async def verify(self, password: str, hash: str | None, asker: Asker) -> tuple[bool, str | None]:
        try:
            tried = forms(password)
        except Unlawful:
            tried, hash = ("",), None
        for form in tried:
            if not hash:
                await self._off_the_reactor(partial(self._hash, form), asker)
                continue
            right, better = await self._off_the_reactor(partial(self._verify, form, hash), asker)
            if right:
                return True, better
        return False, None

    def _hash(self, prepared: str) -> str:
        return self._context.hash(prepared)

    def _verify(self, prepared: str, hash: str) -> tuple[bool, str | None]:
        return self._context.verify_and_update(prepared, hash)

    async def _off_the_reactor(self, work: Callable[[], T], asker: Asker, behind: int = 0) -> T:
        asker.charge()
        if self._free:
            self._free -= 1
        else:
            await self._turn(asker, behind)
        result: T = await self._run(work).addBoth(self._has_done)
        return result

    def _has_done(self, result: T) -> T:
        """A thread is free, whether or not anybody still waits for what it has found."""
        self._free += 1
        self._go_on()
        return result

    # Whose turn it is.

    def close_queue(self) -> None:
        self._waiting.closed = True
        for each in self._waiting.clear():
            each.turn.errback(Busy(BUSY))

    def open_queue(self) -> None:
        self._waiting.closed = False

    def _turn(self, asker: Asker, behind: int) -> Deferred[None]:
        """@raise Busy: nobody who waits has less of a right to it."""
        waiting = _Waiting(asker)
        displaced = self._waiting.add(asker.network, asker.had + behind, waiting)
        if displaced is not None:
            displaced.turn.errback(Busy(BUSY))
        return waiting.turn

    def _go_on(self) -> None:
        """As long as a thread is free, let the next one have its turn. Not called within itself."""
        if self._going_on:
            return
        self._going_on = True
        try:
            while self._free and (waiting := self._waiting.take()) is not None:
                if waiting.asker.gone:
                    waiting.turn.errback(Busy(BUSY))
                else:
                    self._free -= 1
                    waiting.turn.callback(None)
        finally:
            self._going_on = False


class HashThreads(Service):
    """
    The threads in which passwords are hashed. They are started when first needed, and stopping waits for
    the hashes under way and for none of those that still wait.
    """

    def __init__(self, reactor: IReactorThreads, limits: Limits) -> None:
        self._reactor = reactor
        self._pool = ThreadPool(minthreads=0, maxthreads=limits.hash_threads, name="passwords")
        # Should stopService never be called, they do not keep the process alive.
        self._pool.threadFactory = partial(Thread, daemon=True)  # type: ignore[assignment]

    def startService(self) -> None:
        super().startService()  # type: ignore[no-untyped-call]
        self._pool.start()

    def stopService(self) -> Deferred[None]:
        super().stopService()  # type: ignore[no-untyped-call]
        # It joins the threads, so it must not be called in the reactor's.
        return deferToThreadPool(self._reactor, self._reactor.getThreadPool(), self._pool.stop)

    def run(self, work: Callable[[], T]) -> Deferred[T]:
        """
        Call this in one of the threads.

        @raise Refused: as the Deferred's failure: the daemon stops.
        """
        if not self.running:  # the threads would never come to it
            return fail(Refused(_CLOSING))
        return deferToThreadPool(self._reactor, self._pool, self._unless_stopped, work)

    def _unless_stopped(self, work: Callable[[], T]) -> T:
        if not self.running:
            raise Refused(_CLOSING)
        return work()
