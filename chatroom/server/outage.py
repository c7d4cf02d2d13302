"""
What people read while the database does not answer: that what they say waits, and that it answers again.

It knows for how long a batch has not been kept, and nothing of what is in it.
"""

from __future__ import annotations

from twisted.internet.interfaces import IDelayedCall

from chatroom.errors import NotKept, counted
from chatroom.server.connections import Connections
from chatroom.server.services import Services

TOLD = 2.0
"""Seconds after which people are told."""

AGAIN = 1.0
"""Seconds between two looks whether it answers again."""


class Outage:
    """One of a server, over and over again."""

    def __init__(self, services: Services, connections: Connections) -> None:
        self._services = services
        self._connections = connections
        self._told = False
        self._call: IDelayedCall | None = None
        services.batches.at_wait = self.waits

    def waits(self, age: float) -> None:
        """A batch is not kept after so many seconds."""
        if age < TOLD or self._told:
            return
        self._told = True
        patience = counted(self._services.limits.patience, "second")
        self._tell(f"The database does not answer. Your messages wait until it does, for up to {patience}.")
        self._look()

    def stop(self) -> None:
        """Look no more: the server stops."""
        if self._call is not None and self._call.active():
            self._call.cancel()
        self._told = False

    def _tell(self, sentence: str) -> None:
        for caller in self._connections.on_line():
            caller.notice("database", sentence)

    def _look(self) -> None:
        self._services.background.run(self._probe())

    async def _probe(self) -> None:
        try:
            await self._services.backend.probe()
        except NotKept:
            if self._told:
                self._call = self._services.clock.callLater(AGAIN, self._look)
            return
        if self._told:
            self._told = False
            self._tell("The database answers again.")
