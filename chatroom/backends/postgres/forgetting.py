"""
In which order history is forgotten and somebody is erased, each a piece at a time, on a connection of its own.

It knows the SQL of it by name, and nothing of why it is done.
"""

from __future__ import annotations

from twisted.logger import Logger

from chatroom.backends.postgres import erase as sql
from chatroom.backends.postgres import retention
from chatroom.backends.postgres.driver import Database
from chatroom.backends.postgres.errors import storable
from chatroom.backends.postgres.link import DatabaseLink
from chatroom.backends.postgres.talk import rows

log = Logger()

_EXTENT = "SELECT pg_database_size(current_database())"


async def expire(link: DatabaseLink, older_than: float | None, keep_talk: int | None, keep_others: int | None) -> int:
    """See L{IBackend.expire<chatroom.interfaces.IBackend>}."""
    forgotten = 0
    for room in await link.do(retention.open_rooms):
        many = await link.do(retention.too_many, room, keep_talk, keep_others)
        while bound := await link.do(retention.too_old, room, older_than, many):
            gone = 0
            while piece := await link.do(retention.forget, room, bound):
                gone += piece
            many = None
            forgotten += gone
            if not gone:
                break
    return forgotten


async def shrink(db: Database) -> int:
    """
    Let the space of what was forgotten be used again, and give back what of it stands at the end of a table.

    @return: how many bytes were given back.
    """
    ((before,),) = await rows(db, _EXTENT)
    await sql.overwrite(db)
    ((after,),) = await rows(db, _EXTENT)
    return max(0, int(before) - int(after))


async def erase(link: DatabaseLink, key: str, keep_text: bool) -> int:
    """See L{IBackend.erase<chatroom.interfaces.IBackend>}."""
    if not storable(key):
        return 0
    lines = 0
    while piece := await link.do(sql.erase_talk, key, keep_text):
        lines += piece
    place: tuple[int, int] | None = (0, 0)
    while place is not None:
        place = await link.do(sql.erase_happenings, key, keep_text, place)
    slot: tuple[int, str] | None = (0, "")
    while slot is not None:
        slot = await link.do(sql.erase_facts, key, keep_text, slot)
    await link.do(sql.erase_mail, key, keep_text)
    if not keep_text:
        await link.do(sql.erase_audit, key)
    await link.do(retention.trim)
    await link.do(sql.overwrite)
    log.info(
        "Erased data stays in PostgreSQL's write-ahead log, in its archive and in backups, until those are deleted."
    )
    return lines
