"""
What is being delivered in this turn: the events of each room, until all of the batch are true, and who is written to
then.

It knows who hears which room. L{chatroom.server.fanout} delivers to one room, and the core knows what is true.
"""

from __future__ import annotations

from collections.abc import Sequence

from twisted.logger import Logger

from chatroom.events import Left
from chatroom.server.connections import Connected, Connections
from chatroom.server.fanout import RoomBatch
from chatroom.server.services import Services

log = Logger()


class TurnFanout:
    """
    @ivar runs: what is to be told in each room, by its name.
    @ivar touched: connections that are written to when the turn ends.
    @ivar answered: those whose whisper is about to be confirmed: what they hear is written together with that.
    """

    __slots__ = ("_batches", "_connections", "_people", "answered", "runs", "touched")

    def __init__(self, services: Services, connections: Connections) -> None:
        self._connections = connections
        self._batches = services.batches
        self._people = services.chat.state.people
        self.runs: dict[str, RoomBatch] = {}
        self.touched: dict[Connected, None] = {}
        self.answered: set[Connected] = set()

    def run(self, name: str, moving: Sequence[Connected] = ()) -> RoomBatch:
        """What is to be told in this room; a new one, if somebody who moves now has moved in it before."""
        run = self.runs.get(name)
        if run is not None and moving and any(map(run.moved, moving)):
            self.tell(name)
            run = None
        if run is None:
            run = self.runs[name] = RoomBatch()
        return run

    def tell(self, name: str, alone: bool = False) -> None:
        """@param alone: there is nothing else for its ears in this turn."""
        run, connections = self.runs.pop(name), self._connections
        ears = list(connections.ears_in.get(name, ()))  # one who does not read is cut, and gone, while others are told
        try:
            run.tell(name, ears, self._batches.own, alone)
        except Exception:  # noqa: BLE001 a room that cannot be told must not silence the others
            log.failure("An event of the room {room} could not be delivered", room=name)
        if not alone:
            self.touched.update(dict.fromkeys(ears))
        for caller in run.goers:
            by_choice = isinstance(run.events[run.goers[caller] - 1], Left)
            connections.unhear(name, caller)
            caller.left(name, by_choice)

    def tell_before(self, nick: str, key: str) -> None:
        """What somebody did in the rooms of another, before the other alone hears of them: people read it in order."""
        who = self._people.get(key)
        for name in who.rooms if who is not None else ():
            if name in self.runs and self.runs[name].is_of(nick):
                self.tell(name)

    def end(self) -> None:
        """Everything of the batch is true: tell it, and write to each connection once."""
        alone = len(self.runs) == 1 and not self.touched
        for name in list(self.runs):
            self.tell(name, alone)
        touched, self.touched = self.touched, {}
        answered, self.answered = self.answered, set()
        for caller in touched:
            if caller not in answered:
                caller.ear.flush()
