"""
What other nodes kept while this one was handed over from one process to the next: it is true already, and the people of
this node have not read it.

It knows who is connected and what is being delivered. What is true, the state has learned from the backend.
"""

from __future__ import annotations

from collections.abc import Sequence

from chatroom.core.names import fold
from chatroom.events import Event, Invited, Kicked, RoomBanned, RoomEvent, UnknownKind
from chatroom.server.connections import Connections
from chatroom.server.server_events import ServerEvents
from chatroom.server.turn import TurnFanout


class MissedEvents:
    """@ivar events: those that are still to be told, in order."""

    def __init__(self, connections: Connections, turn: TurnFanout, server_events: ServerEvents) -> None:
        self.events: Sequence[Event] = ()
        self._connections = connections
        self._turn = turn
        self._server_events = server_events

    def tell(self) -> None:
        """The connections are here again: tell them, once, in one turn."""
        events, self.events = self.events, ()
        for event in events:
            if not isinstance(event, RoomEvent):
                self._server_events.hear_again(event)
            elif not isinstance(event, UnknownKind):
                if event.room in self._connections.ears_in:
                    self._turn.run(event.room).events.append(event)
                if isinstance(event, Kicked | RoomBanned | Invited):  # who is out of the room hears nothing of it there
                    self._server_events.tell_one(event, fold(event.who))
        self._turn.end()
