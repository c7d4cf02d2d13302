"""
What an error of PostgreSQL's means to who asked, and which texts it can keep.

It knows SQLSTATEs, and nothing of what was asked.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg

from chatroom.backends import refusals
from chatroom.backends.postgres.driver import Database
from chatroom.errors import NotKept

EVICTED = "CR001"
"""The SQLSTATE with which a function of schema/ refuses a node that was buried."""

_GONE = frozenset({"25006", "57P01", "57P02", "57P03", "57P05"})
"""SQLSTATEs of a server that shuts down, or has become a standby: another one may be there in a moment."""

_AGAIN = frozenset({"40001", "40P01"})
"""SQLSTATEs of what may be tried again at once: two transactions were in each other's way."""


class Unreachable(NotKept):
    """
    There is no server to ask, or it was lost while it was asked.

    @ivar sent: it may have done what it was asked.
    """

    def __init__(self, sent: bool) -> None:
        super().__init__(refusals.away().sentence)
        self.sent = sent


class Evicted(NotKept):
    """This node was buried: it may write nothing any more."""

    def __init__(self) -> None:
        super().__init__(refusals.evicted().sentence)


def is_lost(db: Database | None, error: psycopg.Error) -> bool:
    """Whether there has to be another connection."""
    return db is None or db.closed or db.broken or error.sqlstate in _GONE or (error.sqlstate or "").startswith("08")


def meaning(error: psycopg.Error, broken: Callable[[], NotKept]) -> NotKept | None:
    """What an error of a server that is there means to who asked; C{None}: it is a bug."""
    state = error.sqlstate or ""
    if state == EVICTED:
        return Evicted()
    if state == "53100":
        return refusals.full_disk()
    if state[:2] in ("53", "55", "57", "58", "XX") or state in _AGAIN:
        return broken()
    return None


def storable(*texts: Any) -> bool:
    """
    Whether PostgreSQL can keep these texts: it has no NUL, and no half of a surrogate pair. What cannot be kept was
    never kept, so nothing is found by it.
    """
    return all("\0" not in text and (text.isascii() or _encodes(text)) for text in texts if isinstance(text, str))


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
