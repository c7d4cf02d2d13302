"""
The ground that an open database stands on: its file, its log and its lock, by their names.

SQLite goes on with a file that is open, also where somebody has deleted it, moved it or put another in its place: all
would seem well, and everything said since would be gone at the next start. This module knows names and inodes. It never
opens the files that it watches: closing one would let go of SQLite's own locks on it (fcntl(2), F_SETLK).
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timezone
from pathlib import Path

from chatroom.private import make, sync

RESCUED = "{stem}-rescued-{when}.sqlite"
"""What a copy is called that was made of a database without a name."""


LOG, INDEX = "-wal", "-shm"
"""How the names of the files end that belong to an open database: U{https://www.sqlite.org/tempfiles.html}."""


LEAST = 512
"""Bytes that an open database in WAL mode never has fewer of: U{https://www.sqlite.org/fileformat2.html#pages}."""


class Ground:
    """Files that have to stay what they are."""

    def __init__(self, files: Iterable[Path]) -> None:
        """
        @param files: each is there now.
        @raise OSError: one is not.
        """
        self._known = {str(path.absolute()): _identity(path) for path in files}

    def missing(self) -> str:
        """What is wrong, as a sentence without its end that names the file; C{""}: nothing is."""
        for path, known in self._known.items():
            try:
                found = os.stat(path)
            except FileNotFoundError:
                return f"{path} is gone"
            except OSError as error:
                return f"{path} can no longer be found ({error.strerror})"
            if (found.st_dev, found.st_ino) != known:
                return f"{path} was replaced by another file"
            if not found.st_nlink:
                return f"{path} is deleted"
            if found.st_size < LEAST and not path.endswith(LOG):  # its log is empty at times
                return f"{path} was emptied"
        return ""

    def clear_away(self) -> None:
        """
        Delete what is left of a database that is closed and saved elsewhere: its log. SQLite would take it for that of
        whatever is put into its place, and spoil it.
        """
        for path, known in self._known.items():
            with suppress(OSError):
                if path.endswith(LOG) and _identity(Path(path)) == known:
                    os.unlink(path)
                    os.unlink(path.removesuffix(LOG) + INDEX)


def _identity(path: Path) -> tuple[int, int]:
    found = os.stat(path)
    return found.st_dev, found.st_ino


def rescue(db: sqlite3.Connection, path: Path, now: float) -> Path:
    """
    Copy what an open connection still has into a new file beside where its own one was.

    @param path: of the database. @param now: seconds since 1970, for the name.
    @return: the copy: one whole file, on the disk, that only its owner may read.
    @raise OSError: @raise sqlite3.Error: it cannot be written.
    """
    when = datetime.fromtimestamp(now, timezone.utc).strftime("%Y%m%d-%H%M%S")
    copy = path.with_name(RESCUED.format(stem=path.stem, when=when))
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    make(copy)
    try:
        db.execute("VACUUM INTO ?", (str(copy),))
        sync(copy)
        sync(copy.parent)
    except BaseException:
        with suppress(OSError):
            copy.unlink()
        raise
    return copy


def rescued(path: Path) -> list[Path]:
    """Copies of a database that were made so, the newest last."""
    return sorted(path.parent.glob(RESCUED.format(stem=path.stem, when="*")))
