"""
Telling a room what happened in it in one turn: every event is rendered once for each form, the run is joined once, and
all ears of that form are given the same bytes. Those who said something themselves, ignore somebody, or came or went
in the middle of it are given their part.

It knows ears, forms and receipts; who is in which room is the hub's to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from chatroom.caller.identity import Identity
from chatroom.core.names import fold
from chatroom.events import RoomEvent
from chatroom.interfaces import IForm, Receipt


class Run:
    """
    What happened in one room in one turn, in order.

    @ivar comers: those who came in, and the index of the first event they hear.
    @ivar goers: those who went out, and the index behind the last event they hear.
    """

    __slots__ = ("comers", "events", "goers")

    def __init__(self) -> None:
        self.events: list[RoomEvent] = []
        self.comers: dict[Identity, int] = {}
        self.goers: dict[Identity, int] = {}

    def moved(self, caller: Identity) -> bool:
        """Whether somebody has come or gone in it already: once is what it can tell apart."""
        return caller in self.comers or caller in self.goers

    def tell(self, name: str, ears: Iterable[Identity], own: Mapping[int, Receipt]) -> None:
        """@param own: receipts of this node's events, by the C{id} of the event."""
        first, last = self.events[0].seq, self.events[-1].seq
        actors = {own[id(event)].caller for event in self.events if id(event) in own}
        rendered: dict[IForm, tuple[list[bytes], bytes]] = {}
        for caller in ears:
            form = caller.ear.form(name)
            made = rendered.get(form)
            if made is None:
                parts = form.render(self.events)
                made = rendered[form] = (parts, b"".join(parts))
            data = made[1]
            if caller in actors or caller.ignored or self.moved(caller):
                self._tell_part(caller, name, made[0], own)
            else:
                caller.ear.hear(name, first, last, data)

    def _tell_part(self, caller: Identity, name: str, parts: list[bytes], own: Mapping[int, Receipt]) -> None:
        start, end = self.comers.get(caller, 0), self.goers.get(caller, len(parts))
        data = b"".join(
            part
            for part, event in zip(parts[start:end], self.events[start:end], strict=True)
            if _is_for(caller, event, own)
        )
        caller.ear.hear(name, self.events[start].seq, self.events[end - 1].seq, data)


def _is_for(caller: Identity, event: RoomEvent, own: Mapping[int, Receipt]) -> bool:
    """Whether this connection is told: not what it did itself, nor the talk of those it ignores."""
    receipt = own.get(id(event))
    if receipt is not None and receipt.caller is caller:
        return False
    return event.changes or fold(event.nick) not in caller.ignored
