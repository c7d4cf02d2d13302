"""
What is counted over all nodes: wrong passwords, new accounts and reports.

A node tells the others by an event, which no room and no person reads. It knows the entrance and the nodes, and
nothing of what is counted.
"""

from __future__ import annotations

from chatroom.events import SERVER, Tried
from chatroom.interfaces import Receipt
from chatroom.server.services import SERVER_NICK, Services


class SharedTries:
    """Of one node."""

    def __init__(self, services: Services) -> None:
        self._services = services
        services.entrance.tell = self.tell

    def tell(self, count: str, key: str, forgotten: bool) -> None:
        """This was counted here: see L{Entrance.tell<chatroom.auth.entrance.Entrance.tell>}. Alone, nobody is told."""
        services = self._services
        if services.backend.soundness().nodes > 1:
            event = Tried(services.now(), SERVER, SERVER_NICK, services.node, count, key, forgotten)
            services.batches.submit(Receipt(event))

    def hear(self, event: Tried) -> None:
        """This was counted on a node, perhaps on this one."""
        if event.node != self._services.node:
            self._services.entrance.hear(event.count, event.key, event.forgotten)
