"""
Forgetting: the SQL that deletes what is too old, and rooms that are closed, a piece at a time.

Each function is called in the thread of the connection it is given, and takes no longer than a piece does. It knows the
tables of schema/, and nothing of threads or of why something is forgotten.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from chatroom.backends.sqlite_search import PIECE, indexed, put_words
from chatroom.backends.sqlite_thread import transaction


def open_rooms(db: sqlite3.Connection) -> Sequence[int]:
    """The ids of all rooms that are not closed."""
    return [id for (id,) in db.execute("SELECT id FROM room WHERE NOT closed")]


_OLDEST = f"""
    SELECT seq, at FROM talk WHERE room = :room
    UNION ALL
    SELECT seq, at FROM happening WHERE room = :room
    ORDER BY seq LIMIT {PIECE}
"""


def forget(db: sqlite3.Connection, room: int, older_than: float | None, keep_last: int | None) -> int:
    """
    Forget the oldest piece of a room's history, as far as it is old enough; what is left has no holes.

    @return: how many events were forgotten; 0: there is no more.
    """
    with transaction(db):
        last: int = db.execute(
            """
            SELECT max(
                (SELECT coalesce(max(seq), 0) FROM talk WHERE room = :room),
                (SELECT coalesce(max(seq), 0) FROM happening WHERE room = :room)
            )
            """,
            {"room": room},
        ).fetchone()[0]
        limits = {
            "room": room,
            "older_than": -1 if older_than is None else round(older_than * 1000),
            "up_to": -1 if keep_last is None else last - keep_last,
        }
        query = f"SELECT max(seq) FROM ({_OLDEST}) WHERE at < :older_than OR seq <= :up_to"
        return _delete(db, room, db.execute(query, limits).fetchone()[0])


def sweep(db: sqlite3.Connection) -> bool:
    """Delete a piece of a closed room. False: there is none."""
    with transaction(db):
        found = db.execute("SELECT min(id) FROM room WHERE closed").fetchone()[0]
        if found is None:
            return False
        up_to = db.execute(f"SELECT max(seq) FROM ({_OLDEST})", {"room": found}).fetchone()[0]
        if not _delete(db, found, up_to):
            db.execute("DELETE FROM room WHERE id = ?", (found,))
    return True


def _delete(db: sqlite3.Connection, room: int, up_to: int | None) -> int:
    if up_to is None:
        return 0
    db.execute("UPDATE room SET last = max(last, ?) WHERE id = ?", (up_to, room))
    which = (room, up_to)
    put_words(db, "room = ? AND seq <= ? AND id <= ?", (*which, indexed(db)), delete=True)
    said = db.execute("DELETE FROM talk WHERE room = ? AND seq <= ?", which).rowcount
    return said + db.execute("DELETE FROM happening WHERE room = ? AND seq <= ?", which).rowcount
