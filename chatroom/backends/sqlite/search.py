"""
Which words were said, and where: the SQL of the index and of search.

Each function is called in the thread of the connection it is given. It knows the tables C{talk} and C{word} of
schema/, and nothing of threads, nodes or who searches.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence

from chatroom.backends.sqlite.slices import Slice
from chatroom.backends.sqlite.talk import NEVER, event_of, place
from chatroom.backends.sqlite.thread import json_of, transaction
from chatroom.backends.words import SearchTerms, words_in
from chatroom.records import Found, fitting

MOST = 1000
"""Rows in one statement, however much time there is."""

MERGED = 64
"""Pages of the index that are put together by one statement, however much time there is."""

SCAN = 100_000
"""So many rows back, and no more, one can look for text that has no word in it."""

_ROOM_WORD = "\ue000"
"""How the word of a room begins in the index. No word of a text has it: it is not a letter."""

_SEARCH = """
    SELECT json_group_array(json_array(id, name, seq, at, kind, nick, text, nonce, bot)) FROM (
        SELECT talk.id, room.name, talk.seq, talk.at, talk.kind, talk.nick, talk.text, talk.nonce, talk.bot
        FROM {source} CROSS JOIN room ON room.id = talk.room
        WHERE talk.room IN (SELECT value FROM json_each(?)) AND {id} < ? {conditions}
        ORDER BY {id} DESC LIMIT ?
    )
"""


def search(
    db: sqlite3.Connection, rooms: Sequence[str], wanted: SearchTerms, before: int | None, limit: int, size: int
) -> Found:
    """See L{IBackend.search<chatroom.interfaces.IBackend>}. What is not indexed yet is not found."""
    ids = json_of(
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
    rows = sorted(json_of(db, query, (*values, limit + 1)), reverse=True)
    events = tuple(event_of(name, made) for _, name, *made in rows)
    fit = fitting(events, limit, size)
    return Found(events[:fit], rows[fit - 1][0] if len(rows) > fit else None)


def _match(rooms: Iterable[int], phrases: Iterable[str]) -> str:
    """
    An FTS5 query (U{https://www.sqlite.org/fts5.html#full_text_query_syntax}): in one of these rooms, all of these.
    Phrases are made of letters, digits and symbols alone, so that nothing in quotes can end them.
    """
    anywhere = " OR ".join(f'"{_ROOM_WORD}{room}"' for room in rooms)
    return " AND ".join([f"({anywhere})", *(f'"{phrase}"' for phrase in phrases)])


def backlog(db: sqlite3.Connection) -> int:
    """How many rows wait to be indexed, or a few more."""
    last: int = db.execute("SELECT coalesce(max(id), 0) FROM talk").fetchone()[0]
    return max(0, last - indexed(db))


def index(db: sqlite3.Connection, slice: Slice) -> int:
    """
    Index what comes next, until the slice is over.

    @return: how many rows; 0: there is no more.
    """
    begun = 0
    with transaction(db):
        done = indexed(db)
        for rows in slice.pieces(MOST):
            next_piece = "SELECT id FROM talk WHERE id > ? ORDER BY id LIMIT ?"
            found, last = db.execute(f"SELECT count(*), max(id) FROM ({next_piece})", (done, rows)).fetchone()
            if not found:
                break
            cut = put_words(db, "id > ? AND id <= ?", (done, last), slice)
            if cut is not None:
                (found,) = db.execute("SELECT count(*) FROM talk WHERE id > ? AND id <= ?", (done, cut)).fetchone()
            done = last if cut is None else cut
            begun += found
            if cut is not None:
                break
        if begun:
            db.execute("UPDATE indexed SET talk = ?", (done,))
    return begun


def merge(db: sqlite3.Connection, slice: Slice, whole: bool = False) -> bool:
    """
    Put parts of the index together, until the slice is over
    (U{https://www.sqlite.org/fts5.html#the_merge_command}). Left alone, FTS5 does that at a commit, as much as it
    likes; schema/ has told it not to.

    @param whole: all parts, so that nothing is left of words that were taken out.
    @return: False: there was no more to do.
    """
    with transaction(db):
        for pages in slice.pieces(MERGED):
            before = db.total_changes
            db.execute("INSERT INTO word (word, rank) VALUES ('merge', ?)", (-pages if whole else pages,))
            if db.total_changes - before < 2:
                return False
    return True


def indexed(db: sqlite3.Connection) -> int:
    """The row up to which the index is complete."""
    done: int = db.execute("SELECT talk FROM indexed").fetchone()[0]
    return done


_ASCII = "length(text) = length(CAST(text AS BLOB))"


def put_words(
    db: sqlite3.Connection, where: str, values: Sequence[object], slice: Slice, *, delete: bool = False
) -> int | None:
    """
    Put the words of some rows into the index, or take them out, which FTS5 does when it is given the same text again.
    Of ASCII text it finds the same words as L{words_in}, faster.

    @param slice: words of other text are looked for until it is over, and for one row at least.
    @return: where it was over too early, the id of the last row that was done, in their order; else C{None}.
    """
    others = json_of(
        db,
        f"""
        SELECT json_group_array(json_array(id, room, text))
        FROM (SELECT id, room, text FROM talk WHERE {where} AND NOT {_ASCII} ORDER BY id)
        """,
        values,
    )
    words: list[tuple[int, str]] = []
    cut = None
    for id, room, text in others:
        words.append((id, f"{_ROOM_WORD}{room} {' '.join(words_in(text))}"))
        if slice.over():
            cut = id
            where, values = f"{where} AND id <= ?", (*values, id)
            break
    into, command = ("word (word, rowid, text)", "'delete',") if delete else ("word (rowid, text)", "")
    db.execute(
        f"""
        INSERT INTO {into} SELECT {command} id, '{_ROOM_WORD}' || room || ' ' || text
        FROM talk WHERE {where} AND {_ASCII}
        """,
        values,
    )
    if words:
        db.execute(
            f"""
            INSERT INTO {into} SELECT {command} json_extract(value, '$[0]'), json_extract(value, '$[1]')
            FROM json_each(?)
            """,
            (json.dumps(words),),
        )
    return cut
