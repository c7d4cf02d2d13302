"""
The database as a file: made, locked against a second daemon, upgraded after a backup, opened.

The schema is a row of steps, schema/001.sql and on, each made once and never edited after a release; the table
C{schema_version} holds how many of them the file has. This module knows files and steps, and nothing of what the
tables hold. It is long because all that can be wrong with a file is found out here, before anybody is let in.
"""

from __future__ import annotations

import fcntl
import glob
import os
import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timezone
from pathlib import Path

from twisted.logger import Logger

from chatroom.backends.sqlite.check import Unsound, check_schema, distrust
from chatroom.backends.sqlite.ground import rescued
from chatroom.errors import Refused, with_full_stop
from chatroom.private import NotOurs, keep_private, open_private, sync

log = Logger()

OLDEST = (3, 32)
"""The oldest SQLite that takes the thousands of values that a large batch has."""

BUSY = 10.0
"""Seconds to wait for another program that has the file locked, such as somebody's sqlite3 shell."""


def schema_steps() -> Sequence[str]:
    """The steps of schema/, in order."""
    folder = Path(__file__).parent / "schema"
    return [path.read_text(encoding="utf-8") for path in sorted(folder.glob("[0-9][0-9][0-9].sql"))]


class DatabaseFile:
    """
    A database file that this process alone may use, from L{open} to L{close}.

    The lock is lost by a fork; it is taken after daemonising. Its file says which process has it, for chatroom-admin.
    """

    def __init__(self, path: Path, steps: Sequence[str] | None = None) -> None:
        self.path = path
        self._steps = schema_steps() if steps is None else steps
        self._lock: int | None = None
        self._left: frozenset[Path] | None = None  # the backups that were there when this was left

    def open(self, now: float) -> None:
        """
        Make the file or take it over, with the newest schema. Where it has a newer one since it was left (L{leave}),
        that is undone.

        @param now: seconds since 1970, for the name of a backup.
        @raise Refused: it cannot be used: a sentence that names the file.
        """
        if sqlite3.sqlite_version_info < OLDEST:
            least, found = ".".join(map(str, OLDEST)), sqlite3.sqlite_version
            raise Refused(f"The database {self.path} needs SQLite {least} or later, but this Python has {found}.")
        try:
            self._take_lock()
            try:
                self._check_is_not_saved_elsewhere()
                _make(self.path)
                self._upgrade(now)
            except BaseException:
                self.close()
                raise
        except NotOurs as error:
            raise Refused(f"The database {self.path} cannot be used: {with_full_stop(error)}") from error
        except OSError as error:
            raise Refused(f"The database {self.path} cannot be used: {error.strerror or error}.") from error
        except sqlite3.Error as error:
            raise Refused(f"The database {self.path} cannot be used: {with_full_stop(error)}") from error

    def close(self) -> None:
        """Let others have it. Harmless when it is not open."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def hold_on(self) -> None:
        """Where the file of the lock was deleted, lock it anew: another daemon could begin on the same data."""
        name = f"{self.path}.lock"
        if self._lock is None or _is_at(self._lock, name):
            return
        with suppress(OSError):  # another has it already, or nothing can be made there: it is tried again
            lock = _locked(name)
            os.close(self._lock)
            self._lock = lock
            log.warn(
                "{name} was missing and was created again. Do not remove it: it keeps a second daemon out.", name=name
            )

    def vacuum(self) -> int:
        """
        Make the file as small as can be, whichever version has made it, and let it be made smaller piece by piece from
        now on. It takes as long as a copy, and as much space on the disk.

        @return: by how many bytes. @raise sqlite3.Error: it cannot be done.
        """
        connection = self.connect()
        try:
            before = self.path.stat().st_size
            _let_shrink(connection)
        finally:
            connection.close()
        return before - self.path.stat().st_size

    def leave(self) -> None:
        """
        Close it for another process. If this is opened again, that one has come to nothing before anybody was told
        anything by it.
        """
        self._left = frozenset(self._backups())
        self.close()

    def connect(self, *, read_only: bool = False) -> sqlite3.Connection:
        """
        A new connection, which begins no transaction of its own accord.

        @raise sqlite3.Error: the file cannot be opened.
        """
        made = sqlite3.connect(
            self.path.absolute().as_uri() + "?mode=rw",
            uri=True,
            timeout=BUSY,
            isolation_level=None,
            check_same_thread=False,
        )
        try:
            distrust(made)
            # In WAL mode with FULL, a commit that has returned survives a loss of power.
            made.execute("PRAGMA journal_mode = WAL")
            made.execute("PRAGMA synchronous = FULL")
            # The log is copied into the database by a thread for that, and not in the middle of a commit.
            made.execute("PRAGMA wal_autocheckpoint = 0")
            made.execute("PRAGMA foreign_keys = ON")
            # What is forgotten is overwritten where that costs no further writing.
            made.execute("PRAGMA secure_delete = FAST")
            if read_only:
                made.execute("PRAGMA query_only = ON")
        except BaseException:
            made.close()
            raise
        return made

    def _take_lock(self) -> None:
        # Whatever is made here, beside the database its log and its backups, is for this user alone.
        _make_folder(self.path.parent)
        names = (self.path.name + end for end in ("", "-wal", "-shm", ".lock"))
        for name in keep_private(self.path.parent, [self.path.with_name(each) for each in names]):
            log.warn("Other users could read {name}; now only its owner can.", name=name)
        try:
            self._lock = _locked(f"{self.path}.lock")
        except BlockingIOError as error:
            raise Refused(f"The database {self.path} is in use by another chatroom.") from error

    def _check_is_not_saved_elsewhere(self) -> None:
        """@raise Refused: where it was is nothing, and beside that is what was saved of it."""
        copies = rescued(self.path)
        if copies and not self.path.exists():
            raise Refused(
                f"The database {self.path} is missing, but its copy {copies[-1]} is there. To go on with the copy: rm "
                f"-f {self.path}-wal {self.path}-shm; mv {copies[-1]} {self.path}. "
                "To start with an empty database, move the copy elsewhere."
            )

    def _upgrade(self, now: float) -> None:
        newest = len(self._steps)
        connection = self.connect()
        try:
            version = self._version(connection)
            if not version:
                _let_shrink(connection)
            if version > newest and self._left is not None:
                version = self._go_back(connection, self._left, version)
            if version > newest:
                raise Refused(
                    f"The database {self.path} has version {version}, but this chatroom knows versions up to {newest}. "
                    "Start the newer chatroom that made it, or go back to a backup."
                )
            if version:
                self._check(connection, version)
            if 0 < version < newest:
                self._back_up(connection, version, now)
            if version < newest:
                _run(connection, self._steps[version:], newest)
            # Also finds out whether it can be written at all.
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
        finally:
            connection.close()

    def _version(self, connection: sqlite3.Connection) -> int:
        """How many steps it has: 0 for an empty file."""
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
        if not tables:
            return 0
        if "schema_version" not in tables:
            raise Refused(f"{self.path} is not a chatroom database.")
        version: int = connection.execute("SELECT version FROM schema_version").fetchone()[0]
        return version

    def _check(self, connection: sqlite3.Connection, version: int) -> None:
        """@raise Refused: it holds what is not ours."""
        try:
            check_schema(connection, self._steps[:version])
        except Unsound as error:
            raise Refused(
                f"The database {self.path} cannot be trusted: {with_full_stop(error)} Go back to a backup."
            ) from None

    def _back_up(self, connection: sqlite3.Connection, version: int, now: float) -> None:
        """A whole copy beside it, as it was: chatroom-v1-20261121-090650.bak."""
        when = datetime.fromtimestamp(now, timezone.utc).strftime("%Y%m%d-%H%M%S")
        backup = self.path.with_name(f"{self.path.stem}-v{version}-{when}.bak")
        part = Path(f"{backup}.part")  # whatever has the other name is whole
        _make(part)
        copy = sqlite3.connect(part)
        try:
            connection.backup(copy)
            # One file that needs no other beside it, and is on the disk.
            copy.execute("PRAGMA journal_mode = DELETE")
            copy.close()
            part.rename(backup)
            _sync_folder(backup.parent)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        finally:
            copy.close()

    def _backups(self) -> list[Path]:
        """Those of the schema that is known here, the newest last."""
        return sorted(self.path.parent.glob(f"{glob.escape(self.path.stem)}-v{len(self._steps)}-*.bak"))

    def _go_back(self, connection: sqlite3.Connection, left: frozenset[Path], version: int) -> int:
        """
        Undo what another process did to the schema: all of it at once, from the backup that it made first.

        @return: the version it has now; the same as before if there is no such backup.
        """
        backups = [path for path in self._backups() if path not in left]
        if not backups:
            return version
        copy = sqlite3.connect(backups[-1])
        try:
            copy.backup(connection)
        finally:
            copy.close()
        log.warn("The database was changed back from version {new} to version {old}", old=len(self._steps), new=version)
        for each in backups:
            with suppress(OSError):  # then it is one more
                each.unlink()
        return self._version(connection)


def _make_folder(path: Path) -> None:
    """With those above it, if there is none."""
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    for folder in missing:
        _sync_folder(folder.parent)


def _locked(name: str) -> int:
    """
    A file with this process's number, locked.

    @return: its descriptor. @raise BlockingIOError: another process has it. @raise OSError:
    """
    lock = open_private(name)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BaseException:
        os.close(lock)
        raise
    with suppress(OSError):  # a full disk must not keep anybody from reading
        os.ftruncate(lock, 0)
        os.pwrite(lock, b"%d\n" % os.getpid(), 0)
    return lock


def _is_at(descriptor: int, name: str) -> bool:
    """Whether this is the name of an open file."""
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(name))
    except OSError:
        return False


def _make(path: Path) -> None:
    """An empty file that only its owner may read, if there is none."""
    new = not path.exists()
    os.close(open_private(path))
    if new:
        _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Whatever was made in it is there after a loss of power; a sync of what was made itself does not promise that."""
    with suppress(PermissionError):  # one may make something in a folder and still not read it
        sync(folder)


def _let_shrink(connection: sqlite3.Connection) -> None:
    """
    Let the file be made smaller piece by piece, which has to be said of an empty one
    (U{https://www.sqlite.org/pragma.html#pragma_auto_vacuum}).
    """
    connection.execute("PRAGMA journal_mode = DELETE")
    connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
    connection.execute("VACUUM")
    connection.execute("PRAGMA journal_mode = WAL")


def _run(connection: sqlite3.Connection, steps: Sequence[str], version: int) -> None:
    """All of these steps, or none of them."""
    script = [
        "BEGIN IMMEDIATE;",
        "CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL);",
        *steps,
        "DELETE FROM schema_version;",
        f"INSERT INTO schema_version VALUES ({version:d});",
        "COMMIT;",
    ]
    connection.executescript("\n".join(script))
