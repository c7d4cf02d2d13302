"""
Copies of the database: one made beside a daemon that runs, and one put in the place of a database that is gone.

It knows SQLite and files, and of what is in them only that a chatroom's database says which version it has.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

DATABASE = "chatroom.sqlite"
"""The database in a data folder; tests hold it to the daemon's."""

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
        raise ValueError(f"{data} holds no {DATABASE}")
    _copy(source, copy)
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
        raise ValueError(f"{copy} is not there")
    left = sorted(path.name for path in data.glob(f"{DATABASE}*") if path.name != f"{DATABASE}.lock")
    if left:
        # Also where only a log is left, which SQLite would take for that of the copy.
        raise ValueError(f"{data} holds {', '.join(left)}. Stop the daemon and move them away first")
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    return _copy(copy, data / DATABASE)


def _copy(source: Path, target: Path) -> int:
    """Copy, look whether the copy is whole, and only then give it its name. Returns its version."""
    part = target.with_name(target.name + ".part")
    os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        with closing(_connect(source)) as old, closing(sqlite3.connect(part)) as new:
            old.backup(new)
            new.execute("PRAGMA journal_mode = DELETE")  # one file that needs no other beside it
            version = _version(new, source)
        _sync(part)
        os.link(part, target)  # fails where there is one, which a rename would replace
    except sqlite3.Error as error:
        raise ValueError(f"{source} cannot be copied: {error}") from None
    finally:
        part.unlink()
    _sync(target.parent)
    return version


def _connect(path: Path) -> sqlite3.Connection:
    """A connection that makes no file where there is none."""
    return sqlite3.connect(path.absolute().as_uri() + "?mode=rw", uri=True, timeout=BUSY)


def _version(connection: sqlite3.Connection, source: Path) -> int:
    """@raise ValueError: it is damaged, or not ours."""
    (found,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if found != "ok":
        raise ValueError(f"{source} is damaged: {found}")
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    if "schema_version" not in tables:
        raise ValueError(f"{source} is not a chatroom's database")
    version: int = connection.execute("SELECT version FROM schema_version").fetchone()[0]
    return version


def _sync(path: Path) -> None:
    """What was written there survives a loss of power from now on."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
