"""
Erasing somebody: the SQL that takes a name and what it said out of history, facts, inboxes and the audit log.

A piece is a transaction of its own, and none of it is done where people's lines are kept. It knows the tables of
schema/, and nothing of why somebody is erased.
"""

from __future__ import annotations

from chatroom.backends.postgres.driver import Database
from chatroom.backends.postgres.search import put_words
from chatroom.backends.postgres.talk import change, rows
from chatroom.backends.postgres.turn import event_of, kept_text, talk_of
from chatroom.erasure import anonymous
from chatroom.records import ERASED_NAME, ERASED_TEXT, Found

PIECE = 200
"""Rows that one transaction checks: a few milliseconds of this process."""


async def lines(db: Database, key: str, since: float, after: int, limit: int) -> Found:
    """See L{IBackend.lines<chatroom.interfaces.IBackend>}."""
    found = await rows(
        db,
        """
        SELECT talk.id, room.name, seq, at, kind, nick, text, nonce, bot FROM talk JOIN room ON room.id = talk.room
        WHERE nick_key = %s AND talk.id > %s AND at >= %s AND NOT room.closed ORDER BY talk.id LIMIT %s
        """,
        (key, after, round(since * 1000), limit + 1),
    )
    events = tuple(talk_of(name, *made) for _, name, *made in found[:limit])
    return Found(events, found[limit - 1][0] if len(found) > limit else None)


async def erase_talk(db: Database, key: str, keep_text: bool) -> int:
    """
    Take the name out of some talk, and what it said out of the index.

    @return: how many lines; 0: there are no more.
    """
    async with db.transaction():
        found = await rows(db, "SELECT id FROM talk WHERE nick_key = %s ORDER BY id LIMIT %s", (key, PIECE))
        ids = [id for (id,) in found]
        if not ids:
            return 0
        await change(db, "UPDATE talk SET nick = %s, nick_key = '', nonce = '' WHERE id = ANY (%s)", (ERASED_NAME, ids))
        if not keep_text:
            await change(db, "UPDATE talk SET text = %s WHERE id = ANY (%s)", (ERASED_TEXT, ids))
            ((done,),) = await rows(db, "SELECT talk FROM indexed FOR SHARE")
            await put_words(db, "id = ANY (%s) AND id <= %s", (ids, done))
    return len(ids)


async def erase_happenings(db: Database, key: str, keep_text: bool, after: tuple[int, int]) -> tuple[int, int] | None:
    """
    The same in what happened besides.

    @param after: room and number: check what stands behind it. @return: how far it has checked; C{None}: that was all.
    """
    query = "SELECT room, seq, event FROM happening WHERE (room, seq) > (%s, %s) ORDER BY room, seq LIMIT %s FOR UPDATE"
    async with db.transaction():
        found = await rows(db, query, (*after, PIECE))
        for room, seq, text in found:
            new = _without(text, key, keep_text)
            if new is not None:
                await change(db, "UPDATE happening SET event = %s WHERE room = %s AND seq = %s", (new, room, seq))
    return None if len(found) < PIECE else found[-1][:2]


async def erase_facts(db: Database, key: str, keep_text: bool, after: tuple[int, str]) -> tuple[int, str] | None:
    """The same in what holds, but for who is on line: by room and slot."""
    query = """
        SELECT room, name, event FROM slot WHERE NOT presence AND (room, name) > (%s, %s)
        ORDER BY room, name LIMIT %s FOR UPDATE
    """
    async with db.transaction():
        found = await rows(db, query, (*after, PIECE))
        for room, name, text in found:
            new = _without(text, key, keep_text)
            if new is not None:
                await change(db, "UPDATE slot SET event = %s WHERE room = %s AND name = %s", (new, room, name))
    return None if len(found) < PIECE else found[-1][:2]


def _without(text: str, key: str, keep_text: bool) -> str | None:
    event = anonymous(event_of(text, 0), key, keep_text)
    return None if event is None else kept_text(event)


async def erase_mail(db: Database, key: str, keep_text: bool) -> None:
    """What they whispered to people who were absent."""
    if keep_text:
        query = "UPDATE mail SET sender = %s, sender_key = '' WHERE sender_key = %s"
        await change(db, query, (ERASED_NAME, key))
    else:
        await change(db, "DELETE FROM mail WHERE sender_key = %s", (key,))


async def erase_audit(db: Database, key: str) -> None:
    """Why somebody did it, where they did it or it was done to them."""
    query = "UPDATE audit SET detail = '' WHERE (who_key = %(key)s OR target_key = %(key)s) AND detail <> ''"
    await change(db, query, {"key": key})


async def overwrite(db: Database) -> None:
    """Let the space of what was changed be used again, so that it is overwritten: until then it is in the files."""
    tables = "log talk word happening slot mail audit account token certificate mark"
    for table in tables.split():
        await db.execute(f"VACUUM (SKIP_LOCKED) {table}".encode())
