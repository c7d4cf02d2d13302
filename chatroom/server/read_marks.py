"""
Up to where accounts have read their rooms, as their programs say it while they read.

Programs say it often, so what they say is kept a few seconds later, one account after the other. It knows the backend,
and no rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from chatroom.errors import NotKept
from chatroom.server.services import Services

EVERY = 10.0
"""Seconds until what is marked is kept."""


class ReadMarks:
    """Those of the accounts of this node."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._said: dict[str, dict[str, int]] = {}  # by account and room, until the person leaves the room
        self._new: dict[str, dict[str, int]] = {}  # of those, what is not kept
        self._is_due = False

    def mark(self, account: str, room: str, seq: int) -> None:
        """It has read the room up to there."""
        said = self._said.setdefault(account, {})
        if seq > said.get(room, 0):
            said[room] = self._new.setdefault(account, {})[room] = seq
            if not self._is_due:
                self._is_due = True
                self._services.clock.callLater(EVERY, lambda: self._services.finish(self._keep()))

    async def of(self, account: str) -> Mapping[str, int]:
        """All of them, by room."""
        kept = dict(await self._services.backend.marks(account))
        for room, seq in self._new.get(account, {}).items():
            kept[room] = max(seq, kept.get(room, 0))
        return kept

    def at_departure(self, account: str, left: Mapping[str, int]) -> Mapping[str, int]:
        """
        What to keep for an account that leaves rooms.

        @param left: the number of its departure, by room. Where its programs have said how far it has read, that
            counts; elsewhere it has read all.
        """
        said, new = self._said.get(account, {}), self._new.get(account, {})
        marks = {room: said.pop(room, seq) for room, seq in left.items()}
        for room in left:
            new.pop(room, None)
        for known in (self._said, self._new):
            if account in known and not known[account]:
                del known[account]
        return marks

    async def _keep(self) -> None:
        self._is_due = False
        new, self._new = self._new, {}
        for account, marks in new.items():
            with suppress(NotKept):  # then what was missed will be a little more
                await self._services.backend.mark(account, marks)
