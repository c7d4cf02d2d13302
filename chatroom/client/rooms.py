"""
The rooms that a link is in, and how it goes on in them after a lost connection: what was missed is fetched by number,
what comes live meanwhile waits, and what we said and never had answered is looked for in the history.

It speaks through two functions that the L{Link<chatroom.client.link.Link>} gives it: one asks the server, the other
reports. It has no clock and knows no bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from chatroom import wire
from chatroom.client.facts import Facts
from chatroom.client.reports import Entered, Heard, Report, Request, Unanswered, Value
from chatroom.client.sequence import Sequence
from chatroom.events import Acted, Event, Joined, Kicked, Left, Missed, Renamed, RoomBanned, RoomClosed, RoomEvent, Said

PAGE = 200
"""Events that one request fetches."""

TALK: dict[str, type[Said] | type[Acted]] = {"say": Said, "me": Acted}
"""Words that become an event of the room: see L{ClientRooms.said}."""


class Ask(Protocol):
    """Asks the server, in the link's own name."""

    def __call__(self, word: str, arguments: Mapping[str, Value]) -> object: ...


class Tell(Protocol):
    """Reports to whoever uses the link."""

    def __call__(self, *reports: Report) -> None: ...


@dataclass
class ClientRoom:
    """
    A room we are in, or were when the connection was lost.

    @ivar password: that we came in with.
    @ivar resume: the number to go on after, while we are catching up or have yet to; else C{None}.
    @ivar held: what came live meanwhile, and has to wait.
    @ivar doubtful: what we said, and have yet to find in the history.
    """

    name: str
    order: Sequence
    password: str = ""
    resume: int | None = None
    held: list[RoomEvent] = field(default_factory=list)
    doubtful: list[Request] = field(default_factory=list)

    @property
    def heard(self) -> int:
        """Nothing that has a higher number has been reported."""
        return self.order.last if self.resume is None else self.resume


class ClientRooms:
    """
    @ivar nick: ours.
    """

    def __init__(self, ask: Ask, tell: Tell, catch_up: int) -> None:
        """@param catch_up: events that are fetched of one room at most."""
        self.nick = ""
        self._ask = ask
        self._tell = tell
        self._most = catch_up
        self._all: dict[str, ClientRoom] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """In the order in which we came into them."""
        return tuple(self._all)

    def __iter__(self) -> Iterator[ClientRoom]:
        return iter(list(self._all.values()))

    def get(self, name: object) -> ClientRoom | None:
        """The room of that name, if we are in it."""
        return self._all.get(str(name))

    def is_me(self, nick: str) -> bool:
        """Whether that is our nickname, in some letter case."""
        return nick.casefold() == self.nick.casefold()

    # In and out.

    def enter(self, request: Request, facts: Facts) -> None:
        """The server says that we are in a room, and how that is: see C{join} in docs/protocol.rst."""
        name, last = facts.name("room"), facts.number("last")
        if not name:
            return
        room = self._all.get(name)
        again = room is not None and room.resume is not None and room.resume <= last
        if room is None or (room.resume is not None and not again):  # new to us, or its numbers have begun anew
            self.leave(name)
            room = self._all[name] = ClientRoom(name, Sequence(last))
        if request.word == "join":
            room.password = str(request.arguments.get("password") or "")
        recent = [event for event in facts.room_events("recent") if event.room == name]
        self._tell(Entered(name, facts, () if again else room.order.look_back(recent), request, again))
        if again:
            self._catch_up(room, last)

    def seed(self, seen: Mapping[str, int]) -> None:
        """These rooms were seen up to these numbers before; the next connection goes back into them."""
        for name, last in seen.items():
            self._all[name] = ClientRoom(name, Sequence(last), resume=last)

    def leave(self, name: str) -> None:
        """We are not in it any more."""
        room = self._all.pop(name, None)
        if room is not None:
            self._tell(*(Unanswered(request) for request in room.doubtful))

    def lost(self, unanswered: list[tuple[Request, ClientRoom, int]]) -> list[Request]:
        """
        The connection is gone.

        @param unanswered: requests about rooms, each with its room and the last number heard there when it was made:
            what came of it has a higher one.
        @return: those of them that are in doubt, and will be looked for.
        """
        for room in self._all.values():
            room.resume = min([room.heard, *(heard for _, where, heard in unanswered if where is room)])
            room.held.clear()
        doubtful = [(request, room) for request, room, _ in unanswered if request.word in TALK and not request.own]
        for request, room in doubtful:
            room.doubtful.append(request)
        return [request for request, _ in doubtful]

    def rejoin(self, but: str) -> None:
        """There is a new connection: go back into all rooms, C{but} this one, where it has brought us itself."""
        for room in self._all.values():
            if room.resume is not None and room.name != but:
                self._ask("join", {"room": room.name, "password": room.password or None})

    # Events.

    def hear(self, event: RoomEvent) -> None:
        """An event came live. One that came before is not told again."""
        if event.room not in self._all and isinstance(event, Joined) and self.is_me(event.nick):
            self._all[event.room] = ClientRoom(event.room, Sequence(event.seq - 1))
        room = self._all.get(event.room)
        if room is None:  # an invitation, say
            self._tell(Heard(event))
        elif room.resume is not None:
            room.held.append(event)
        elif room.order.hear(event.seq):
            self._live(event, own=self._is_our_change(event))

    def said(self, request: Request, facts: Facts) -> None:
        """What we said is kept, and has its place now: it is told as if we had heard it."""
        name, seq, text = facts.text("room"), facts.number("seq"), request.arguments.get("text")
        room = self._all.get(name)
        try:
            at, nonce = wire.time_value(facts.text("at")), facts.text("nonce")
            event = TALK[request.word](at, name, self.nick, seq, str(text), nonce)
        except (ValueError, OverflowError):
            return
        if room is not None and room.resume is None and room.order.hear(seq):
            self._live(event, own=True)

    def _is_our_change(self, event: RoomEvent) -> bool:
        """Whether we have done it, if not talk, coming or going: of those, our other connections are told."""
        if not event.changes or isinstance(event, Joined | Left):
            return False
        return self.is_me(event.nick) or (isinstance(event, Renamed) and self.is_me(event.new))

    def _live(self, event: RoomEvent, own: bool = False) -> None:
        self._tell(Heard(event, own=own))
        if self._ends(event):
            self.leave(event.room)

    def _ends(self, event: Event) -> bool:
        """Whether it takes us out of the room."""
        if isinstance(event, Left):
            return self.is_me(event.nick)
        if isinstance(event, Kicked | RoomBanned):
            return self.is_me(event.who)
        return isinstance(event, RoomClosed)

    # Catching up.

    def _catch_up(self, room: ClientRoom, last: int) -> None:
        """Fetch what happened up to a number; of too much, only the end."""
        assert room.resume is not None
        if last - room.resume > self._most:
            self._gap(room, room.resume + 1, last - self._most)
            room.resume = last - self._most
        if room.resume < last:
            self._fetch(room, room.resume)
        else:
            self._go_on(room)

    def _fetch(self, room: ClientRoom, since: int) -> None:
        self._ask("history", {"room": room.name, "since": since, "limit": PAGE, "talk": False})

    def fetched(self, request: Request, facts: Facts) -> None:
        """A page of history that we have asked for."""
        room = self.get(request.arguments.get("room"))
        if room is not None and room.resume is not None:
            self._caught_up(room, facts)

    def _caught_up(self, room: ClientRoom, facts: Facts) -> None:
        assert room.resume is not None
        before, gap = room.resume, facts.numbers("gap")
        if len(gap) == 2:
            self._gap(room, *gap)
        for event in facts.room_events():
            room.resume = max(room.resume, event.seq)
            if event.room == room.name and room.order.hear(event.seq):
                self._tell(Heard(event, live=False, own=self._is_doubtful(room, event)))
        if facts.flag("more") and room.resume > before:
            self._fetch(room, room.resume)
        else:
            self._go_on(room)

    def not_caught_up(self, request: Request) -> None:
        """What we asked for in order to go on was refused: say what is lost."""
        room = self.get(request.arguments.get("room"))
        if room is None:
            return
        if request.word == "join":
            self.leave(room.name)
        elif room.resume is not None:
            last = min((event.seq for event in room.held), default=room.resume + 2) - 1
            self._gap(room, room.resume + 1, max(last, room.resume + 1))
            self._go_on(room)

    def _is_doubtful(self, room: ClientRoom, event: RoomEvent) -> bool:
        """Whether this is something we said and did not know to be kept; now we do."""
        if not self.is_me(event.nick) or not isinstance(event, Said | Acted):
            return False
        for request in room.doubtful:
            nonce, text = request.arguments.get("nonce"), str(request.arguments.get("text"))
            if nonce:
                if str(nonce) != event.nonce:
                    continue
                room.doubtful.remove(request)
                return True
            if TALK[request.word] is type(event) and _visible(text) == _visible(event.text):
                room.doubtful.remove(request)
                return True
        return False

    def _go_on(self, room: ClientRoom) -> None:
        """All has been caught up with: go on with what came live."""
        room.resume = None
        held, room.held = room.held, []
        for event in sorted(held, key=lambda event: event.seq):
            if room.order.hear(event.seq):
                self._live(event, own=self._is_our_change(event))
        doubtful, room.doubtful = room.doubtful, []
        self._tell(*(Unanswered(request) for request in doubtful))

    def _gap(self, room: ClientRoom, first: int, last: int) -> None:
        self._tell(Heard(Missed(0.0, room.name, "", first, last), live=False))


def _visible(text: str) -> list[str]:
    """What a server leaves of a text, more or less: it takes out what cannot be seen, and nothing else."""
    return "".join(character if character.isprintable() else " " for character in text).split()
