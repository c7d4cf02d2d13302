"""
Where a backend waits for its database: in a thread of its own, outside the reactor's.

What is asked of one worker is done in the order it was asked. This module knows no database.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from threading import Thread
from typing import Protocol, TypeVar

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorFromThreads
from twisted.internet.threads import deferToThreadPool
from twisted.python.threadpool import ThreadPool

T = TypeVar("T")


class Worker(Protocol):
    """Calls functions somewhere else, one after the other."""

    def start(self) -> None:
        """Be ready."""

    def run(self, work: Callable[[], T]) -> Deferred[T]:
        """Fires with what C{work} returns or raises."""

    def stop(self) -> None:
        """There is no more to do, and nothing under way."""

    def abandon(self) -> None:
        """There is no more to do, and what is under way may never end."""


class OneThread:
    """A L{Worker} that is a thread."""

    def __init__(self, reactor: IReactorFromThreads, name: str) -> None:
        self._reactor = reactor
        self._pool = ThreadPool(minthreads=1, maxthreads=1, name=name)
        # Should stop never be called, it does not keep the process alive.
        self._pool.threadFactory = partial(Thread, daemon=True)  # type: ignore[assignment]

    def start(self) -> None:
        self._pool.start()

    def run(self, work: Callable[[], T]) -> Deferred[T]:
        return deferToThreadPool(self._reactor, self._pool, work)

    def stop(self) -> None:
        self._pool.stop()

    def abandon(self) -> None:
        """The thread ends with the process."""
