"""
Who takes part: the SQL of nodes, their leases, and the burial of those that died.

A lease ends by the clock of the database alone. It knows the tables of schema/, and nothing of when it is called.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from chatroom.backends.postgres.driver import Database
from chatroom.backends.postgres.errors import Evicted
from chatroom.backends.postgres.talk import change, rows
from chatroom.errors import Refused
from chatroom.events import KINDS_VERSION

HANDING_OVER = 60.0
"""Seconds for which nobody buries a node whose process is about to be replaced."""

SILENCE = 1.5
"""Seconds without a beat after which a node is dead whose process has let go of its sign of life."""

_SIGN = 0x63686E64
"""The first key of C{pg_advisory_lock} for the sign of life of a node; the second is its epoch."""


_SHOWS_A_SIGN = f"""
    EXISTS (
        SELECT FROM pg_locks WHERE locktype = 'advisory' AND classid = {_SIGN} AND objsubid = 2
        AND objid = mod(node.epoch, 2147483647)::integer::oid
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    )
"""
"""Whose process is there, and has a connection."""

_SIGNLESS = f"(handed IS NULL AND NOT {_SHOWS_A_SIGN})"
"""Who shows no sign of life. One that is handed over may not."""


class NodePlace(NamedTuple):
    """
    Where a node stands once it takes part.

    @ivar epoch: its own. @ivar pos: the last turn that its snapshot holds.
    @ivar before: the epoch of the process that has handed over, or 0. @ivar handed: the last turn that it has told.
    @ivar others: nodes that live, and their settings. @ivar lost: nodes that this one has to bury.
    """

    epoch: int
    pos: int
    before: int
    handed: int
    others: Mapping[str, str]
    lost: Sequence[str]


async def lock(db: Database) -> int:
    """Until the transaction ends, nobody keeps anything. @return: the last turn that was kept."""
    ((pos,),) = await rows(db, "SELECT pos FROM server WHERE id = 0 FOR UPDATE")
    return int(pos)


async def next_epoch(db: Database) -> int:
    """One that no node has had."""
    ((epoch,),) = await rows(db, "SELECT nextval('epoch')")
    return int(epoch)


async def show(db: Database, epoch: int) -> None:
    """
    Show for as long as this connection lasts that the process is there: the kernel closes it when the process dies.
    """
    await rows(db, "SELECT pg_try_advisory_lock(%s, mod(%s, 2147483647)::integer)", (_SIGN, epoch))


async def enter(
    db: Database, name: str, settings: str, lease: float, takes_over: bool, epoch: int, told: int | None = None
) -> NodePlace:
    """
    Take part, in a transaction that the caller ends. With no other node alive, nobody is online.

    @param epoch: this node's: see L{next_epoch}.
    @param told: the last turn that this process has told as that node, before another one was to take it over.
        C{None}: it has told none, and the one before has written down which was its last.

    @raise Refused: there is a node of this name, or with C{takes_over} there is none any more.
    """
    pos = await lock(db)
    others = await _living(db, name, lease)
    same = await rows(db, "SELECT epoch, coalesce(handed, %s) FROM node WHERE name = %s FOR UPDATE", (pos, name))
    if takes_over and same:
        ((before, handed),) = same
        handed = handed if told is None else told
        await _take_over(db, name, before, epoch, settings, lease)
        return NodePlace(epoch, pos, before, handed, others, await _inherit(db, epoch))
    if takes_over and others:
        raise Refused(f"The node {name} was away for too long: the others say goodbye for its people.")
    if others and (same or await rows(db, "SELECT FROM burial WHERE name = %s", (name,))):
        raise Refused(f"There is already a node called {name}.")
    if not others:
        if await rows(db, "SELECT FROM node WHERE name = %s AND until > clock_timestamp()", (name,)):
            raise Refused(f"There is already a node called {name}.")
        for table in ("node", "burial", "claim"):
            await change(db, f"DELETE FROM {table}")
        await change(db, "DELETE FROM slot WHERE presence")
    query = """
        INSERT INTO node (name, epoch, until, read, version, settings)
        VALUES (%s, %s, clock_timestamp() + make_interval(secs => %s), %s, %s, %s)
    """
    await change(db, query, (name, epoch, lease, pos, KINDS_VERSION, settings))
    return NodePlace(epoch, pos, 0, pos, others, await _inherit(db, epoch))


async def _take_over(db: Database, name: str, before: int, epoch: int, settings: str, lease: float) -> None:
    query = """
        UPDATE node SET epoch = %s, version = %s, settings = %s, beat = clock_timestamp(),
            until = clock_timestamp() + make_interval(secs => %s)
        WHERE name = %s
    """
    await change(db, query, (epoch, KINDS_VERSION, settings, lease, name))
    await change(db, "UPDATE held SET epoch = %s WHERE epoch = %s", (epoch, before))
    await change(db, "UPDATE burial SET executor = %s WHERE executor = %s", (epoch, before))


async def _living(db: Database, but: str, lease: float) -> dict[str, str]:
    """
    While the database was down, nobody could beat: they have a lease from its start, and those that show a sign of life
    are alive, as a standby that was promoted had been started long before.
    """
    query = f"""
        SELECT name, settings FROM node WHERE name <> %s AND (clock_timestamp()
            < greatest(until, pg_postmaster_start_time() + make_interval(secs => %s)) OR {_SHOWS_A_SIGN})
    """
    return dict(await rows(db, query, (but, lease)))


class Pulse(NamedTuple):
    """
    What a beat learns.

    @ivar time: of the database, in seconds since 1970. @ivar nodes: how many live. @ivar pos: the last turn of all.
    @ivar waiting: how many connections of nodes wait for a lock. @ivar kinds: the version of the kinds of events that
        all nodes know.
    """

    time: float
    nodes: int
    pos: int
    waiting: int
    kinds: int = KINDS_VERSION


async def beat(db: Database, me: int, read: int, lease: float, settled: bool) -> Pulse:
    """
    Go on for another lease.

    @param read: this node has told all up to this turn. @param settled: no process goes on any more from where it was
        handed over.
    @raise Evicted: this node was buried.
    """
    found = await rows(
        db,
        """
        UPDATE node SET
            until = greatest(until, clock_timestamp() + make_interval(secs => %s)),
            beat = clock_timestamp(),
            read = greatest(read, %s),
            handed = CASE WHEN %s THEN NULL ELSE handed END
        WHERE epoch = %s RETURNING extract(epoch FROM clock_timestamp())::float8, (SELECT count(*) FROM node),
            (SELECT pos FROM server),
            (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
                AND wait_event_type = 'Lock' AND application_name LIKE 'chatroom %%'),
            (SELECT min(version) FROM node)
        """,
        (lease, read, settled, me),
    )
    if not found:
        raise Evicted
    return Pulse(*found[0])


class NodeFacts(NamedTuple):
    """
    A node, for an operator.

    @ivar state: C{alive}, C{late} (it has not beaten for a while), C{handed over} or C{lost}.
    @ivar beat: seconds since it last extended its lease. @ivar lease: seconds that are left of it.
    @ivar behind: turns that it has not told yet, as it said in its last beat.
    @ivar people: how many are online through it.
    """

    name: str
    state: str
    beat: float
    lease: float
    behind: int
    people: int


async def survey(db: Database) -> Sequence[NodeFacts]:
    """All nodes, and those that are lost and not buried yet."""
    query = f"""
        SELECT name,
            CASE WHEN handed IS NOT NULL AND beat < clock_timestamp() - make_interval(secs => {SILENCE})
                THEN 'handed over'
                WHEN beat < clock_timestamp() - make_interval(secs => {SILENCE}) THEN 'late' ELSE 'alive' END,
            extract(epoch FROM clock_timestamp() - beat)::float8,
            extract(epoch FROM until - clock_timestamp())::float8,
            (SELECT pos FROM server) - read,
            (SELECT count(*) FROM held WHERE held.epoch = node.epoch)
        FROM node
        UNION ALL
        SELECT name, 'lost', 0, 0, 0, (SELECT count(*) FROM held WHERE held.epoch = burial.epoch) FROM burial
        ORDER BY 1
    """
    return [NodeFacts(*row) for row in await rows(db, query)]


_DEAD = f"""
    (until < clock_timestamp() OR (beat < clock_timestamp() - make_interval(secs => {SILENCE}) AND {_SIGNLESS}))
"""
"""Whose lease is over, or who shows no sign of life and has not beaten for a while."""


async def next_burial(db: Database, me: int, known: Sequence[str]) -> float | None:
    """
    When somebody has to be buried: in so many seconds, 0 or less for now. C{None}: everyone shows a sign of life.

    @param known: those whose executor this node is, as far as it knows. It is also that of others if the answer to
        L{bury} was lost, or if the process before it was.
    """
    query = f"""
        SELECT CASE WHEN EXISTS (SELECT FROM node WHERE {_DEAD} AND epoch <> %s)
            OR EXISTS (SELECT FROM burial WHERE executor NOT IN (SELECT epoch FROM node))
            OR EXISTS (SELECT FROM burial WHERE executor = %s AND name <> ALL (%s)) THEN 0.0
            ELSE (
                SELECT {SILENCE} - extract(epoch FROM clock_timestamp() - min(beat))::float8 FROM node
                WHERE {_SIGNLESS} AND epoch <> %s
            ) END
    """
    ((seconds,),) = await rows(db, query, (me, me, list(known), me))
    return None if seconds is None else float(seconds)


async def bury(db: Database, me: int) -> tuple[Sequence[str], int]:
    """
    Bury those that are dead, and become the executor of all who have none.

    @return: whose executor this node is now, and the last turn that any of them can have kept.
    @raise Evicted: this node was buried itself.
    """
    async with db.transaction():
        pos = await lock(db)
        if not await rows(db, "SELECT FROM node WHERE epoch = %s", (me,)):
            raise Evicted
        query = f"""
            WITH dead AS (DELETE FROM node WHERE {_DEAD} AND epoch <> %s RETURNING name, epoch)
            INSERT INTO burial (epoch, name, executor) SELECT epoch, name, 0 FROM dead
        """
        await change(db, query, (me,))
        return await _inherit(db, me), pos


async def _inherit(db: Database, me: int) -> Sequence[str]:
    """Become the executor of those that have none alive. @return: the names of all whose executor this node is."""
    await change(db, "UPDATE burial SET executor = %s WHERE executor NOT IN (SELECT epoch FROM node)", (me,))
    return [name for (name,) in await rows(db, "SELECT name FROM burial WHERE executor = %s", (me,))]


async def end_burial(db: Database, me: int, name: str) -> None:
    """All its people were said goodbye to: its names are free. It does nothing unless this node is its executor."""
    async with db.transaction():
        for (epoch,) in await rows(db, "SELECT epoch FROM burial WHERE name = %s AND executor = %s", (name, me)):
            await let_go(db, epoch)
            await change(db, "DELETE FROM burial WHERE epoch = %s", (epoch,))


async def free(db: Database, me: int, name: str, keys: Sequence[str]) -> None:
    """These names of a node in burial are free. It does nothing unless this node is its executor."""
    query = "SELECT release_1(epoch, %s::text[]) FROM burial WHERE name = %s AND executor = %s"
    await rows(db, query, (list(keys), name, me))


async def let_go(db: Database, epoch: int) -> None:
    """Free all nicknames of a node."""
    await change(db, "SELECT release_1(%s, array(SELECT key FROM held WHERE epoch = %s))", (epoch, epoch))


async def leave(db: Database, me: int, read: int, handing_over: bool) -> None:
    """Take part no more, or let another process go on as this node."""
    async with db.transaction():
        await lock(db)
        if handing_over:
            until = "clock_timestamp() + make_interval(secs => %s)"
            query = f"UPDATE node SET until = {until}, handed = %s WHERE epoch = %s"
            await change(db, query, (HANDING_OVER, read, me))
        else:
            await let_go(db, me)
            await change(db, "DELETE FROM node WHERE epoch = %s", (me,))


async def claim(db: Database, me: int, key: str, holder: str) -> bool:
    """Hold a nickname. False: another holder has it."""
    ((held,),) = await rows(db, "SELECT claim_1(%s, %s, %s)", (me, key, holder))
    return bool(held)


async def release(db: Database, me: int, key: str) -> bool:
    """Hold a nickname no more. @return: nobody does."""
    await rows(db, "SELECT release_1(%s, ARRAY[%s])", (me, key))
    return await is_free(db, key)


async def is_free(db: Database, key: str) -> bool:
    """Whether nobody holds it."""
    return not await rows(db, "SELECT FROM claim WHERE key = %s", (key,))


async def claim_all(db: Database, me: int, holders: Mapping[str, str]) -> Sequence[str]:
    """
    Hold these nicknames and no others. The process that does so is the node: no other goes on from where it was handed
    over.

    @return: those that another holder has.
    """
    keys = sorted(holders)
    async with db.transaction():
        await let_go(db, me)
        await change(db, "UPDATE node SET handed = NULL WHERE epoch = %s", (me,))
        found = await rows(
            db,
            "SELECT key FROM unnest(%s::text[], %s::text[]) AS wanted (key, holder) WHERE NOT claim_1(%s, key, holder)",
            (keys, [holders[key] for key in keys], me),
        )
    return [key for (key,) in found]
