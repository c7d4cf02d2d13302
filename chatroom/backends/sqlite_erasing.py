"""
In which order somebody is erased from the database, and in which thread. It knows lanes, and the work on them by name.
"""

from __future__ import annotations

from chatroom.backends import sqlite_erase as sql
from chatroom.backends.ledger import Ledger
from chatroom.backends.sqlite_search import PIECE
from chatroom.backends.sqlite_thread import Lane


async def erase(write: Lane, read: Lane, ledger: Ledger, key: str, keep_text: bool) -> int:
    """
    Take a name out of history, facts and inboxes. Between two pieces of it, others may write.

    @return: how many lines there were.
    @raise NotKept: what was not reached is there still; it has to be done again.
    """
    last, rooms = await write.do(sql.extent)
    lines = 0
    for look in range(0, last, sql.LOOK):
        nicks = sorted(await read.do(sql.spellings, key, look))
        for piece in range(look, min(look + sql.LOOK, last), PIECE) if nicks else ():
            lines += await write.do(sql.erase_talk, nicks, keep_text, piece)
    for room in rooms:
        after: int | None = 0
        while after is not None:
            after = await write.do(sql.erase_happenings, key, keep_text, room, after)
    facts = [(room.id, slot, event) for room, slot, event in ledger.erase(key, keep_text) if room.stored]
    await write.do(sql.erase_facts, facts)
    await write.do(sql.erase_mail, sorted(await read.do(sql.senders, key)), keep_text)
    while await write.do(sql.put_index_together):
        pass
    await write.do(sql.empty_log)
    return lines
