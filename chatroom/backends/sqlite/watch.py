"""
Watching over a database that is open: that its files are still there, that its log stays short, that there is space.

It decides when to look, and says in the log what it sees; how it is done, other modules know. It has a connection and a
thread of its own, so that nothing of it holds up what people say.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger
from twisted.python.failure import Failure

from chatroom.backends.sqlite.file import DatabaseFile
from chatroom.backends.sqlite.ground import Ground, rescue
from chatroom.backends.sqlite.thread import Lane
from chatroom.errors import NotKept

log = Logger()

LOOK = 60.0
"""Seconds between two looks at the files, while nothing is written; each write looks as well."""

SOON = 1.0
"""Seconds until the first look."""

COPY = 5.0
"""Seconds after a write until the log is copied into the database."""

LONG = 4000
"""Pages of a log that is to be begun anew soon: 16 MB."""

SHORT = 1000
"""Pages that may be copied in the writing thread, at most: some milliseconds."""

LITTLE = 100 * 1024 * 1024
"""Bytes of free space below which the operator is warned."""


class Watch:
    """
    @ivar trouble: why nothing can be kept any more, as a sentence without its end; C{""} while all is well.
    @ivar free: bytes of free space where the database is, at the last look.
    @ivar length: bytes that it has. @ivar unused: how many of them nothing is in.
    """

    def __init__(self, file: DatabaseFile, now: Callable[[], float], clock: IReactorTime, ground: Ground) -> None:
        """@param now: seconds since 1970."""
        self.trouble = ""
        self.free = self.length = self.unused = 0
        self._file = file
        self._path = file.path
        self._now = now
        self._clock = clock
        self._ground = ground
        self._rescued: Path | None = None
        self._warned = False
        self._copying = self._saving = self._stopped = False
        self._calls: dict[str, IDelayedCall] = {}

    def begin(self, write: Lane, tidy: Lane) -> None:
        """@param tidy: for all that is done here."""
        self._write = write
        self._tidy = tidy
        self._note_space()
        self._later("look", SOON, self.look)

    def stop(self) -> None:
        """Look no more."""
        self._stopped = True
        for call in self._calls.values():
            if call.active():
                call.cancel()
        self._calls.clear()

    def closed(self) -> None:
        """The database is closed."""
        if self.trouble and self._rescued is not None:
            self._ground.clear_away()

    def missing(self) -> bool:
        """Whether the files are not what they were. Called before each write, in its thread."""
        return bool(self._ground.missing())

    def written(self) -> None:
        """Something has been."""
        if "copy" not in self._calls and not self._copying:
            self._later("copy", COPY, self._copy)

    def look(self) -> None:
        """Look at the files now, and act on what is seen."""
        self._later("look", LOOK, self.look)
        self._note_space()
        self._run(self._measure())
        missing = self._ground.missing()
        if missing != self.trouble:
            self.trouble = missing
            if missing:
                log.critical(
                    "{trouble}. Messages cannot be saved and are refused, until the file is back in its place or the "
                    "daemon is restarted.",
                    trouble=missing,
                )
            else:
                self._rescued = None
                log.info("The database is back in its place: messages are saved again.")
        if missing:
            self._run(self.save())
        else:
            self._file.hold_on()

    async def save(self) -> None:
        """Where the database has lost its name, write all that was kept until now into another file."""
        if not self.trouble or self._rescued is not None or self._saving:
            return
        self._saving = True
        try:
            self._rescued = await self._tidy.do(rescue, self._path, self._now())
        except (OSError, NotKept) as error:
            log.critical(
                "The data of the missing database could not be copied: {error}. Do not stop the daemon: it retries "
                "every minute.",
                error=str(error).rstrip("."),
            )
            return
        finally:
            self._saving = False
        log.critical(
            "All data was saved to {copy}. Stop the daemon, remove {path}-wal and {path}-shm if they exist, move the "
            "copy to {path}, and start the daemon again.",
            copy=self._rescued,
            path=self._path,
        )

    def _note_space(self) -> None:
        try:
            found = os.statvfs(self._path.parent)
        except OSError:
            return
        self.free = found.f_bavail * found.f_frsize
        if self.free >= LITTLE:
            self._warned = False
        elif not self._warned:
            self._warned = True
            log.warn("The disk of {path} has only {free:,} bytes left.", path=self._path, free=self.free)

    async def _measure(self) -> None:
        self.length, self.unused = await self._tidy.do(extent)

    def _copy(self) -> None:
        self._calls.pop("copy", None)
        self._copying = True
        self._run(self._checkpoint())

    async def _checkpoint(self) -> None:
        """
        Copy the log into the database, which SQLite left alone does in the middle of a commit. While people talk, that
        never comes to its end, so a log that has grown long is copied to the end in the writing thread, from where
        there is little left.
        """
        try:
            pages, left = await self._tidy.do(checkpoint)
            if left and pages > LONG and left < SHORT:
                await self._write.do(checkpoint)
            again = left > 0
        finally:
            self._copying = False
        if again:
            self.written()

    def _later(self, what: str, seconds: float, call: Callable[[], None]) -> None:
        if self._stopped:
            return
        old = self._calls.get(what)
        if old is not None and old.active():
            old.cancel()
        self._calls[what] = self._clock.callLater(seconds, call)

    def _run(self, work: object) -> None:
        def failed(failure: Failure) -> None:
            if not failure.check(NotKept):
                log.failure("A check of the database file failed", failure)

        Deferred.fromCoroutine(work).addErrback(failed)  # type: ignore[arg-type]


def extent(db: sqlite3.Connection) -> tuple[int, int]:
    """How many bytes a database has, and in how many of them nothing is."""
    size, pages, unused = (
        db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_size", "page_count", "freelist_count")
    )
    return size * pages, size * unused


def checkpoint(db: sqlite3.Connection) -> tuple[int, int]:
    """
    Copy what can be, and wait for nobody (U{https://www.sqlite.org/pragma.html#pragma_wal_checkpoint}).

    @return: how many pages the log has, and how many of them are not in the database yet.
    """
    _, pages, copied = db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    return max(0, pages), max(0, pages - copied)
