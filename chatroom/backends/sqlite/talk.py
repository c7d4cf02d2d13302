"""
Rooms and what happened in them: the SQL of batches, snapshots and history.

Each function is called in the thread of the connection it is given. It knows the tables of schema/ and how events
are written down, and nothing of threads, nodes or who reads. It is long because each statement stands beside what it is
for.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from chatroom.backends.ledger import Draft, RoomLog
from chatroom.backends.sqlite.thread import json_of, transaction
from chatroom.events import KINDS, SERVER, Acted, Event, RoomEvent, Said
from chatroom.folding import fold
from chatroom.records import AROUND, OTHERS, AuditEntry, StartState
from chatroom.wire import dumps, from_object, loads

TALK = (Said, Acted)
"""What stands in the table C{talk}; these classes have no fields but its columns. Few rows have the last two."""

_MOST_ROWS = 1024
"""Rows in one INSERT. SQLite before 3.32 takes 999 values in a statement, later ones 32,766."""

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
    marked = False
    happenings: list[object] = []
    for room, event in draft.recorded:
        at = round(event.at * 1000)
        if isinstance(event, TALK):
            talk += (room.id, event.seq, at, event.kind, event.nick, event.text)
            if event.nonce or event.bot:
                marked = True
        else:
            happenings += (room.id, event.seq, at, dumps(event, public=False))
    said = len(talk) // 6
    columns: tuple[str, ...] = _TALK_COLUMNS
    if marked:  # all rows, as their order is that of their numbers
        columns, talk = _MARKED_COLUMNS, _marked(draft)
    if said <= _MOST_ROWS and not (happenings or draft.rooms or draft.facts or draft.audited):
        _insert(db, columns, talk)  # one statement, which is a transaction of its own
        return said
    with transaction(db):
        _write_rooms(db, draft.rooms)
        _insert(db, columns, talk)
        _insert(db, _HAPPENING_COLUMNS, happenings)
        _write_facts(db, draft.facts.items())
        write_audit(db, draft.entries())
    return said


_TALK_COLUMNS = ("talk", "room", "seq", "at", "kind", "nick", "text")
_MARKED_COLUMNS = (*_TALK_COLUMNS, "nonce", "bot")
_HAPPENING_COLUMNS = ("happening", "room", "seq", "at", "event")


def _marked(draft: Draft) -> list[object]:
    """The rows of talk in a draft, with what programs add to what they say."""
    rows: list[object] = []
    for room, event in draft.recorded:
        if isinstance(event, TALK):
            at = round(event.at * 1000)
            rows += (room.id, event.seq, at, event.kind, event.nick, event.text, event.nonce, event.bot)
    return rows


def _insert(db: sqlite3.Connection, columns: tuple[str, ...], values: list[object]) -> None:
    """Rows of a table, given as one flat list of values, in as few steps as can be."""
    width = len(columns) - 1
    for start in range(0, len(values), _MOST_ROWS * width):
        part = values[start : start + _MOST_ROWS * width]
        rows = _padded(len(part) // width)
        part += [None] * (rows * width - len(part))
        db.execute(_insertion(columns, rows), part)


def _padded(rows: int) -> int:
    """
    Up to 8, as they are; above, the next of four steps from one power of two to the next: 10, 12, 14, 16, 20, 24 ...
    So there are few statements and all stay prepared; a row left empty costs as much as one that is not.
    """
    step = 1 << max(0, (rows - 1).bit_length() - 3)
    return (rows + step - 1) // step * step


@lru_cache(maxsize=128)
def _insertion(columns: tuple[str, ...], rows: int) -> str:
    """An INSERT of up to so many rows; those that are NULL are left out."""
    table, *names = columns
    row = f"({', '.join('?' * len(names))})"
    values = ", ".join([row] * rows)
    return f"INSERT INTO {table} ({', '.join(names)}) SELECT * FROM (VALUES {values}) WHERE column1 NOT NULL"


def _write_rooms(db: sqlite3.Connection, rooms: Iterable[tuple[RoomLog, bool]]) -> None:
    for room, there in rooms:
        if there:
            last = room.last
            db.execute("INSERT INTO room (id, name, last) VALUES (?, ?, ?)", (room.id, room.name, last))
        else:
            db.execute("UPDATE room SET closed = 1 WHERE id = ?", (room.id,))
            db.execute("DELETE FROM slot WHERE room = ?", (room.id,))


def _write_facts(db: sqlite3.Connection, facts: Iterable[tuple[tuple[RoomLog, str], Event | None]]) -> None:
    for (room, slot), event in facts:
        if event is None:
            db.execute("DELETE FROM slot WHERE room = ? AND name = ?", (room.id, slot))
        else:
            row = (room.id, slot, dumps(event, public=False))
            db.execute("REPLACE INTO slot (room, name, event) VALUES (?, ?, ?)", row)


def write_audit(db: sqlite3.Connection, entries: Iterable[AuditEntry]) -> None:
    """Entries of the audit log. Called within a transaction."""
    db.executemany(
        "INSERT INTO audit (at, who, who_key, target_key, act, target, detail) VALUES (?, ?, ?, ?, ?, ?, ?)",
        [(e.at, e.who, fold(e.who), fold(e.target), e.act, e.target, e.detail) for e in entries],
    )


# Reading.


def read_snapshot(db: sqlite3.Connection) -> tuple[list[RoomLog], StartState]:
    """All rooms, with the facts that hold in them."""
    rooms = {
        id: RoomLog(id, name, last, stored=True)
        for id, name, last in db.execute(
            """
            SELECT id, name, max(
                last,
                (SELECT coalesce(max(seq), 0) FROM talk WHERE talk.room = room.id),
                (SELECT coalesce(max(seq), 0) FROM happening WHERE happening.room = room.id)
            ) FROM room WHERE NOT closed ORDER BY name <> ?, id
            """,
            (SERVER,),
        )
    }
    for id, slot, text in db.execute("SELECT room, name, event FROM slot ORDER BY id"):
        rooms[id].slots[slot] = loads(text)
    events = tuple(event for room in rooms.values() for event in room.slots.values())
    return list(rooms.values()), StartState(events, {room.name: room.last for room in rooms.values() if room.last})


_HISTORY = """
    WITH wanted AS (SELECT id FROM room WHERE name = :room AND NOT closed)
    SELECT coalesce('[' || group_concat(event) || ']', '[]') FROM (
        SELECT seq, json_array(seq, at, kind, nick, text, nonce, bot) AS event FROM talk
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

_PAGE = f"""
    WITH wanted AS (SELECT id FROM room WHERE name = :room AND NOT closed)
    SELECT coalesce(
        '[' || group_concat(coalesce(event, json_array(seq, at, kind, nick, text, nonce, bot))) || ']', '[]'
    ) FROM (
        SELECT *, row_number() OVER so_far AS number, sum(weight) OVER so_far - weight AS weight_before FROM (
            SELECT
                seq, at, kind, nick, text, nonce, bot, NULL AS event, {AROUND} + length(CAST(text AS BLOB)) AS weight
                FROM talk
                WHERE room = (SELECT id FROM wanted) AND seq > :after AND seq < :before
            {{others}}
            ORDER BY seq {{direction}} LIMIT :limit
        ) WINDOW so_far AS (ORDER BY seq {{direction}} ROWS UNBOUNDED PRECEDING)
    ) WHERE number <= 2 OR weight_before <= :size
"""
"""The same up to a size, by the measure of L{chatroom.records.fitting}, and one event more."""

_OTHERS_OF_PAGE = f"""
            UNION ALL
            SELECT seq, NULL, NULL, NULL, NULL, NULL, NULL, event, {OTHERS} FROM happening
                WHERE room = (SELECT id FROM wanted) AND seq > :after AND seq < :before
"""


def history(
    db: sqlite3.Connection,
    room: str,
    after: int | None,
    before: int | None,
    limit: int,
    talk: bool,
    size: int | None = None,
) -> Sequence[RoomEvent]:
    """See L{IBackend.history<chatroom.interfaces.IBackend>}."""
    query, others = (_HISTORY, _OTHERS) if size is None else (_PAGE, _OTHERS_OF_PAGE)
    query = query.format(others="" if talk else others, direction="DESC" if after is None else "ASC")
    values = {
        "room": room,
        "after": place(after, -1),
        "before": place(before, NEVER),
        "limit": limit,
        "size": size,
    }
    found = [event_of(room, made) for made in json_of(db, query, values)]
    found.sort(key=lambda event: event.seq)
    return found


_COUNT = """
    SELECT count(*) FROM (
        SELECT 1 FROM talk
            WHERE room = (SELECT id FROM room WHERE name = :room AND NOT closed) AND seq > :after AND seq < :before
            LIMIT :most
    )
"""


def talk_count(db: sqlite3.Connection, room: str, after: int, before: int, most: int) -> int:
    """See L{IBackend.talk_count<chatroom.interfaces.IBackend>}."""
    values = {"room": room, "after": place(after, -1), "before": place(before, NEVER), "most": most}
    found: int = db.execute(_COUNT, values).fetchone()[0]
    return found


_NEXT = """
    SELECT seq, at FROM (
        SELECT * FROM (SELECT seq, at FROM talk WHERE room = :room AND seq >= :from ORDER BY seq LIMIT 1)
        UNION ALL
        SELECT * FROM (SELECT seq, at FROM happening WHERE room = :room AND seq >= :from ORDER BY seq LIMIT 1)
    ) ORDER BY seq LIMIT 1
"""
"""The first event from a number on: two steps down an index."""


def number_at(db: sqlite3.Connection, room: str, at: float) -> int | None:
    """See L{IBackend.number_at<chatroom.interfaces.IBackend>}, by a few steps down an index."""
    place = db.execute("SELECT id FROM room WHERE name = ? AND NOT closed", (room,)).fetchone()
    if place is None:
        return None
    ends = "SELECT max(seq) FROM talk WHERE room = :room", "SELECT max(seq) FROM happening WHERE room = :room"
    low, found = 0, None
    high = max(db.execute(end, {"room": place[0]}).fetchone()[0] or 0 for end in ends)
    while low <= high:  # all below low is too early; the answer, if one is known, is above high
        middle = (low + high) // 2
        row = db.execute(_NEXT, {"room": place[0], "from": middle}).fetchone()
        if row is None:  # it was forgotten meanwhile
            high = middle - 1
        elif row[1] / 1000 >= at:
            found, high = row[0], middle - 1
        else:
            low = row[0] + 1
    return found


def event_of(room: str, made: Any) -> RoomEvent:
    """An event of the JSON list that talk is read as, or of the object that anything else is kept as."""
    if isinstance(made, list):
        seq, at, kind, nick, text, nonce, bot = made
        return KINDS[kind](  # type: ignore[return-value]
            at=at / 1000,
            room=room,
            nick=nick,
            seq=seq,
            text=text,
            nonce=nonce,
            bot=bool(bot),  # type: ignore[call-arg]
        )
    event = from_object(made)
    assert isinstance(event, RoomEvent)
    return event
