"""
In which order somebody is erased from the database, and in which thread. It knows lanes, and the work on them by name.
"""

from __future__ import annotations

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger

from chatroom.backends.ledger import Ledger
from chatroom.backends.sqlite import erase as sql
from chatroom.backends.sqlite.thread import Lane
from chatroom.backends.sqlite.watch import checkpoint

log = Logger()

PAUSE = 0.25
"""Seconds until it is tried again to empty the log."""

TRIES = 240
"""So often: a minute."""


async def drop(write: Lane, key: str) -> bool:
    """
    Take an account away; its inbox first, which may be long.

    @return: whether there was one. @raise NotKept: it is there still.
    """
    while await write.slice(sql.drop_letters, key):
        pass
    return await write.do(sql.drop_account, key)


async def erase(
    write: Lane, read: Lane, tidy: Lane, ledger: Ledger, clock: IReactorTime, key: str, keep_text: bool
) -> int:
    """
    Take a name out of history, facts and inboxes. Between two slices of it, others may write.

    @return: how many lines there were.
    @raise NotKept: what was not reached is there still; it has to be done again.
    """
    last, rooms = await write.do(sql.extent)
    lines = 0
    for look in range(0, last, sql.LOOK):
        nicks = sorted(await read.do(sql.spellings, key, look))
        at, end = look, min(look + sql.LOOK, last)
        while nicks and at < end:
            found, at = await write.slice(sql.erase_talk, nicks, keep_text, at, end)
            lines += found
    for room in rooms:
        after: int | None = 0
        while after is not None:
            after = await write.slice(sql.erase_happenings, key, keep_text, room, after)
    await _erase_from_facts(write, ledger, key, keep_text)
    senders = sorted(await read.do(sql.senders, key))
    after = 0 if senders else None
    while after is not None:
        after = await write.slice(sql.erase_mail, senders, keep_text, after)
    if not keep_text:
        while await write.slice(sql.erase_audit, key):
            pass
    while await write.slice(sql.merge_all):
        pass
    await tidy.do(checkpoint)  # most of the log, without the writing thread
    await _empty_log(write, clock)
    return lines


async def _empty_log(write: Lane, clock: IReactorTime) -> None:
    """What was there is in the log as well, for as long as somebody reads it."""
    for _ in range(TRIES):
        if await write.do(sql.empty_log):
            return
        pause: Deferred[None] = Deferred()
        clock.callLater(PAUSE, pause.callback, None)
        await pause
    log.warn("Another program keeps reading the database: erased data stays in its log until that program stops.")


async def _erase_from_facts(write: Lane, ledger: Ledger, key: str, keep_text: bool) -> None:
    facts = [(room.id, slot, event) for room, slot, event in ledger.erase(key, keep_text) if room.stored]
    while facts:
        facts = facts[await write.slice(sql.erase_facts, facts) :]
