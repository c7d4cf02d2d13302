"""
Forgetting: the SQL that deletes what is too old or too much, and rooms that are closed, a slice at a time.

Each function is called in the thread of the connection it is given; those that write take no longer than their slice.
It knows the tables of schema/, and nothing of threads or of why something is forgotten.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

from chatroom.backends.sqlite.search import MOST, indexed, put_words
from chatroom.backends.sqlite.slices import Slice
from chatroom.backends.sqlite.talk import NEVER
from chatroom.backends.sqlite.thread import transaction

WINDOW = 1000
"""The oldest events of a room that are read at once to see which are too old."""


class Cut(NamedTuple):
    """
    What goes from a room: up to which number.

    @ivar all: of everything. @ivar others: of what is not talk.
    """

    all: int
    others: int


def open_rooms(db: sqlite3.Connection) -> Sequence[int]:
    """The ids of all rooms that are not closed."""
    return [id for (id,) in db.execute("SELECT id FROM room WHERE NOT closed")]


_OLDEST = f"""
    SELECT seq, at FROM (SELECT seq, at FROM talk WHERE room = :room ORDER BY seq LIMIT {WINDOW})
    UNION ALL
    SELECT seq, at FROM (SELECT seq, at FROM happening WHERE room = :room ORDER BY seq LIMIT {WINDOW})
    ORDER BY seq LIMIT {WINDOW}
"""


def too_old(db: sqlite3.Connection, room: int, older_than: float | None, cut: Cut | None) -> Cut | None:
    """
    Where to cut next, by time. What lies before something that is too old goes with it, whatever time it says.

    @param cut: what is cut anyhow.
    @return: C{None}: nothing more has to go.
    """
    if older_than is not None:
        query = f"SELECT max(seq) FROM ({_OLDEST}) WHERE at < :older_than"
        found = db.execute(query, {"room": room, "older_than": round(older_than * 1000)}).fetchone()[0]
        if found is not None:
            cut = Cut(found, found) if cut is None else Cut(max(found, cut.all), max(found, cut.others))
    return cut


def too_many(db: sqlite3.Connection, room: int, keep_talk: int | None, keep_others: int | None) -> Cut | None:
    """
    Where to cut by number.

    @return: C{None}: nowhere.
    """
    talk, others = _beyond(db, "talk", room, keep_talk), _beyond(db, "happening", room, keep_others)
    return Cut(talk, max(talk, others)) if talk or others else None


def _beyond(db: sqlite3.Connection, table: str, room: int, keep: int | None) -> int:
    """The newest number that is one too many, or 0."""
    if keep is None:
        return 0
    query = f"SELECT seq FROM {table} WHERE room = ? ORDER BY seq DESC LIMIT 1 OFFSET ?"
    row = db.execute(query, (room, keep)).fetchone()
    return 0 if row is None else int(row[0])


def forget(db: sqlite3.Connection, slice: Slice, room: int, cut: Cut) -> int:
    """
    Forget what comes before a cut, the oldest first, until the slice is over.

    @return: how many events were forgotten; 0: there is no more.
    """
    forgotten = 0
    with transaction(db):
        for rows in slice.pieces(MOST):
            gone = _delete_talk(db, slice, room, cut.all, rows)
            gone = gone or _delete_others(db, room, cut.others, rows)
            if not gone:
                break
            forgotten += gone
    return forgotten


def sweep(db: sqlite3.Connection, slice: Slice) -> bool:
    """Delete some of a closed room. False: there is none."""
    found = db.execute("SELECT min(id) FROM room WHERE closed").fetchone()[0]
    if found is None:
        return False
    if not forget(db, slice, found, Cut(NEVER, NEVER)):
        db.execute("DELETE FROM room WHERE id = ?", (found,))
    return True


INCREMENTAL = 2
"""What C{PRAGMA auto_vacuum} says of a database that can be made smaller piece by piece."""

SPARE = 256
"""Pages that a database may have unused, at least: 1 MB, which the next lines fill."""

PAGES = 256
"""Pages that are given back by one statement, however much time there is."""


def can_shrink(db: sqlite3.Connection) -> bool:
    """Whether L{give_back} can do something: not in a file that an older version has made."""
    return int(db.execute("PRAGMA auto_vacuum").fetchone()[0]) == INCREMENTAL


def give_back(db: sqlite3.Connection, slice: Slice, spare: float = 0.1) -> bool:
    """
    Give unused pages back to the disk, until the slice is over.

    @param spare: how many of all pages may stay unused.
    @return: False: there is no more to give back, or this database cannot do it.
    """
    if not can_shrink(db):
        return False
    with transaction(db):
        for pages in slice.pieces(PAGES):
            all, unused = (db.execute(f"PRAGMA {what}").fetchone()[0] for what in ("page_count", "freelist_count"))
            surplus = unused - (max(SPARE, int(all * spare)) if spare else 0)
            if surplus <= 0:
                return False
            db.execute(f"PRAGMA incremental_vacuum({min(pages, surplus):d})").fetchall()
    return True


_PIECE = "SELECT max(seq) FROM (SELECT seq FROM {table} WHERE room = ? AND seq <= ? ORDER BY seq LIMIT ?)"


def _delete_talk(db: sqlite3.Connection, slice: Slice, room: int, up_to: int, rows: int) -> int:
    last = db.execute(_PIECE.format(table="talk"), (room, up_to, rows)).fetchone()[0]
    if last is None:
        return 0
    which = "room = ? AND seq <= ?"
    cut = put_words(db, f"{which} AND id <= ?", (room, last, indexed(db)), slice, delete=True)
    if cut is not None:
        last = db.execute("SELECT seq FROM talk WHERE id = ?", (cut,)).fetchone()[0]
    _never_again(db, room, last)
    return db.execute(f"DELETE FROM talk WHERE {which}", (room, last)).rowcount


def _delete_others(db: sqlite3.Connection, room: int, up_to: int, rows: int) -> int:
    last = db.execute(_PIECE.format(table="happening"), (room, up_to, rows)).fetchone()[0]
    if last is None:
        return 0
    _never_again(db, room, last)
    return db.execute("DELETE FROM happening WHERE room = ? AND seq <= ?", (room, last)).rowcount


def _never_again(db: sqlite3.Connection, room: int, number: int) -> None:
    """Whatever is deleted, its numbers were given."""
    db.execute("UPDATE room SET last = max(last, ?) WHERE id = ?", (number, room))
