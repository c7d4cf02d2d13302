"""
Which words were said, and where: the SQL of the index and of search.

The index gives lines that have all the words; whether they stand beside each other, the words themselves say, so that
what is found is what L{chatroom.backends.words} finds. It knows the tables C{talk} and C{word} of schema/.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chatroom.backends.postgres.driver import Database
from chatroom.backends.postgres.errors import storable
from chatroom.backends.postgres.talk import NEVER, change, place, rows
from chatroom.backends.postgres.turn import talk_of
from chatroom.backends.words import SearchTerms, words_in
from chatroom.records import Found, fitting

PIECE = 200
"""Rows that are indexed in one transaction: a few milliseconds of this process."""

SCAN = 100_000
"""So many rows back, and no more, one can look for text that has no word in it."""

KEY = 100
"""Characters of a word that stand in the index: see C{keys_1} in schema/."""

_ROOM_WORD = "\ue000"
"""How the word of a room begins in the index. No word of a text has it: it is not a letter."""


async def search(
    db: Database, rooms: Sequence[str], wanted: SearchTerms, before: int | None, limit: int, size: int
) -> Found:
    """See L{IBackend.search<chatroom.interfaces.IBackend>}. What is not indexed yet is not found."""
    names = [room for room in rooms if storable(room)]
    ids = [id for (id,) in await _rows(db, "SELECT id FROM room WHERE NOT closed AND name = ANY (%s)", (names,))]
    if wanted.nothing() or not ids or not storable(*wanted.phrases, *wanted.literals):
        return Found((), None)
    values: dict[str, Any] = {"rooms": ids, "before": place(before, NEVER), "limit": limit + 1, "scan": SCAN}
    source, conditions = "talk", ""
    if wanted.phrases:
        source = "word JOIN talk ON talk.id = word.talk"
        conditions = " AND keys_1(words) && %(anywhere)s::text[] AND keys_1(words) @> %(keys)s::text[]"
        values["anywhere"] = [f"{_ROOM_WORD}{id}" for id in ids]
        values["keys"] = sorted({word[:KEY] for phrase in wanted.phrases for word in phrase.split()})
        for number, phrase in enumerate(wanted.phrases):
            conditions += f" AND strpos(words, %(phrase{number})s) > 0"
            values[f"phrase{number}"] = f" {phrase} "
    if wanted.literals:
        conditions += " AND talk.id > (SELECT max(id) FROM talk) - %(scan)s"
    for number, literal in enumerate(wanted.literals):
        conditions += f" AND strpos(talk.text, %(literal{number})s) > 0"
        values[f"literal{number}"] = literal
    query = f"""
        SELECT talk.id, room.name, talk.seq, talk.at, talk.kind, talk.nick, talk.text, talk.nonce, talk.bot
        FROM {source} JOIN room ON room.id = talk.room
        WHERE talk.room = ANY (%(rooms)s) AND talk.id < %(before)s {conditions}
        ORDER BY talk.id DESC LIMIT %(limit)s
    """
    found = await _rows(db, query, values)
    events = tuple(talk_of(name, *made) for _, name, *made in found)
    fit = fitting(events, limit, size)
    return Found(events[:fit], found[fit - 1][0] if len(found) > fit else None)


async def _rows(db: Database, query: str, values: Any) -> list[tuple[Any, ...]]:
    """Planned for what is looked for, each time: rare words and common ones are found in different ways."""
    cursor = await db.execute(query, values, prepare=False)
    found: list[tuple[Any, ...]] = await cursor.fetchall()
    return found


_ASCII = "octet_length(text) = length(text)"
_WORDS_OF_ASCII = "btrim(regexp_replace(lower(text), '[^a-z0-9]+', ' ', 'g'))"
"""Of ASCII text the same words as L{words_in} finds, faster."""


async def index(db: Database) -> int:
    """
    Index some of what comes next. Nodes that do it at the same time do it one after the other.

    @return: how many rows; 0: there is no more.
    """
    async with db.transaction():
        ((done,),) = await rows(db, "SELECT talk FROM indexed FOR UPDATE")
        piece = "SELECT id FROM talk WHERE id > %s ORDER BY id LIMIT %s"
        ((found, last),) = await rows(db, f"SELECT count(*), max(id) FROM ({piece}) AS piece", (done, PIECE))
        if found:
            await put_words(db, "id > %s AND id <= %s", (done, last))
            await change(db, "UPDATE indexed SET talk = %s", (last,))
    return int(found)


async def put_words(db: Database, where: str, values: Sequence[object]) -> None:
    """Put the words of some rows into the index, in the place of those that may be there."""
    replaced = "ON CONFLICT (talk) DO UPDATE SET words = excluded.words"
    line = f"' {_ROOM_WORD}' || room || ' ' || {_WORDS_OF_ASCII} || ' '"
    query = f"INSERT INTO word (talk, words) SELECT id, {line} FROM talk WHERE {where} AND {_ASCII} {replaced}"
    await change(db, query, values)
    others = await rows(db, f"SELECT id, room, text FROM talk WHERE {where} AND NOT {_ASCII}", values)
    if others:
        words = [f" {_ROOM_WORD}{room} {' '.join(words_in(text))} " for _, room, text in others]
        query = f"INSERT INTO word (talk, words) SELECT * FROM unnest(%s::bigint[], %s::text[]) {replaced}"
        await change(db, query, ([id for id, *_ in others], words))


async def backlog(db: Database) -> int:
    """How many rows wait to be indexed, or some more."""
    query = "SELECT greatest(0, coalesce((SELECT max(id) FROM talk), 0) - (SELECT talk FROM indexed))"
    ((waiting,),) = await rows(db, query)
    return int(waiting)
