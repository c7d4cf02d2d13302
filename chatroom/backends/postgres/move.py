"""
A server that moves from SQLite into PostgreSQL: all that is kept, in one transaction, and a look whether both tell the
same. It knows both schemas, and nothing of who asked.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from functools import partial
from typing import Any, NamedTuple

from chatroom.backends.address import shown
from chatroom.backends.postgres.driver import Database, run_at_once
from chatroom.backends.postgres.schema import steps, take_steps
from chatroom.backends.postgres.server import check, conninfo_of
from chatroom.backends.postgres.talk import change, rows
from chatroom.backends.postgres.turn import kept_text
from chatroom.errors import Refused
from chatroom.events import RoomEvent
from chatroom.folding import fold
from chatroom.wire import loads

Row = tuple[Any, ...]


class MovedTable(NamedTuple):
    """
    One table on its way.

    @ivar name: in both databases. @ivar columns: of PostgreSQL's. @ivar read: the query for SQLite.
    @ivar made: a row of PostgreSQL's of one of SQLite's. @ivar order: which columns give the rows an order.
    """

    name: str
    columns: str
    read: str
    made: Callable[..., Row]
    order: str


def _same(*row: Any) -> Row:
    return row


def _fact(id: int, room: int, name: str, text: str) -> Row:
    event = loads(text, newer=True)
    return id, room, name, False, kept_text(event), event.seq if isinstance(event, RoomEvent) else 0


def _happening(room: int, seq: int, at: int, text: str) -> Row:
    return room, seq, at, kept_text(loads(text, newer=True))


def _line(id: int, room: int, seq: int, at: int, kind: str, nick: str, text: str, nonce: str, bot: int) -> Row:
    return id, room, seq, at, kind, nick, fold(nick), text, nonce, bool(bot)


def _letter(id: int, account: str, at: float, sender: str, text: str, read: int) -> Row:
    return id, account, at, sender, fold(sender), text, bool(read)


def _account(*row: Any) -> Row:
    key, name, password, created, ignored, role, disabled, zone, bot = row
    return key, name, password, created, json.dumps(json.loads(ignored)), role, bool(disabled), zone, bool(bot)


def _token(*row: Any) -> Row:
    *begun, kept, service = row
    return *begun, bool(kept), service


_OPEN = "room IN (SELECT id FROM room WHERE NOT closed)"
_LAST = """
    max(last, (SELECT coalesce(max(seq), 0) FROM talk WHERE talk.room = room.id),
        (SELECT coalesce(max(seq), 0) FROM happening WHERE happening.room = room.id))
"""

TABLES = (
    MovedTable(
        "room", "id, name, last", f"SELECT id, name, {_LAST} FROM room WHERE NOT closed ORDER BY id", _same, "id"
    ),
    MovedTable(
        "slot",
        "id, room, name, presence, event, seq",
        f"SELECT id, room, name, event FROM slot WHERE {_OPEN} ORDER BY id",
        _fact,
        "id",
    ),
    MovedTable(
        "talk",
        "id, room, seq, at, kind, nick, nick_key, text, nonce, bot",
        f"SELECT id, room, seq, at, kind, nick, text, nonce, bot FROM talk WHERE {_OPEN} ORDER BY id",
        _line,
        "id",
    ),
    MovedTable(
        "happening",
        "room, seq, at, event",
        f"SELECT room, seq, at, event FROM happening WHERE {_OPEN} ORDER BY room, seq",
        _happening,
        "room, seq",
    ),
    MovedTable(
        "account",
        "key, name, password, created, ignored, role, disabled, zone, bot",
        "SELECT key, name, password, created, ignored, role, disabled, zone, bot FROM account ORDER BY key",
        _account,
        "key",
    ),
    MovedTable(
        "token",
        "id, digest, account, created, used, expires, label, kept, service",
        "SELECT id, digest, account, created, used, expires, label, kept, service FROM token ORDER BY id",
        _token,
        "id",
    ),
    MovedTable(
        "certificate",
        "fingerprint, account, added, used",
        "SELECT fingerprint, account, added, used FROM certificate ORDER BY fingerprint",
        _same,
        "fingerprint",
    ),
    MovedTable(
        "mail",
        "id, account, at, sender, sender_key, text, read",
        "SELECT id, account, at, sender, text, read FROM mail ORDER BY id",
        _letter,
        "id",
    ),
    MovedTable("mark", "account, room, seq", "SELECT * FROM mark ORDER BY account, room", _same, "account, room"),
    MovedTable(
        "audit",
        "id, at, who, who_key, target_key, act, target, detail",
        "SELECT id, at, who, who_key, target_key, act, target, detail FROM audit ORDER BY id",
        _same,
        "id",
    ),
)


def import_into(old: sqlite3.Connection, url: str) -> dict[str, int]:
    """
    The same by a URL, in the caller's thread: see L{move}.

    @raise Refused: also where the database cannot be used. @raise psycopg.Error: it cannot be reached.
    """
    return run_at_once(conninfo_of(url, "import"), partial(_into, old, url))


async def _into(old: sqlite3.Connection, url: str, db: Database) -> dict[str, int]:
    await db.set_autocommit(True)
    await check(db, url)
    await take_steps(db, shown(url), steps())
    return await move(old, db)


async def move(old: sqlite3.Connection, db: Database) -> dict[str, int]:
    """
    Copy all there is.

    @param db: has the newest schema, and nothing in it.
    @return: how many rows of each table. @raise Refused: there is a server already, or both do not tell the same.
    """
    async with db.transaction():
        await rows(db, "SELECT pos FROM server FOR UPDATE")
        ((used,),) = await rows(db, "SELECT EXISTS (SELECT FROM room) OR EXISTS (SELECT FROM account)")
        if used:
            raise Refused("This database already holds a server. Create an empty one with createdb.")
        counts = {table.name: await _copy(old, db, table) for table in TABLES}
        for table in TABLES:
            if await _digest_of(_rows_of(db, table)) != _digest(_made(old, table)):
                raise Refused(f"The table {table.name} is not the same in both databases. Nothing was imported.")
    return counts


async def _copy(old: sqlite3.Connection, db: Database, table: MovedTable) -> int:
    count = 0
    async with db.cursor() as cursor, cursor.copy(f"COPY {table.name} ({table.columns}) FROM STDIN".encode()) as copy:
        for row in _made(old, table):
            await copy.write_row(row)
            count += 1
    if table.columns.startswith("id,"):
        sequence = f"pg_get_serial_sequence('{table.name}', 'id')"
        await change(db, f"SELECT setval({sequence}, greatest(1, (SELECT max(id) FROM {table.name})))")
    return count


def _made(old: sqlite3.Connection, table: MovedTable) -> Iterator[Row]:
    return (table.made(*row) for row in old.execute(table.read))


async def _rows_of(db: Database, table: MovedTable) -> AsyncIterator[Row]:
    cursor = await db.execute(f"SELECT {table.columns} FROM {table.name} ORDER BY {table.order}".encode())
    while found := await cursor.fetchmany(1000):
        for row in found:
            yield row


def _digest(found: Iterable[Row]) -> str:
    digest = hashlib.sha256()
    for row in found:
        digest.update(repr(_plain(row)).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


async def _digest_of(found: AsyncIterator[Row]) -> str:
    digest = hashlib.sha256()
    async for row in found:
        digest.update(repr(_plain(row)).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def _plain(row: Row) -> Row:
    """Numbers as one kind, as SQLite may give a whole time as an integer."""
    return tuple(float(cell) if isinstance(cell, int | float) and not isinstance(cell, bool) else cell for cell in row)
