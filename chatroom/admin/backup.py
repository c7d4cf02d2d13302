"""
Copies of the database: one made beside a daemon that runs, and one put in the place of a database that is gone.

A copy is looked through before it gets its name: all its pages, its index of words, and whether there is anything in it
that no chatroom makes. It knows SQLite and files, and not what a chatroom's database is: that is
L{chatroom.backends.sqlite.check}'s.
"""

from __future__ import annotations

import json
import os
import sqlite3
import tempfile
import time
from contextlib import closing, suppress
from pathlib import Path

from chatroom.private import open_private, sync

DATABASE = "chatroom.sqlite"
"""The database in a data folder; tests hold it to the daemon's."""

NOTE = "chatroom.backup"
"""In a data folder: when the last whole copy was made, and whether it has failed since, for the daemon's metrics."""

BUSY = 30.0
"""Seconds to wait for somebody who has the file locked."""


def back_up(data: Path, copy: Path) -> int:
    """
    A whole and consistent copy, as of the moment when it was begun. People go on talking.

    @param copy: a file that is not there yet. It appears when it is whole and on the disk; only its owner can read it.
    @return: its length in bytes.
    @raise ValueError: there is no database, or it is damaged; a sentence without its end.
    @raise OSError: the copy cannot be written, or is there already.
    """
    source = data / DATABASE
    if not source.exists():
        raise ValueError(f"there is no {DATABASE} in {data}")
    try:
        _copy(source, copy)
    except (ValueError, OSError) as error:
        note(data, time.time(), str(error))
        raise
    note(data, time.time(), None)
    return copy.stat().st_size


def restore(copy: Path, data: Path) -> int:
    """
    Put a copy where a daemon will find it.

    @param data: a folder with no database in it; made if it is not there.
    @return: the version of the database.
    @raise ValueError: the copy is none, or there is a database already; a sentence without its end.
    @raise OSError: it cannot be read or written.
    """
    if not copy.is_file():
        raise ValueError(f"{copy} is not a file" if copy.exists() else f"{copy} does not exist")
    left = sorted(path.name for path in data.glob(f"{DATABASE}*") if path.name != f"{DATABASE}.lock")
    if left:
        # Also where only a log is left, which SQLite would take for that of the copy.
        raise ValueError(f"{data} already has {', '.join(left)}. Stop the daemon and move those files away first")
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    return _copy(copy, data / DATABASE)


def shrink(data: Path) -> int:
    """
    Make the database of a folder whose daemon is stopped as small as can be.

    @return: by how many bytes.
    @raise ValueError: there is none, or it cannot be used; a sentence without its end.
    """
    from chatroom.admin.closed import become_owner
    from chatroom.backends.sqlite.file import DatabaseFile
    from chatroom.errors import Refused

    path = data / DATABASE
    if not path.exists():
        raise ValueError(f"there is no {DATABASE} in {data}")
    become_owner(path)
    file = DatabaseFile(path)
    try:
        file.open(time.time())
        return file.vacuum()
    except Refused as refusal:
        raise ValueError(refusal.sentence.rstrip(".")) from None
    except sqlite3.Error as error:
        raise ValueError(f"{path}: {error}") from None
    finally:
        file.close()


def note(data: Path, at: float, error: str | None) -> None:
    """
    Write down what became of a backup. Where that cannot be done, the backup is none the worse.

    @param at: seconds since 1970. @param error: C{None}: it is whole.
    """
    path = data / NOTE
    made = 0.0
    with suppress(OSError, ValueError, KeyError, TypeError):
        made = float(json.loads(path.read_bytes()[:4096])["made"])
    text = json.dumps({"made": made if error else at, "failed": error is not None, "error": (error or "")[:1000]})
    with suppress(OSError):
        owner = data.stat()
        with open(open_private(path, os.O_WRONLY | os.O_CREAT | os.O_NONBLOCK), "w", encoding="utf-8") as file:
            if os.geteuid() == 0:  # the daemon's user has to read it
                os.fchown(file.fileno(), owner.st_uid, owner.st_gid)
            file.truncate()
            file.write(text)


def _copy(source: Path, target: Path) -> int:
    """Copy, look whether the copy is whole, and only then give it its name. Returns its version."""
    if target.exists() or target.is_symlink():  # said before the work is done; the link below holds it for good
        raise FileExistsError(17, os.strerror(17), str(target))
    part = _part(target)
    try:
        with closing(_connect(source)) as old, closing(sqlite3.connect(part, isolation_level=None)) as new:
            old.backup(new)
            new.execute("PRAGMA journal_mode = DELETE")  # one file that needs no other beside it
            version = _checked(new, source)
            new.execute("VACUUM")  # what is deleted takes no space, and nothing of it is in the copy
        sync(part)
        os.link(part, target)  # fails where there is one, which a rename would replace
    except sqlite3.OperationalError as error:
        where = target if "disk" in str(error) or "readonly" in str(error) else source
        raise ValueError(f"{where}: {error}") from None
    except sqlite3.Error as error:
        raise ValueError(f"{source} cannot be copied: {error}") from None
    finally:
        part.unlink(missing_ok=True)
    with suppress(PermissionError):
        sync(target.parent)
    return version


def _part(target: Path) -> Path:
    """
    A new file beside the copy, under a name that nobody else has: one that was left over is in nobody's way.

    @raise OSError: with the name of what cannot be written.
    """
    try:
        handle, name = tempfile.mkstemp(prefix=f"{target.name}.", suffix=".part", dir=target.parent)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(target)) from None
    os.close(handle)
    return Path(name)


def _connect(path: Path) -> sqlite3.Connection:
    """A connection that makes no file where there is none."""
    return sqlite3.connect(path.absolute().as_uri() + "?mode=rw", uri=True, timeout=BUSY)


def _checked(connection: sqlite3.Connection, source: Path) -> int:
    """
    The version of a copy.

    @raise ValueError: it is damaged, or not ours.
    """
    from chatroom.backends.sqlite.check import Unsound, check_content, check_schema, distrust
    from chatroom.backends.sqlite.file import schema_steps  # half a second, which other words need not wait

    steps = schema_steps()
    try:
        distrust(connection)
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
        if "schema_version" not in tables:
            raise ValueError(f"{source} is not a chatroom's database")
        version: int = connection.execute("SELECT version FROM schema_version").fetchone()[0]
        if version > len(steps):
            raise ValueError(
                f"{source} has version {version}, but this chatroom-admin knows versions up to {len(steps)}"
            )
        check_schema(connection, steps[:version])
        check_content(connection)
    except Unsound as error:
        raise ValueError(f"{source} must not be used: {error}") from None
    except (TypeError, IndexError):
        raise ValueError(f"{source} is not a chatroom's database") from None
    return version
