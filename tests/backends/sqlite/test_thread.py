"""
The SQLite backend with its real threads: the only tests of it that wait, each time with a deadline.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from queue import Queue
from typing import Any, TypeVar

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorFromThreads
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer

from chatroom.backends.sqlite.backend import SQLiteBackend
from chatroom.errors import NotKept
from chatroom.events import Said
from tests.backends.verbs import NOON, Recorder, created, said
from tests.patience import PATIENCE

T = TypeVar("T")


@implementer(IReactorFromThreads)
class ThreadClock(Clock):
    """A clock to which threads can speak, while a test waits for something."""

    def __init__(self) -> None:
        super().__init__()
        self._calls: Queue[Callable[[], object]] = Queue()
        self.called = 0

    def callFromThread(self, callable: Callable[..., Any], *args: object, **kwargs: object) -> None:  # noqa: N802
        """From another thread: call this in the test's."""
        self._calls.put(lambda: callable(*args, **kwargs))

    def run_until(self, done: Callable[[], bool]) -> None:
        """Let threads speak until this is so."""
        while not done():
            self._calls.get(timeout=PATIENCE)()
            self.called += 1


class ThreadTests(SynchronousTestCase):
    """What holds with threads as well."""

    def setUp(self) -> None:
        """A backend that has started. A thread of a test before may still be about to end."""
        self.before = set(threading.enumerate())
        self.path = Path(self.mktemp()) / "chatroom.sqlite"
        self.clock = ThreadClock()
        self.backend, self.listener = SQLiteBackend(self.path, self.clock, lambda: NOON), Recorder()
        self.wait(self.backend.start("north", self.listener))
        self.addCleanup(lambda: self.wait(self.backend.stop()))

    def wait(self, awaited: Coroutine[Any, Any, T]) -> T:
        """What it comes to."""
        deferred = Deferred.fromCoroutine(awaited)
        self.clock.run_until(lambda: deferred.called)
        result: T = self.successResultOf(deferred)
        return result

    def test_everything_works(self) -> None:
        """Keep, read, search, forget, from one thread to the other."""
        self.wait(self.backend.keep([created(), said("green tea"), said("black tea")]))
        found = self.wait(self.backend.search(["lobby"], ["tea"], None, 9))
        self.assertEqual([3, 2], [event.seq for event in found.events])
        self.assertEqual(2, self.wait(self.backend.expire(None, 1)))
        page = self.wait(self.backend.history("lobby", after=None, before=None, limit=9, talk=True))
        self.assertEqual(["black tea"], [event.text for event in page if isinstance(event, Said)])

    def test_one_call_from_the_thread_for_a_batch(self) -> None:
        """However many events a turn has, the reactor is woken once."""
        before = self.clock.called
        self.wait(self.backend.keep([said() for _ in range(5000)]))
        self.assertEqual(1, self.clock.called - before)

    def test_history_while_the_disk_is_slow(self) -> None:
        """Somebody else has the file locked: what has to be written waits, what is read does not."""
        self.wait(self.backend.keep([said("before")]))
        slow = sqlite3.connect(self.path, isolation_level=None)
        slow.execute("BEGIN IMMEDIATE")
        keeping = Deferred.fromCoroutine(self.backend.keep([said("after")]))
        page = self.wait(self.backend.history("lobby", after=None, before=None, limit=9, talk=True))
        self.assertEqual([1], [event.seq for event in page])
        self.assertNoResult(keeping)
        slow.execute("ROLLBACK")
        slow.close()
        self.clock.run_until(lambda: len(self.listener.events) == 2)
        self.assertEqual([True], self.successResultOf(keeping))

    def test_threads_end(self) -> None:
        """After stop none of the threads is left."""
        mine = [thread for thread in set(threading.enumerate()) - self.before if "chatroom-" in thread.name]
        self.assertEqual(4, len(mine), mine)
        self.wait(self.backend.stop())
        for thread in mine:
            thread.join(PATIENCE)
        self.assertEqual([], [thread for thread in mine if thread.is_alive()])

    def test_long_search_does_not_hold_up_the_end(self) -> None:
        """It is broken off, and whoever asked is told."""
        lanes = self.backend._lanes
        assert lanes is not None
        endless = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
        begun = threading.Event()

        def search(connection: sqlite3.Connection) -> None:
            connection.set_progress_handler(lambda: begun.set(), 1000)
            connection.execute(endless).fetchone()

        searching = Deferred.fromCoroutine(lanes.scan.do(search))
        self.assertTrue(begun.wait(PATIENCE))
        self.wait(self.backend.stop())
        self.failureResultOf(searching, NotKept)
