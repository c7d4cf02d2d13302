"""
Rooms, what happened in them, and which words were said: the SQL of history and search.

Each function is called in the thread of the connection it is given. It knows the tables of schema/ and how events
are written down, and nothing of threads, nodes or who reads.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from chatroom.backends.ledger import Draft, Room
from chatroom.backends.sqlite_thread import transaction
from chatroom.backends.words import Wanted, words_in
from chatroom.events import HOUSE, KINDS, Acted, Event, RoomEvent, Said
from chatroom.records import Found, Snapshot
from chatroom.wire import dumps, from_object, loads

TALK = (Said, Acted)
"""What stands in the table C{talk}; these classes have no fields but its columns."""

PIECE = 1000
"""Rows that are indexed or deleted in one transaction: some 10 milliseconds in which a batch may have to wait."""

SCAN = 100_000
"""So many rows back, and no more, one can look for text that has no word in it."""

_MOST_ROWS = 2048
"""Rows in one INSERT. SQLite before 3.32 takes 999 values in a statement, later ones 32,766."""

_ROOM_WORD = "\ue000"
"""How the word of a room begins in the index. No word of a text has it: it is not a letter."""

NEVER = 2**62
"""More than any number ever given."""


def place(number: int | None, otherwise: int) -> int:
    """A number that somebody gave as a place in history, or C{otherwise}, within what SQLite can hold."""
    return otherwise if number is None else max(-1, min(number, NEVER))


# Writing a batch.


def keep(db: sqlite3.Connection, draft: Draft) -> int:
    """
    Write a draft down, whole or not at all.

    @return: how many of its rows wait to be indexed.
    """
    talk: list[object] = []
    happenings: list[object] = []
    for room, event in draft.recorded:
        at = round(event.at * 1000)
        if isinstance(event, TALK):
            talk += (room.id, event.seq, at, event.kind, event.nick, event.text)
        else:
            happenings += (room.id, event.seq, at, dumps(event, public=False))
    said = len(talk) // 6
    if said <= _MOST_ROWS and not happenings and not draft.rooms and not draft.facts:
        _insert(db, _TALK_COLUMNS, talk)  # one statement, which is a transaction of its own
        return said
    with transaction(db):
        _write_rooms(db, draft.rooms)
        _insert(db, _TALK_COLUMNS, talk)
        _insert(db, _HAPPENING_COLUMNS, happenings)
        _write_facts(db, draft.facts.items())
    return said


_TALK_COLUMNS = ("talk", "room", "seq", "at", "kind", "nick", "text")
_HAPPENING_COLUMNS = ("happening", "room", "seq", "at", "event")


def _insert(db: sqlite3.Connection, columns: tuple[str, ...], values: list[object]) -> None:
    """Rows of a table, given as one flat list of values, in as few steps as can be."""
    width = len(columns) - 1
    for start in range(0, len(values), _MOST_ROWS * width):
        part = values[start : start + _MOST_ROWS * width]
        rows = 1
        while rows * width < len(part):
            rows *= 2
        part += [None] * (rows * width - len(part))
        db.execute(_insertion(columns, rows), part)


@lru_cache(maxsize=64)
def _insertion(columns: tuple[str, ...], rows: int) -> str:
    """
    An INSERT of up to so many rows; those that are NULL are left out. Its sizes are powers of two, so that there are
    few such statements and all stay prepared.
    """
    table, *names = columns
    row = f"({', '.join('?' * len(names))})"
    values = ", ".join([row] * rows)
    return f"INSERT INTO {table} ({', '.join(names)}) SELECT * FROM (VALUES {values}) WHERE column1 NOT NULL"


def _write_rooms(db: sqlite3.Connection, rooms: Iterable[tuple[Room, bool]]) -> None:
    for room, there in rooms:
        if there:
            last = room.last
            db.execute("INSERT INTO room (id, name, last) VALUES (?, ?, ?)", (room.id, room.name, last))
        else:
            db.execute("UPDATE room SET closed = 1 WHERE id = ?", (room.id,))
            db.execute("DELETE FROM slot WHERE room = ?", (room.id,))


def _write_facts(db: sqlite3.Connection, facts: Iterable[tuple[tuple[Room, str], Event | None]]) -> None:
    for (room, slot), event in facts:
        if event is None:
            db.execute("DELETE FROM slot WHERE room = ? AND name = ?", (room.id, slot))
        else:
            row = (room.id, slot, dumps(event, public=False))
            db.execute("REPLACE INTO slot (room, name, event) VALUES (?, ?, ?)", row)


# Reading.


def read_snapshot(db: sqlite3.Connection) -> tuple[list[Room], Snapshot]:
    """All rooms, with the facts that hold in them."""
    rooms = {
        id: Room(id, name, last, stored=True)
        for id, name, last in db.execute(
            """
            SELECT id, name, max(
                last,
                (SELECT coalesce(max(seq), 0) FROM talk WHERE talk.room = room.id),
                (SELECT coalesce(max(seq), 0) FROM happening WHERE happening.room = room.id)
            ) FROM room WHERE NOT closed ORDER BY name <> ?, id
            """,
            (HOUSE,),
        )
    }
    for id, slot, text in db.execute("SELECT room, name, event FROM slot ORDER BY id"):
        rooms[id].slots[slot] = loads(text)
    events = tuple(event for room in rooms.values() for event in room.slots.values())
    return list(rooms.values()), Snapshot(events, {room.name: room.last for room in rooms.values() if room.last})


_HISTORY = """
    WITH wanted AS (SELECT id FROM room WHERE name = :room AND NOT closed)
    SELECT coalesce('[' || group_concat(event) || ']', '[]') FROM (
        SELECT seq, json_array(seq, at, kind, nick, text) AS event FROM talk
            WHERE room = (SELECT id FROM wanted) AND seq > :after AND seq < :before
        {others}
        ORDER BY seq {direction} LIMIT :limit
    )
"""
_OTHERS = """
        UNION ALL
        SELECT seq, event FROM happening
            WHERE room = (SELECT id FROM wanted) AND seq > :after AND seq < :before
"""


def history(
    db: sqlite3.Connection, room: str, after: int | None, before: int | None, limit: int, talk: bool
) -> Sequence[RoomEvent]:
    """See L{IBackend.history<chatroom.interfaces.IBackend>}."""
    query = _HISTORY.format(others="" if talk else _OTHERS, direction="DESC" if after is None else "ASC")
    values = {
        "room": room,
        "after": place(after, -1),
        "before": place(before, NEVER),
        "limit": limit,
    }
    found = [_event(room, made) for made in _json(db, query, values)]
    found.sort(key=lambda event: event.seq)
    return found


_SEARCH = """
    SELECT json_group_array(json_array(id, name, seq, at, kind, nick, text)) FROM (
        SELECT talk.id, room.name, talk.seq, talk.at, talk.kind, talk.nick, talk.text
        FROM {source} CROSS JOIN room ON room.id = talk.room
        WHERE talk.room IN (SELECT value FROM json_each(?)) AND NOT room.closed AND {id} < ? {conditions}
        ORDER BY {id} DESC LIMIT ?
    )
"""


def search(db: sqlite3.Connection, rooms: Sequence[str], wanted: Wanted, before: int | None, limit: int) -> Found:
    """See L{IBackend.search<chatroom.interfaces.IBackend>}. What is not indexed yet is not found."""
    ids = _json(
        db,
        """
        SELECT json_group_array(id) FROM room
        WHERE NOT closed AND name IN (SELECT value FROM json_each(?))
        """,
        (json.dumps(list(rooms)),),
    )
    if wanted.nothing() or not ids:
        return Found((), None)
    source, id, conditions = "talk", "talk.id", ""
    values: list[object] = [json.dumps(ids), place(before, NEVER)]
    if wanted.phrases:
        source, id, conditions = "word CROSS JOIN talk ON talk.id = word.rowid", "word.rowid", "AND word MATCH ?"
        values.append(_match(ids, wanted.phrases))
    if wanted.literals:
        conditions += f" AND {id} > (SELECT max(id) FROM talk) - {SCAN}"
    for literal in wanted.literals:
        conditions += " AND instr(talk.text, ?) > 0"
        values.append(literal)
    query = _SEARCH.format(source=source, id=id, conditions=conditions)
    rows = sorted(_json(db, query, (*values, limit + 1)), reverse=True)
    page = rows[:limit]
    events = tuple(_event(name, made) for _, name, *made in page)
    return Found(events, page[-1][0] if len(rows) > limit else None)


def _match(rooms: Iterable[int], phrases: Iterable[str]) -> str:
    """
    An FTS5 query (U{https://www.sqlite.org/fts5.html#full_text_query_syntax}): in one of these rooms, all of these.
    Phrases are made of letters, digits and symbols alone, so that nothing in quotes can end them.
    """
    anywhere = " OR ".join(f'"{_ROOM_WORD}{room}"' for room in rooms)
    return " AND ".join([f"({anywhere})", *(f'"{phrase}"' for phrase in phrases)])


def _event(room: str, made: Any) -> RoomEvent:
    if isinstance(made, list):
        seq, at, kind, nick, text = made
        return KINDS[kind](at=at / 1000, room=room, nick=nick, seq=seq, text=text)  # type: ignore[call-arg,return-value]
    event = from_object(made)
    assert isinstance(event, RoomEvent)
    return event


def _json(db: sqlite3.Connection, query: str, values: Any) -> Any:
    """The value of a query that gives all its rows as one JSON text."""
    return json.loads(db.execute(query, values).fetchone()[0])


# The index of words.


def backlog(db: sqlite3.Connection) -> int:
    """How many rows wait to be indexed, or a few more."""
    last: int = db.execute("SELECT coalesce(max(id), 0) FROM talk").fetchone()[0]
    return max(0, last - _indexed(db))


def index(db: sqlite3.Connection) -> int:
    """
    Index the next piece.

    @return: how many rows it had; fewer than L{PIECE}: there is no more.
    """
    with transaction(db):
        next_piece = "SELECT id FROM talk WHERE id > ? ORDER BY id LIMIT ?"
        done = _indexed(db)
        rows, last = db.execute(f"SELECT count(*), max(id) FROM ({next_piece})", (done, PIECE)).fetchone()
        if rows:
            _put_words(db, "id > ? AND id <= ?", (done, last))
            db.execute("UPDATE indexed SET talk = ?", (last,))
    return int(rows)


def _indexed(db: sqlite3.Connection) -> int:
    done: int = db.execute("SELECT talk FROM indexed").fetchone()[0]
    return done


_ASCII = "length(text) = length(CAST(text AS BLOB))"


def _put_words(db: sqlite3.Connection, where: str, values: Sequence[object], *, delete: bool = False) -> None:
    """
    Put the words of some rows into the index, or take them out, which FTS5 does when it is given the same text again.
    Of ASCII text it finds the same words as L{words_in}, faster.
    """
    into, command = ("word (word, rowid, text)", "'delete',") if delete else ("word (rowid, text)", "")
    db.execute(
        f"""
        INSERT INTO {into} SELECT {command} id, '{_ROOM_WORD}' || room || ' ' || text
        FROM talk WHERE {where} AND {_ASCII}
        """,
        values,
    )
    others = _json(
        db,
        f"SELECT json_group_array(json_array(id, room, text)) FROM talk WHERE {where} AND NOT {_ASCII}",
        values,
    )
    if others:
        words = [(id, f"{_ROOM_WORD}{room} {' '.join(words_in(text))}") for id, room, text in others]
        db.execute(
            f"""
            INSERT INTO {into} SELECT {command} json_extract(value, '$[0]'), json_extract(value, '$[1]')
            FROM json_each(?)
            """,
            (json.dumps(words),),
        )


# Forgetting.


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
    _put_words(db, "room = ? AND seq <= ? AND id <= ?", (*which, _indexed(db)), delete=True)
    said = db.execute("DELETE FROM talk WHERE room = ? AND seq <= ?", which).rowcount
    return said + db.execute("DELETE FROM happening WHERE room = ? AND seq <= ?", which).rowcount
