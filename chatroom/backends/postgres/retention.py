"""
Forgetting: the SQL that deletes what is too old or too much, and rooms that are closed, a piece at a time.

It knows the tables of schema/, and nothing of why something is forgotten.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from chatroom.backends.postgres.driver import Database
from chatroom.backends.postgres.talk import NEVER, change, rows

PIECE = 1000
"""Events that are deleted in one transaction, or checked at once for their age."""


class Bound(NamedTuple):
    """
    What goes from a room: up to which number.

    @ivar all: of everything. @ivar others: of what is not talk.
    """

    all: int
    others: int


async def open_rooms(db: Database) -> Sequence[int]:
    """The ids of all rooms that are not closed."""
    return [id for (id,) in await rows(db, "SELECT id FROM room WHERE NOT closed")]


_OLDEST = """
    (SELECT seq, at FROM talk WHERE room = %(room)s ORDER BY seq LIMIT %(piece)s)
    UNION ALL
    (SELECT seq, at FROM happening WHERE room = %(room)s ORDER BY seq LIMIT %(piece)s)
    ORDER BY seq LIMIT %(piece)s
"""


async def too_old(db: Database, room: int, older_than: float | None, bound: Bound | None) -> Bound | None:
    """
    Where to cut next, by time. What lies before something that is too old goes with it, whatever time it says.

    @param bound: what is cut anyhow.
    @return: C{None}: nothing more has to go.
    """
    if older_than is not None:
        query = f"SELECT max(seq) FROM ({_OLDEST}) AS oldest WHERE at < %(older_than)s"
        values = {"room": room, "older_than": round(older_than * 1000), "piece": PIECE}
        ((found,),) = await rows(db, query, values)
        if found is not None:
            bound = Bound(found, found) if bound is None else Bound(max(found, bound.all), max(found, bound.others))
    return bound


async def too_many(db: Database, room: int, keep_talk: int | None, keep_others: int | None) -> Bound | None:
    """
    Where to cut by number.

    @return: C{None}: nowhere.
    """
    talk, others = await _beyond(db, "talk", room, keep_talk), await _beyond(db, "happening", room, keep_others)
    return Bound(talk, max(talk, others)) if talk or others else None


async def _beyond(db: Database, table: str, room: int, keep: int | None) -> int:
    """The newest number that is one too many, or 0."""
    if keep is None:
        return 0
    query = f"SELECT seq FROM {table} WHERE room = %s ORDER BY seq DESC LIMIT 1 OFFSET %s"
    found = await rows(db, query, (room, keep))
    return int(found[0][0]) if found else 0


async def forget(db: Database, room: int, bound: Bound) -> int:
    """
    Forget a piece of what comes before a bound, the oldest first.

    @return: how many events were forgotten; 0: there is no more.
    """
    which = "SELECT id FROM talk WHERE room = %s AND seq <= %s ORDER BY seq LIMIT %s"
    async with db.transaction():
        await change(db, f"DELETE FROM word WHERE talk IN ({which})", (room, bound.all, PIECE))
        gone = await change(db, f"DELETE FROM talk WHERE id IN ({which})", (room, bound.all, PIECE))
    if gone:
        return gone
    which = "SELECT seq FROM happening WHERE room = %s AND seq <= %s ORDER BY seq LIMIT %s"
    query = f"DELETE FROM happening WHERE room = %s AND seq IN ({which})"
    return await change(db, query, (room, room, bound.others, PIECE))


async def sweep(db: Database) -> bool:
    """Delete some of a closed room. False: there is none."""
    ((found,),) = await rows(db, "SELECT min(id) FROM room WHERE closed")
    if found is None:
        return False
    if not await forget(db, found, Bound(NEVER, NEVER)):
        await change(db, "DELETE FROM room WHERE id = %s AND closed", (found,))
    return True


async def trim(db: Database) -> int:
    """
    Delete what all nodes have read from the log.

    @return: how many turns.
    """
    query = "DELETE FROM log WHERE pos <= least((SELECT min(least(read, handed)) FROM node), (SELECT pos FROM server))"
    return await change(db, query)
