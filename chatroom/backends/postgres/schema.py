"""
The schema: a row of steps, schema/001.sql and on, each made once and never edited after a release.

Every step only adds: daemons of the version before go on beside those that have taken it. A function that changes
gets a new name. It knows steps, and nothing of what the tables are for.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources

from chatroom.backends.postgres.driver import Database
from chatroom.backends.postgres.talk import change, rows
from chatroom.errors import Refused

_LOCK = 0x63686174
"""Of C{pg_advisory_xact_lock}: so that two daemons that start at once take no step twice."""


def steps() -> Sequence[str]:
    """The steps of schema/, in order."""
    folder = resources.files(__package__ or "") / "schema"
    found = sorted((each for each in folder.iterdir() if each.name.endswith(".sql")), key=lambda each: each.name)
    return [each.read_text("utf-8") for each in found]


async def take_steps(db: Database, where: str, made: Sequence[str]) -> None:
    """
    Take the steps that this database lacks, all of them or none.

    @param where: its name, for sentences. @param made: all steps there are.
    @raise Refused: it has more steps than this version knows.
    """
    async with db.transaction():
        await rows(db, "SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        version = await version_of(db)
        if version is None:
            version = 0
            await db.execute("CREATE TABLE schema_version (version integer NOT NULL)")
            await db.execute("INSERT INTO schema_version VALUES (0)")
        if version > len(made):
            raise Refused(
                f"The database {where} has version {version}, but this chatroom knows versions up to {len(made)}. "
                "Start the newer chatroom that made it, or go back to a backup."
            )
        for step in made[version:]:
            await db.execute(step.encode())
        if version < len(made):
            await change(db, "UPDATE schema_version SET version = %s", (len(made),))


async def version_of(db: Database) -> int | None:
    """How many steps it has; C{None}: it is no database of chatroom's yet."""
    ((there,),) = await rows(db, "SELECT to_regclass('schema_version') IS NOT NULL")
    if not there:
        return None
    ((version,),) = await rows(db, "SELECT version FROM schema_version")
    return int(version)
