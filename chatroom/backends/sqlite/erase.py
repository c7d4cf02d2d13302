"""
Erasing somebody: the SQL that takes an account away, and a name and what it said out of history, a slice at a time.

Each function is called in the thread of the connection it is given, and takes no longer than its slice. What is
erased is overwritten, in the index of words and in the log as well. It knows the tables of schema/, and nothing of
threads or of why somebody is erased. It is long because a person is in many tables.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from chatroom.backends.sqlite.search import MOST, indexed, merge, put_words
from chatroom.backends.sqlite.slices import Slice
from chatroom.backends.sqlite.talk import event_of
from chatroom.backends.sqlite.thread import json_of, transaction
from chatroom.erasure import anonymous
from chatroom.events import Event
from chatroom.folding import fold
from chatroom.records import ERASED_NAME, ERASED_TEXT, Found
from chatroom.wire import dumps, loads

LOOK = 20_000
"""Rows looked at in one go for a name, without writing."""


@contextmanager
def overwriting(db: sqlite3.Connection) -> Iterator[None]:
    """One transaction, in which what is deleted or replaced is overwritten with zeros, whatever that costs."""
    db.execute("PRAGMA secure_delete = ON")
    try:
        with transaction(db):
            yield
    finally:
        db.execute("PRAGMA secure_delete = FAST")


def drop_letters(db: sqlite3.Connection, slice: Slice, key: str) -> int:
    """
    Delete some of what is in an inbox.

    @return: how many; 0: there is no more.
    """
    gone = 0
    with overwriting(db):
        for rows in slice.pieces(MOST):
            which = "SELECT id FROM mail WHERE account = ? LIMIT ?"
            piece = db.execute(f"DELETE FROM mail WHERE id IN ({which})", (key, rows)).rowcount
            if not piece:
                break
            gone += piece
    return gone


def drop_account(db: sqlite3.Connection, key: str) -> bool:
    """An account with its sessions, its certificates, its inbox and its read markers. False: there is none."""
    with overwriting(db):
        there = db.execute("DELETE FROM account WHERE key = ?", (key,)).rowcount > 0
        for table in ("token", "certificate", "mail", "mark"):
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
    return {nick for nick in found if fold(nick) == key}


def senders(db: sqlite3.Connection, key: str) -> set[str]:
    """How it is written in inboxes."""
    found = json_of(db, "SELECT json_group_array(DISTINCT sender) FROM mail", ())
    return {nick for nick in found if fold(nick) == key}


_LINES = f"""
    SELECT json_group_array(json_array(id, name, seq, at, kind, nick, text, nonce, bot)) FROM (
        SELECT talk.id, room.name, seq, at, kind, nick, text, nonce, bot
        FROM talk JOIN room ON room.id = talk.room
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


def erase_audit(db: sqlite3.Connection, slice: Slice, key: str) -> int:
    """
    Take out of some entries of the audit log why somebody did it, where they did it or it was done to them.

    @return: how many; 0: there is no more.
    """
    gone = 0
    with overwriting(db):
        for rows in slice.pieces(MOST):
            which = "SELECT id FROM audit WHERE (who_key = :key OR target_key = :key) AND detail <> '' LIMIT :rows"
            changed = f"UPDATE audit SET detail = '' WHERE id IN ({which})"
            piece = db.execute(changed, {"key": key, "rows": rows}).rowcount
            if not piece:
                break
            gone += piece
    return gone


def erase_talk(
    db: sqlite3.Connection, slice: Slice, nicks: Sequence[str], keep_text: bool, after: int, up_to: int
) -> tuple[int, int]:
    """
    Take the name out of talk, and what it said out of the index, until the slice is over.

    @param after: of rows with a higher id. @param up_to: and of none with a higher one.
    @return: how many lines there were, and the id of the last row that was done.
    """
    lines = 0
    with overwriting(db):
        for rows in slice.pieces(MOST):
            piece = min(after + rows, up_to)
            found, after = _erase_piece(db, slice, nicks, keep_text, after, piece)
            lines += found
            if after >= up_to or after < piece:
                break
    return lines, after


def _erase_piece(
    db: sqlite3.Connection, slice: Slice, nicks: Sequence[str], keep_text: bool, after: int, up_to: int
) -> tuple[int, int]:
    where = "id > ? AND id <= ? AND nick IN (SELECT value FROM json_each(?))"
    names = json.dumps(list(nicks))
    if keep_text:
        changed = f"UPDATE talk SET nick = '{ERASED_NAME}', nonce = '' WHERE {where}"
        return db.execute(changed, (after, up_to, names)).rowcount, up_to
    done = indexed(db)
    cut = put_words(db, f"{where} AND id <= ?", (after, up_to, names, done), slice, delete=True)
    up_to = up_to if cut is None else cut
    rows = json_of(db, f"SELECT json_group_array(id) FROM talk WHERE {where}", (after, up_to, names))
    these = json.dumps(rows)
    changed = "UPDATE talk SET nick = ?, text = ?, nonce = '' WHERE id IN (SELECT value FROM json_each(?))"
    db.execute(changed, (ERASED_NAME, ERASED_TEXT, these))
    put_words(db, "id IN (SELECT value FROM json_each(?)) AND id <= ?", (these, done), slice)
    return len(rows), up_to


def erase_happenings(
    db: sqlite3.Connection, slice: Slice, key: str, keep_text: bool, room: int, after: int
) -> int | None:
    """
    The same in what happened in a room besides.

    @param after: look at what has a higher number. @return: up to which number one has looked; C{None}: that was all.
    """
    query = "SELECT seq, event FROM happening WHERE room = ? AND seq > ? ORDER BY seq LIMIT ?"
    with overwriting(db):
        for rows in slice.pieces(MOST):
            found = db.execute(query, (room, after, rows)).fetchall()
            for seq, text in found:
                without = _without(text, key, keep_text)
                if without is not None:
                    db.execute("UPDATE happening SET event = ? WHERE room = ? AND seq = ?", (without, room, seq))
                after = seq
                if slice.over():
                    return after
            if len(found) < rows:
                return None
    return after


def _without(text: str, key: str, keep_text: bool) -> str | None:
    event = anonymous(loads(text), key, keep_text)
    return None if event is None else dumps(event, public=False)


def erase_facts(db: sqlite3.Connection, slice: Slice, facts: Sequence[tuple[int, str, Event]]) -> int:
    """
    These slots have these events now, unless they have been cleared meanwhile.

    @return: how many of them were done before the slice was over.
    """
    with overwriting(db):
        for done, (room, slot, event) in enumerate(facts, 1):
            values = (dumps(event, public=False), room, slot)
            db.execute("UPDATE slot SET event = ? WHERE room = ? AND name = ?", values)
            if slice.over():
                return done
    return len(facts)


def erase_mail(db: sqlite3.Connection, slice: Slice, nicks: Sequence[str], keep_text: bool, after: int) -> int | None:
    """
    What they whispered to people who were absent.

    @param after: of letters with a higher id. @return: the last one that was done; C{None}: that was all.
    """
    names = json.dumps(list(nicks))
    (last,) = db.execute("SELECT coalesce(max(id), 0) FROM mail").fetchone()
    change = f"UPDATE mail SET sender = '{ERASED_NAME}'" if keep_text else "DELETE FROM mail"
    which = "id > ? AND id <= ? AND sender IN (SELECT value FROM json_each(?))"
    with overwriting(db):
        for rows in slice.pieces(MOST):
            db.execute(f"{change} WHERE {which}", (after, after + rows, names))
            after += rows
            if after >= last:
                return None
    return after


def merge_all(db: sqlite3.Connection, slice: Slice) -> bool:
    """
    Words that were taken out of the index are marked as such, until what they stand in is put together with the rest:
    do some of that, and overwrite what was there. False: there was no more to do.
    """
    db.execute("PRAGMA secure_delete = ON")
    try:
        return merge(db, slice, whole=True)
    finally:
        db.execute("PRAGMA secure_delete = FAST")


def empty_log(db: sqlite3.Connection) -> bool:
    """
    The log beside the database still has the pages as they were: write all into the database, and begin it anew. It
    waits for nobody: False: somebody reads just now, so it has to be tried again.
    """
    (timeout,) = db.execute("PRAGMA busy_timeout").fetchone()
    db.execute("PRAGMA busy_timeout = 0")
    try:
        busy, _, _ = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    finally:
        db.execute(f"PRAGMA busy_timeout = {timeout:d}")
    return not busy
