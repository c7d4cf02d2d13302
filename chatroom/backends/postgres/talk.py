"""
Rooms and what happened in them: the SQL of snapshots and history.

It knows the tables of schema/ and how events are written down, and nothing of nodes or who reads.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chatroom.backends.postgres.driver import Database
from chatroom.backends.postgres.errors import storable
from chatroom.backends.postgres.turn import event_of, events_kept, talk_of
from chatroom.events import SERVER, Event, RoomEvent
from chatroom.records import AROUND, OTHERS

NEVER = 2**62
"""More than any number ever given."""


def place(number: int | None, otherwise: int) -> int:
    """A number that somebody gave as a place in history, or C{otherwise}, within what a bigint can hold."""
    return otherwise if number is None else max(-1, min(number, NEVER))


async def rows(db: Database, query: str, values: Any = ()) -> list[tuple[Any, ...]]:
    """All rows of a query, which stays prepared."""
    cursor = await db.execute(query, values, prepare=True)
    found: list[tuple[Any, ...]] = await cursor.fetchall()
    return found


def numbers_of(array: bytes) -> list[int]:
    """Numbers as PostgreSQL writes an array of them, such as C{{1,2}}."""
    return [int(number) for number in array[1:-1].split(b",") if number]


async def change(db: Database, query: str, values: Any = ()) -> int:
    """@return: how many rows it has changed."""
    cursor = await db.execute(query, values, prepare=True)
    changed: int = cursor.rowcount
    return changed


async def barrier(db: Database) -> None:
    """Write what changes nothing: when this returns, all that was kept before is where kept turns have to be."""
    await change(db, "UPDATE server SET pos = pos WHERE id = 0")


async def facts(db: Database) -> tuple[Event, ...]:
    """The last event of every slot, those of the server first, then room by room, in the order they were set."""
    found = await rows(
        db,
        """
        SELECT slot.event, slot.seq FROM slot JOIN room ON room.id = slot.room
        ORDER BY room.name <> %s, room.id, slot.id
        """,
        (SERVER,),
    )
    return events_kept([(text, seq) for text, seq in found])


async def lasts(db: Database) -> dict[str, int]:
    """The last number of each room that ever had one."""
    return dict(await rows(db, "SELECT name, last FROM room WHERE NOT closed AND last > 0"))


_TALK = """
    SELECT seq, at, kind, nick, text, nonce, bot, NULL AS event, %(around)s + octet_length(text) AS weight FROM talk
    WHERE room = (SELECT id FROM room WHERE name = %(room)s AND NOT closed) AND seq > %(after)s AND seq < %(before)s
"""
_OTHERS = """
    SELECT seq, at, NULL, NULL, NULL, NULL, NULL::boolean, event, %(others)s FROM happening
    WHERE room = (SELECT id FROM room WHERE name = %(room)s AND NOT closed) AND seq > %(after)s AND seq < %(before)s
"""
_LAST = "ORDER BY seq {direction} LIMIT %(limit)s"


def _query(talk: bool, size: int | None, direction: str) -> str:
    last = _LAST.format(direction=direction)
    found = f"SELECT * FROM ({_TALK} {last}) AS talk"
    if not talk:
        found = f"{found} UNION ALL SELECT * FROM ({_OTHERS} {last}) AS others {last}"
    if size is None:
        return found
    return f"""
        SELECT * FROM (
            SELECT *, row_number() OVER so_far AS number, sum(weight) OVER so_far - weight AS before
            FROM ({found}) AS found WINDOW so_far AS (ORDER BY seq {direction} ROWS UNBOUNDED PRECEDING)
        ) AS page WHERE number <= 2 OR before <= %(size)s
    """


async def history(
    db: Database, room: str, after: int | None, before: int | None, limit: int, talk: bool, size: int | None = None
) -> Sequence[RoomEvent]:
    """See L{IBackend.history<chatroom.interfaces.IBackend>}."""
    if not storable(room):
        return []
    values = {
        "room": room,
        "after": place(after, -1),
        "before": place(before, NEVER),
        "limit": limit,
        "size": size,
        "around": AROUND,
        "others": OTHERS,
    }
    query = _query(talk, size, "DESC" if after is None else "ASC")
    found = [_event(room, *row[:8]) for row in await rows(db, query, values)]
    found.sort(key=lambda event: event.seq)
    return found


def _event(room: str, seq: int, at: int, *kept: Any) -> RoomEvent:
    *talk, event = kept
    if event is None:
        return talk_of(room, seq, at, *talk)
    made = event_of(event, seq)
    assert isinstance(made, RoomEvent)
    return made


async def talk_count(db: Database, room: str, after: int, before: int, most: int) -> int:
    """See L{IBackend.talk_count<chatroom.interfaces.IBackend>}."""
    if not storable(room):
        return 0
    ((found,),) = await rows(
        db,
        """
        SELECT count(*) FROM (
            SELECT 1 FROM talk WHERE room = (SELECT id FROM room WHERE name = %s AND NOT closed)
            AND seq > %s AND seq < %s LIMIT %s
        ) AS counted
        """,
        (room, place(after, -1), place(before, NEVER), most),
    )
    return int(found)


_NEXT = """
    SELECT seq, at FROM (
        (SELECT seq, at FROM talk WHERE room = %(room)s AND seq >= %(first)s ORDER BY seq LIMIT 1)
        UNION ALL
        (SELECT seq, at FROM happening WHERE room = %(room)s AND seq >= %(first)s ORDER BY seq LIMIT 1)
    ) AS either ORDER BY seq LIMIT 1
"""
"""The first event from a number on: two steps down an index."""

_ENDS = """
    SELECT id, greatest(
        (SELECT max(seq) FROM talk WHERE talk.room = room.id),
        (SELECT max(seq) FROM happening WHERE happening.room = room.id),
        0
    ) FROM room WHERE name = %s AND NOT closed
"""


async def number_at(db: Database, room: str, at: float) -> int | None:
    """See L{IBackend.number_at<chatroom.interfaces.IBackend>}, by a few steps down an index."""
    ends = await rows(db, _ENDS, (room,)) if storable(room) else []
    if not ends:
        return None
    ((id, high),) = ends
    low, found = 0, None
    while low <= high:  # all below low is too early; the answer, if one is known, is above high
        middle = (low + high) // 2
        next = await rows(db, _NEXT, {"room": id, "first": middle})
        if not next:  # it was forgotten meanwhile
            high = middle - 1
        elif next[0][1] / 1000 >= at:
            found, high = int(next[0][0]), middle - 1
        else:
            low = next[0][0] + 1
    return found
