"""
Whether a database is sound, and ours: what is in its schema, and whether the index of words fits what was said.

A copy is not believed because it has the right name: a trigger in it could make an admin of the one who planted it, and
a default value could make everybody one. It knows the steps of schema/ and SQLite's own tables, and nothing of files.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing, suppress

_ITS_OWN = re.compile(r"sqlite_(sequence|stat[134]|autoindex_.*)")
"""What SQLite makes by itself."""


class Unsound(ValueError):
    """It must not be used. A sentence without its end and without the name of the database."""


def distrust(db: sqlite3.Connection) -> None:
    """
    Let nothing that stands in the schema run, as far as this SQLite and this Python can say so
    (U{https://www.sqlite.org/security.html}).
    """
    db.execute("PRAGMA trusted_schema = OFF")
    db.execute("PRAGMA cell_size_check = ON")
    if hasattr(db, "setconfig"):  # Python 3.12
        for name, on in (("DEFENSIVE", True), ("ENABLE_TRIGGER", False), ("ENABLE_VIEW", False)):
            db.setconfig(getattr(sqlite3, f"SQLITE_DBCONFIG_{name}"), on)


def check_schema(db: sqlite3.Connection, steps: Sequence[str]) -> None:
    """
    @param steps: that it should have, and nothing else.
    @raise Unsound: it has something that they do not make, or lacks something.
    """
    with closing(sqlite3.connect(":memory:")) as fresh:
        fresh.execute("CREATE TABLE schema_version (version INTEGER NOT NULL)")
        for step in steps:
            fresh.executescript(step)
        wanted, found = _schema(fresh), _schema(db)
    for key, sql in found.items():
        if wanted.get(key) != sql:
            what = "another" if key in wanted else "an" if key[0] == "index" else "a"
            raise Unsound(f"it has {what} {key[0]} called {key[1][:60]!r} that chatroom did not create")
    for kind, name in wanted.keys() - found.keys():
        raise Unsound(f"its {kind} {name} is missing")


def _schema(db: sqlite3.Connection) -> dict[tuple[str, str], str]:
    rows = db.execute("SELECT type, name, coalesce(sql, '') FROM sqlite_master")
    return {(kind, name): _plain(name, sql) for kind, name, sql in rows if not _ITS_OWN.fullmatch(name)}


def _plain(name: str, sql: str) -> str:
    """The tables inside the index are made by SQLite, of one version with other quotes than of another."""
    return re.sub("['\"]", "", sql) if name.startswith("word_") else sql


def check_content(db: sqlite3.Connection) -> None:
    """
    All pages, and the index of words, which SQLite's own check takes for content like any other.

    @param db: something is written, and taken back.
    @raise Unsound: something is damaged.
    """
    (found,) = db.execute("PRAGMA integrity_check(1)").fetchone()
    if found != "ok":
        raise Unsound(f"it is damaged: {found}")
    try:
        _check_index(db)
    except sqlite3.DatabaseError as error:
        raise Unsound(f"its index of words is damaged: {error}") from None


def _check_index(db: sqlite3.Connection) -> None:
    """@raise sqlite3.DatabaseError: @raise Unsound:"""
    db.execute("BEGIN")
    try:
        db.execute("INSERT INTO word (word) VALUES ('integrity-check')")
        # Each entry is read; the first word of each line is its room's.
        db.execute("CREATE VIRTUAL TABLE temp.every_word USING fts5vocab (main, word, row)")
        rooms = {
            int(term[1:]): lines
            for term, lines in db.execute("SELECT term, doc FROM temp.every_word")
            if term.startswith("\ue000") and term[1:].isdecimal()
        }
        wanted = "SELECT room, count(*) FROM talk WHERE id <= (SELECT talk FROM indexed) GROUP BY room"
        for room, lines in db.execute(wanted):
            if rooms.get(room) != lines:
                raise Unsound(f"its index of words has {rooms.get(room, 0):,} of the {lines:,} lines of a room")
    finally:
        with suppress(sqlite3.Error):
            db.execute("ROLLBACK")
