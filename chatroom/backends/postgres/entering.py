"""
How a node begins to take part: what is checked, the schema, and its snapshot.

It knows in which order this is done, and nothing of what happens afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import psycopg
from twisted.internet.interfaces import IReactorTime

from chatroom.backends.address import shown
from chatroom.backends.postgres import node, server
from chatroom.backends.postgres.driver import Database
from chatroom.backends.postgres.link import DatabaseLink, pause
from chatroom.backends.postgres.links import Links
from chatroom.backends.postgres.schema import take_steps
from chatroom.backends.postgres.talk import facts, lasts, rows
from chatroom.backends.postgres.turn import events_of
from chatroom.events import Event
from chatroom.records import StartState

TRIES, PAUSE = 10, 0.1
"""How often, and each how many seconds later, one looks whether a notification has come."""


async def check(links: Links, url: str, steps: Sequence[str], clock: IReactorTime) -> None:
    """
    Whether the database can be used; where it is new, its tables are made.

    @raise Refused: it cannot. @raise psycopg.Error: it cannot be reached.
    """
    await links.write.once(partial(server.check, url=url))
    await links.write.once(partial(take_steps, where=shown(url), made=steps))
    await links.wake.once(_nothing)
    if await links.write.once(_is_pooled):
        await _check_is_heard(links, url, clock)


async def _nothing(db: Database) -> None:
    """It is connected, and listens."""


async def _is_pooled(db: Database) -> bool:
    """Whether it is another process that answers than the one that was connected to."""
    ((pid,),) = await rows(db, "SELECT pg_backend_pid()")
    return int(pid) != db.pgconn.backend_pid


async def _check_is_heard(links: Links, url: str, clock: IReactorTime) -> None:
    """@raise Refused: what one connection notifies does not reach another one that waits."""
    links.wake.news.clear()
    await links.write.once(_notify)
    for _ in range(TRIES):
        if links.wake.news:
            return
        await pause(clock, PAUSE)
    server.check_is_direct(url, bool(links.wake.news))


async def _notify(db: Database) -> None:
    await rows(db, "SELECT pg_notify(channel, '') FROM server")


async def sign_of_life(link: DatabaseLink) -> int:
    """
    Let the connection of the lease show that this process is there, now and whenever it is made again.

    @return: the epoch of this node.
    """
    epoch = await link.once(node.next_epoch)
    link.prepare = partial(node.show, epoch=epoch)
    await link.once(link.prepare)
    return epoch


async def enter(
    db: Database, name: str, settings: str, lease: float, takes_over: bool, epoch: int, told: int | None = None
) -> tuple[node.NodePlace, StartState]:
    """
    Take part, and learn what holds, in one transaction.

    @param told: see L{node.enter}.
    @raise Refused: see L{node.enter}.
    """
    async with db.transaction():
        place = await node.enter(db, name, settings, lease, takes_over, epoch, told)
        missed = await _missed(db, place)
        state = StartState(await facts(db), await lasts(db), nodes=place.others, missed=missed, lost=tuple(place.lost))
    return place, state


async def _missed(db: Database, place: node.NodePlace) -> tuple[Event, ...]:
    """What other nodes have kept since the process before told its last turn."""
    if not place.before:
        return ()
    query = "SELECT body, seqs FROM log WHERE pos > %s AND epoch <> %s ORDER BY pos"
    found = await rows(db, query, (place.handed, place.before))
    return tuple(event for body, seqs in found for event in events_of(body, seqs))


def why(error: psycopg.Error) -> str:
    """What libpq says, on one line, without its end."""
    return " ".join(str(error).split()).rstrip(".")
