"""
Inboxes: their SQL. It knows the table C{mail} of schema/ and the record, and nothing of who writes or reads.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from chatroom.backends import refusals
from chatroom.backends.postgres.driver import Database
from chatroom.backends.postgres.people import lock
from chatroom.backends.postgres.talk import NEVER, change, place, rows
from chatroom.folding import fold
from chatroom.records import Mail, fitting

_MAIL = "SELECT at, sender, account, text, id, read FROM mail"


async def post(db: Database, mail: Mail, room: int) -> int:
    """
    Put a whisper into an inbox.

    @return: how many unread ones there are now.
    @raise LimitReached: it has C{room} or more already.
    """
    async with db.transaction():
        await lock(db, "mail", mail.to)
        unread = await waiting(db, mail.to)
        if unread >= room:
            raise refusals.full_inbox(mail.to)
        values = (mail.to, mail.at, mail.sender, fold(mail.sender), mail.text)
        await change(db, "INSERT INTO mail (account, at, sender, sender_key, text) VALUES (%s, %s, %s, %s, %s)", values)
    return unread + 1


async def waiting(db: Database, account: str) -> int:
    """How many unread whispers there are."""
    ((count,),) = await rows(db, "SELECT count(*) FROM mail WHERE account = %s AND NOT read", (account,))
    return int(count)


async def take_mail(db: Database, account: str, limit: int, size: int) -> Sequence[Mail]:
    """The oldest unread whispers, which are read from now on."""
    async with db.transaction():
        await lock(db, "mail", account)
        query = f"{_MAIL} WHERE account = %s AND NOT read ORDER BY id LIMIT %s"
        taken = [replace(Mail(*row), read=True) for row in await rows(db, query, (account, limit))]
        taken = taken[: fitting(taken, limit, size)]
        if taken:
            await change(db, "UPDATE mail SET read = true WHERE account = %s AND id <= %s", (account, taken[-1].id))
    return taken


async def letters(db: Database, account: str, after: int, limit: int) -> Sequence[Mail]:
    """Whispers, read or not, oldest first."""
    query = f"{_MAIL} WHERE account = %s AND id > %s ORDER BY id LIMIT %s"
    return [Mail(*row) for row in await rows(db, query, (account, place(after, 0), limit))]


async def read_mail(db: Database, account: str, before: int | None, limit: int) -> Sequence[Mail]:
    """Whispers already read, oldest first."""
    query = f"{_MAIL} WHERE account = %s AND read AND id < %s ORDER BY id DESC LIMIT %s"
    found = await rows(db, query, (account, place(before, NEVER), limit))
    return [Mail(*row) for row in reversed(found)]
