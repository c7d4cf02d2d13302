"""
Faults that make chaos has to find: each takes one rule of docs/adr away from a daemon.
"""

from __future__ import annotations

import os
from typing import Any


def early_own_turns() -> None:
    """A node tells its own turns at once, and not at their place among those of others (docs/adr/0048)."""
    from chatroom.backends.postgres.reader import LogReader

    async def tell(self: Any, pos: int, events: Any) -> None:
        self._own[pos] = ()
        if events:
            self._listener.heard(events)
        self._tell_on()

    LogReader.tell = tell  # type: ignore[method-assign]


def early_names() -> None:
    """The names of a node that is silent are free at once, and not after the goodbye (docs/adr/0044)."""
    from chatroom.backends.postgres import node
    from chatroom.backends.postgres.talk import rows

    due = node.next_burial

    async def next_burial(db: Any, *which: Any) -> float | None:
        silent = "SELECT epoch FROM node WHERE beat < clock_timestamp() - make_interval(secs => 1.2)"
        for (epoch,) in await rows(db, silent):
            await node.let_go(db, epoch)
        return await due(db, *which)

    node.next_burial = next_burial  # type: ignore[assignment]


def early_answers() -> None:
    """A turn is answered before its commit is on the disk and on the standby (docs/adr/0048)."""
    from chatroom.backends.postgres import writer

    keep = writer._keep

    async def keep_early(db: Any, *turn: Any) -> Any:
        await db.execute("SET synchronous_commit = off")
        return await keep(db, *turn)

    writer._keep = keep_early  # type: ignore[assignment]


PLANTS = {"early-own-turns": early_own_turns, "early-names": early_names, "early-answers": early_answers}
"""By the name that make chaos PLANT=... takes."""


def next_version() -> None:
    """
    No fault: the daemon is of a next version, for which a topic is an event of a new kind. While there is a file called
    C{older} in its folder, it is of the version before, which has never heard of topics.
    """
    from chatroom import events

    if os.path.exists("older"):
        del events.KINDS[events.TopicSet.kind]
    else:
        events.TopicSet.since = events.KINDS_VERSION = events.KINDS_VERSION + 1


VERSIONS = {"next-version": next_version}
"""The same, for tests of two versions side by side."""
