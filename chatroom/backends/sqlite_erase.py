"""
Erasing somebody: the SQL that takes an account away, and a name and what it said out of history, a piece at a time.

Each function is called in the thread of the connection it is given, and takes no longer than a piece does. What is
erased is overwritten, in the index of words and in the log as well. It knows the tables of schema/, and nothing of
threads or of why somebody is erased.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from chatroom.anonymous import anonymous
from chatroom.backends.sqlite_search import PIECE, indexed, put_words
from chatroom.backends.sqlite_talk import event_of
from chatroom.backends.sqlite_thread import json_of, transaction
from chatroom.events import Event
from chatroom.records import ERASED_NAME, ERASED_TEXT, Found
from chatroom.wire import dumps, loads

LOOK = 20_000
"""Rows looked at in one go for a name, without writing."""

PAGES = 200
"""Pages of the index that are put together in one go."""


@contextmanager
def overwriting(db: sqlite3.Connection) -> Iterator[None]:
    """One transaction, in which what is deleted or replaced is overwritten with zeros, whatever that costs."""
    db.execute("PRAGMA secure_delete = ON")
    try:
        with transaction(db):
            yield
    finally:
        db.execute("PRAGMA secure_delete = FAST")


def drop_account(db: sqlite3.Connection, key: str) -> bool:
    """An account with its sessions, its inbox and its read markers. False: there is none."""
    with overwriting(db):
        there = db.execute("DELETE FROM account WHERE key = ?", (key,)).rowcount > 0
        for table in ("token", "mail", "mark"):
            db.execute(f"DELETE FROM {table} WHERE account = ?", (key,))
    return there


# Who is called so.


def extent(db: sqlite3.Connection) -> tuple[int, Sequence[int]]:
    """The last row of C{talk}, and all rooms."""
    last: int = db.execute("SELECT coalesce(max(id), 0) FROM talk").fetchone()[0]
    return last, json_of(db, "SELECT json_group_array(id) FROM room", ())


def spellings(db: sqlite3.Connection, key: str, after: int) -> set[str]:
    """How this name is written in a piece of C{talk}."""
    found = json_of(
        db,
        "SELECT json_group_array(DISTINCT nick) FROM talk WHERE id > ? AND id <= ?",
        (after, after + LOOK),
    )
    return {nick for nick in found if nick.casefold() == key}


def senders(db: sqlite3.Connection, key: str) -> set[str]:
    """How it is written in inboxes."""
    found = json_of(db, "SELECT json_group_array(DISTINCT sender) FROM mail", ())
    return {nick for nick in found if nick.casefold() == key}


_LINES = f"""
    SELECT json_group_array(json_array(id, name, seq, at, kind, nick, text)) FROM (
        SELECT talk.id, room.name, seq, at, kind, nick, text FROM talk JOIN room ON room.id = talk.room
        WHERE talk.id > :after AND talk.id <= :after + {LOOK} AND at >= :since AND NOT room.closed
            AND nick IN (SELECT value FROM json_each(:nicks))
        ORDER BY talk.id LIMIT :limit
    )
"""


def lines(db: sqlite3.Connection, key: str, since: float, after: int, limit: int) -> Found:
    """See L{IBackend.lines<chatroom.interfaces.IBackend>}, of the next piece in which there are any."""
    last, _ = extent(db)
    while after < last:
        nicks = spellings(db, key, after)
        values = {"after": after, "since": round(since * 1000), "nicks": json.dumps(sorted(nicks)), "limit": limit}
        rows = sorted(json_of(db, _LINES, values)) if nicks else []
        after = rows[-1][0] if len(rows) == limit else after + LOOK
        if rows:
            return Found(tuple(event_of(name, made) for _, name, *made in rows), after if after < last else None)
    return Found((), None)


# Taking it out.


def erase_talk(db: sqlite3.Connection, nicks: Sequence[str], keep_text: bool, after: int) -> int:
    """
    Take the name out of a piece of talk, and what it said out of the index.

    @return: how many lines there were.
    """
    where = "id > ? AND id <= ? AND nick IN (SELECT value FROM json_each(?))"
    values = (after, after + PIECE, json.dumps(list(nicks)))
    with overwriting(db):
        if keep_text:
            return db.execute(f"UPDATE talk SET nick = '{ERASED_NAME}' WHERE {where}", values).rowcount
        up_to = indexed(db)
        put_words(db, f"{where} AND id <= ?", (*values, up_to), delete=True)
        rows = json_of(db, f"SELECT json_group_array(id) FROM talk WHERE {where}", values)
        changed = "UPDATE talk SET nick = ?, text = ? WHERE id IN (SELECT value FROM json_each(?))"
        db.execute(changed, (ERASED_NAME, ERASED_TEXT, json.dumps(rows)))
        put_words(db, "id IN (SELECT value FROM json_each(?)) AND id <= ?", (json.dumps(rows), up_to))
    return len(rows)


def erase_happenings(db: sqlite3.Connection, key: str, keep_text: bool, room: int, after: int) -> int | None:
    """
    The same in a piece of what happened in a room besides.

    @param after: look at what has a higher number. @return: up to which number one has looked; C{None}: that was all.
    """
    query = "SELECT json_group_array(json_array(seq, event)) FROM (SELECT seq, event FROM happening {where})"
    where = "WHERE room = ? AND seq > ? ORDER BY seq LIMIT ?"
    found = json_of(db, query.format(where=where), (room, after, PIECE))
    changed = [(seq, _without(text, key, keep_text)) for seq, text in found]
    changed = [(seq, text) for seq, text in changed if text is not None]
    if changed:
        with overwriting(db):
            for seq, text in changed:
                db.execute("UPDATE happening SET event = ? WHERE room = ? AND seq = ?", (text, room, seq))
    return max(seq for seq, _ in found) if len(found) == PIECE else None


def _without(text: str, key: str, keep_text: bool) -> str | None:
    event = anonymous(loads(text), key, keep_text)
    return None if event is None else dumps(event, public=False)


def erase_facts(db: sqlite3.Connection, facts: Sequence[tuple[int, str, Event]]) -> None:
    """These slots have these events now, unless they have been cleared meanwhile."""
    with overwriting(db):
        for room, slot, event in facts:
            values = (dumps(event, public=False), room, slot)
            db.execute("UPDATE slot SET event = ? WHERE room = ? AND name = ?", values)


def erase_mail(db: sqlite3.Connection, nicks: Sequence[str], keep_text: bool) -> None:
    """What they whispered to people who were absent."""
    which = "sender IN (SELECT value FROM json_each(?))"
    with overwriting(db):
        if keep_text:
            db.execute(f"UPDATE mail SET sender = '{ERASED_NAME}' WHERE {which}", (json.dumps(list(nicks)),))
        else:
            db.execute(f"DELETE FROM mail WHERE {which}", (json.dumps(list(nicks)),))


def put_index_together(db: sqlite3.Connection) -> bool:
    """
    Words that were taken out of the index are marked as such, until what they stand in is put together with the rest
    (U{https://www.sqlite.org/fts5.html#the_merge_command}): do a piece of that. False: there was no more to do.
    """
    before = db.total_changes
    with overwriting(db):
        db.execute(f"INSERT INTO word (word, rank) VALUES ('merge', -{PAGES})")
    return db.total_changes - before >= 2


def empty_log(db: sqlite3.Connection) -> None:
    """The log beside the database still has the pages as they were: write all into the database, and begin it anew."""
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
