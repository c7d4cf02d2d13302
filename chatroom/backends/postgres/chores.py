"""
Work that nobody waits for: indexing what was said, deleting rooms that are closed and turns that all have read.

One node does it for all: the one whose connection holds a lock. It knows when to work, and nothing of how it is done.
"""

from __future__ import annotations

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger
from twisted.python.failure import Failure

from chatroom.backends.postgres.driver import Database
from chatroom.backends.postgres.link import DatabaseLink
from chatroom.backends.postgres.retention import sweep, trim
from chatroom.backends.postgres.search import backlog, index
from chatroom.backends.postgres.talk import rows
from chatroom.errors import NotKept

log = Logger()

PAUSE = 5.0
"""Seconds between two rounds."""

_LOCK = 0x63686F72
"""Of C{pg_try_advisory_lock}."""


async def is_elected(db: Database) -> bool:
    """Whether this connection has the lock, or can have it."""
    held = "SELECT FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid() AND objid = %s AND granted"
    if await rows(db, held, (_LOCK,)):
        return True
    ((got,),) = await rows(db, "SELECT pg_try_advisory_lock(0, %s)", (_LOCK,))
    return bool(got)


class Chores:
    """
    When to do it.

    @ivar unindexed: lines that waited to be indexed when this was asked last.
    """

    def __init__(self, link: DatabaseLink, clock: IReactorTime) -> None:
        """@param link: for this work alone, as the lock is its connection's."""
        self.unindexed = 0
        self._link = link
        self._clock = clock
        self._stopped = False
        self._call: IDelayedCall | None = clock.callLater(PAUSE, self._begin)

    def stop(self) -> None:
        """No more of it."""
        self._stopped = True
        if self._call is not None and self._call.active():
            self._call.cancel()

    def _begin(self) -> None:
        Deferred.fromCoroutine(self._work()).addErrback(_failed).addBoth(self._again)

    def _again(self, _: object) -> None:
        if not self._stopped:
            self._call = self._clock.callLater(PAUSE, self._begin)

    async def _work(self) -> None:
        link = self._link
        try:
            if await link.do(is_elected):
                await link.do(trim)
                while not self._stopped and await link.do(sweep):
                    pass
                while not self._stopped and await link.do(index) > 0:
                    pass
            self.unindexed = await link.do(backlog)
        except NotKept:
            pass  # said once by the link; the next round tries again


def _failed(failure: Failure) -> None:
    log.failure("chores of the database failed", failure)
