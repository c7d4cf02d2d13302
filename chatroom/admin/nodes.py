"""
C{chatroom-admin nodes}: the daemons that share a database, as the database knows them.

It reads the database itself, so it also works while no daemon answers. It knows how they are shown; the SQL is in
L{chatroom.backends.postgres.node}.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from chatroom.backends.address import check_has_no_password, is_shared, shown
from chatroom.errors import Refused

if TYPE_CHECKING:
    from chatroom.backends.postgres.node import NodeFacts


def survey(url: str) -> Sequence[NodeFacts]:
    """
    All daemons on the database.

    @raise ValueError: it cannot be asked; a sentence without its end.
    """
    if not is_shared(url):
        raise ValueError(f"one daemon alone uses {url}. Name a database: chatroom-admin nodes postgresql://...")
    check_has_no_password(url)
    try:
        import psycopg

        from chatroom.backends.postgres.driver import run_at_once
        from chatroom.backends.postgres.node import survey as ask
        from chatroom.backends.postgres.schema import version_of
        from chatroom.backends.postgres.server import conninfo_of
    except ImportError:
        raise ValueError("this needs more packages. Try: pip install 'chatroom[postgres]'") from None
    try:
        connect = partial(run_at_once, conninfo_of(url, "nodes"))
        if connect(version_of) is None:
            return []
        return connect(ask)
    except psycopg.Error as error:
        raise ValueError(f"{shown(url)}: {' '.join(str(error).split()).rstrip('.')}") from None
    except Refused as refusal:
        raise ValueError(refusal.sentence.rstrip(".")) from None


def rows(nodes: Sequence[NodeFacts]) -> list[tuple[str, ...]]:
    """A table for people; its first row is the heading."""
    head = ("NODE", "STATE", "BEAT", "LEASE", "BEHIND", "PEOPLE")
    return [
        head,
        *(
            (
                each.name,
                each.state,
                "" if each.state == "lost" else f"{max(0.0, each.beat):.1f} s ago",
                "" if each.state == "lost" else f"{max(0.0, each.lease):.1f} s left",
                str(each.behind),
                str(each.people),
            )
            for each in nodes
        ),
    ]
