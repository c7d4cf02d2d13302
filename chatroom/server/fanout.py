"""
Telling a room what happened in it in one turn: every event is rendered once for each form, the run is joined once, and
all ears of that form are given the same bytes. Those who did something of it themselves, ignore somebody, or came or
went in the middle of it are given their part.

It knows ears, forms and receipts; who is in which room, L{chatroom.server.connections} knows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from itertools import accumulate

from chatroom.core.ignoring import is_shown, without_words
from chatroom.events import Joined, Left, RoomEvent
from chatroom.interfaces import IForm, Receipt
from chatroom.server.connections import Connected


class RoomBatch:
    """
    What happened in one room in one turn, in order.

    @ivar comers: those who came in, and the index of the first event they hear.
    @ivar goers: those who went out, and the index behind the last event they hear.
    @ivar concerned: those to whom something in it happened, such as a kick: they may read it in the second person.
    """

    __slots__ = ("_nicks", "_seen", "comers", "concerned", "events", "goers")

    def __init__(self) -> None:
        self.events: list[RoomEvent] = []
        self.comers: dict[Connected, int] = {}
        self.goers: dict[Connected, int] = {}
        self.concerned: dict[Connected, str] = {}
        self._nicks: set[str] = set()
        self._seen = 0

    def moved(self, caller: Connected) -> bool:
        """Whether somebody has come or gone in it already: once is what it can tell apart."""
        return caller in self.comers or caller in self.goers

    def is_of(self, nick: str) -> bool:
        """Whether somebody of this nickname, as shown, did any of it. It checks each event once."""
        self._nicks.update(event.nick for event in self.events[self._seen :])
        self._seen = len(self.events)
        return nick in self._nicks

    def tell(self, name: str, ears: Iterable[Connected], own: Mapping[int, Receipt], flush: bool) -> None:
        """
        @param own: receipts of this node's events, by the C{id} of the event.
        @param flush: at once, ear by ear: what is made for one can then be forgotten before the next, which saves
            the memory that everybody's bytes together would take, and the time to get hold of it.
        """
        first, last = self.events[0].seq, self.events[-1].seq
        done = self._done(own)
        moving = bool(self.comers or self.goers or self.concerned)
        rendered: dict[IForm, Rendered] = {}
        for caller in ears:
            ear = caller.ear
            form = ear.form(name)
            made = rendered.get(form)
            if made is None:
                made = rendered[form] = Rendered(form.render(self.events))
            if caller.ignored or (moving and (self.moved(caller) or caller in self.concerned)):
                self._tell_part(caller, name, form, made.parts, self._untold(done.get(caller, ()), form))
            elif caller in done:
                ear.hear(name, first, last, made.without(self._untold(done[caller], form)))
            else:
                ear.hear(name, first, last, made.whole)
            if flush:
                ear.flush()

    def _done(self, own: Mapping[int, Receipt]) -> dict[Connected, list[int]]:
        """Which of these events each connection did itself, in order."""
        done: dict[Connected, list[int]] = {}
        for index, event in enumerate(self.events):
            receipt = own.get(id(event))
            if receipt is not None:
                done.setdefault(receipt.caller, []).append(index)
        return done

    def _untold(self, done: Collection[int], form: IForm) -> Collection[int]:
        """Those of its own doings that a connection is not told: an answer tells all there is to know of them."""
        if not form.echoes:
            return done
        events = self.events
        return [i for i in done if not events[i].changes or isinstance(events[i], Joined | Left)]

    def _tell_part(self, caller: Connected, name: str, form: IForm, parts: list[bytes], done: Collection[int]) -> None:
        """To one who came or went in the middle of it, or ignores somebody."""
        start, end = self.comers.get(caller, 0), self.goers.get(caller, len(parts))
        data = b"".join(
            self._part(caller, form, parts, index)
            for index in range(start, end)
            if index not in done and is_shown(self.events[index], caller.ignored)
        )
        caller.ear.hear(name, self.events[start].seq, self.events[end - 1].seq, data)

    def _part(self, caller: Connected, form: IForm, parts: list[bytes], index: int) -> bytes:
        """As all are told it, or without the words of somebody ignored."""
        event = self.events[index]
        told = without_words(event, caller.ignored) if caller.ignored else event
        reader = self.concerned.get(caller, "") if event.changes else ""
        return parts[index] if told is event and not reader else b"".join(form.render([told], reader))


class Rendered:
    """
    A run as one form writes it.

    @ivar parts: each event. @ivar whole: all of them.
    """

    __slots__ = ("_ends", "parts", "whole")

    def __init__(self, parts: list[bytes]) -> None:
        self.parts = parts
        self.whole = b"".join(parts)
        self._ends: list[int] = []

    def without(self, indexes: Iterable[int]) -> bytes:
        """All but these, which are in order. It copies what lies between them, however many parts that are."""
        if not self._ends:
            self._ends = list(accumulate(map(len, self.parts)))
        whole, start, pieces = memoryview(self.whole), 0, []
        for index in indexes:
            end = self._ends[index]
            pieces.append(whole[start : end - len(self.parts[index])])
            start = end
        pieces.append(whole[start:])
        return b"".join(pieces)
