"""
All polls of a server: they are opened, voted in, closed when their time is over, and kept.

What is stored: C{poll:3}, the poll; C{vote:3:IDENTITY}, the number of a choice; and C{closing:3}, once no vote counts
any more. Who votes is known by C{ICaller.identity}, so that a guest who changes the nickname has no second vote.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable
from dataclasses import replace
from typing import Any

from chatroom.errors import LimitReached, NotAllowed, NotFound, Refused
from chatroom.events import Event, Joined, RoomClosed
from chatroom.interfaces import IPluginServer, IPluginStore, PageAnswer, PageRequest, PluginOption
from chatroom.plugins.base import PluginService
from chatroom_poll.ballot import Ballot
from chatroom_poll.page import page

LOOK = 15.0
"""Seconds between two looks for polls that another node has opened, and did not live to close."""


class Poll(PluginService):
    """The service."""

    name = "poll"
    hears = ("joined", "room-closed")
    options = (
        PluginOption("voters", "all", "who may vote", choices=("all", "accounts")),
        PluginOption("max", 10, "choices in one poll", least=2, most=50),
        PluginOption("open", 3, "open polls in one room", least=1, most=50),
        PluginOption("keep", 50, "closed polls that are kept", least=0, most=500),
        PluginOption("minutes", 60, "how long a poll is open by default", least=1, most=40320),
        PluginOption("remind", 10, "minutes between two reminders to those who join; 0: none", least=0, most=1440),
    )

    def __init__(self) -> None:
        self._reminded: dict[str, float] = {}
        self._closing: set[int] = set()
        self._opening: Counter[str] = Counter()
        self._last = 0

    @property
    def store(self) -> IPluginStore:
        """Where polls and votes are."""
        return self.server.store("poll")

    def option(self, name: str) -> Any:
        """What the operator has set."""
        return self.server.options[name]

    # Life.

    def start(self, server: IPluginServer) -> Awaitable[None] | None:
        """Go on with the polls that are open."""
        super().start(server)
        self._reminded = dict(server.handed_over or {})
        for ballot in self.polls():
            if ballot.counts is None:
                self._close_in_time(ballot)
        server.every(LOOK, self._look)
        self._measure()
        return None

    def state(self) -> Any:
        """When each room was reminded last: an upgrade is no reason to do it again."""
        return self._reminded

    def heard(self, event: Event) -> Awaitable[None] | None:
        """Who joins reads of an open poll; and the polls of a room end with it."""
        if isinstance(event, RoomClosed):
            return self._forget(ballot.number for ballot in self.polls(event.room))
        if isinstance(event, Joined) and self.server.is_own(event):
            self._remind(event.room)
        return None

    def _remind(self, room: str) -> None:
        pause, now = self.option("remind") * 60, self.server.now()
        if pause and now >= self._reminded.get(room, 0.0) + pause:
            for ballot in self.polls(room):
                if ballot.counts is None:
                    self._reminded[room] = now
                    self.server.say(room, f"Poll {ballot.number} is open: {ballot.asked()}. Vote with /vote NUMBER.")
                    return

    # Polls.

    def polls(self, room: str = "") -> list[Ballot]:
        """Those of a room, or all, the newest last."""
        found = [Ballot.of(stored) for _, stored in self.store.items("poll:") if stored is not None]
        return sorted((each for each in found if room in ("", each.room)), key=lambda each: each.number)

    def poll(self, number: int | None, room: str | None) -> Ballot:
        """
        The poll of this number in a room, or else the newest of those that are open, or of all.

        @raise NotFound: there is none.
        """
        found = self.polls(room) if room else []
        if number is not None:
            found = [each for each in found if each.number == number]
        open_ones = [each for each in found if each.counts is None]
        if not found:
            which = "no poll" if number is None else f"no poll {number}"
            raise NotFound(f'There is {which} here. Open one: /poll "Tea?" yes no')
        return (open_ones or found)[-1]

    def next_number(self) -> int:
        """The number of the next poll. It is given to nobody else, even if no poll comes of it."""
        self._last = max((self._last, *(each.number for each in self.polls()))) + 1
        return self._last

    def check_may_open(self, room: str) -> None:
        """@raise LimitReached: too many are open there."""
        most = self.option("open")
        if sum(each.counts is None for each in self.polls(room)) + self._opening[room] >= most:
            raise LimitReached(f"{room} has {most} open poll{'' if most == 1 else 's'}. /endpoll closes one.")

    async def open(self, ballot: Ballot) -> None:
        """
        Store a poll. It is on its way when this waits for the first time, in one commit with what was said before.

        @raise Refused: another node has opened one of this number meanwhile.
        """
        self._opening[ballot.room] += 1
        try:
            if not await self.store.add(f"poll:{ballot.number}", ballot.plain()):
                raise Refused(f"Someone else opened poll {ballot.number} just now. Try again.")
        finally:
            self._opening[ballot.room] -= 1
        self._close_in_time(ballot)
        self._measure()

    async def vote(self, ballot: Ballot, identity: str, choice: int) -> None:
        """
        Count somebody's vote.

        @raise NotAllowed: they have voted, or the poll is closed.
        """
        key = f"vote:{ballot.number}:{identity}"
        if ballot.counts is None and self._is_closing(ballot):
            raise NotAllowed(f"Poll {ballot.number} is closed. /results shows what came of it.")
        if not await self.store.add(key, choice, who=identity):
            raise NotAllowed(f"You have voted in poll {ballot.number} already.")
        self.server.count("votes")
        if key not in self._in_time(ballot):
            await self.store.drop(key)
            raise NotAllowed(f"Poll {ballot.number} is closed. /results shows what came of it.")

    def counts(self, ballot: Ballot) -> tuple[int, ...]:
        """How many votes each choice has now."""
        if ballot.counts is not None:
            return ballot.counts
        return ballot.count(self.store.get(key) for key in self._in_time(ballot))

    def _is_closing(self, ballot: Ballot) -> bool:
        return self.store.get(f"closing:{ballot.number}") is not None

    def _in_time(self, ballot: Ballot) -> list[str]:
        """The keys of votes that were kept before the poll was closed. Every node has them in the same order."""
        found, closing, votes = list[str](), f"closing:{ballot.number}", f"vote:{ballot.number}:"
        for key in self.store.keys():  # noqa: SIM118 it is no dict
            if key == closing:
                break
            if key.startswith(votes):
                found.append(key)
        return found

    # Closing.

    def _close_in_time(self, ballot: Ballot) -> None:
        self.server.call_later(max(0.0, ballot.closes - self.server.now()), lambda: self.close(ballot.number))

    async def _look(self) -> None:
        """Close what nobody else has closed."""
        now = self.server.now()
        for ballot in self.polls():
            if ballot.counts is None and ballot.closes + LOOK < now:
                await self.close(ballot.number)

    async def close(self, number: int) -> None:
        """
        Close a poll and tell its room. Who is first on any node does it; and if that one dies meanwhile, the next look
        of any node does the rest.
        """
        stored = self.store.get(f"poll:{number}")
        if stored is None or stored["counts"] is not None or number in self._closing:
            return
        ballot = Ballot.of(stored)
        self._closing.add(number)
        try:
            first = await self.store.add(f"closing:{number}", self.server.now())
            if not first and self.server.now() < self.store.get(f"closing:{number}", 0.0) + LOOK:
                return
            counts = self.counts(ballot)
            done = self.store.put(f"poll:{number}", replace(ballot, counts=counts).plain())
            if ballot.room in self.server.rooms():
                self.server.say(ballot.room, f"Poll {number} is closed: {ballot.told(counts)}.")
            await done
            await self.store.drop(*self.store.keys(f"vote:{number}:"), f"closing:{number}")
            await self._forget(each.number for each in self._too_old())
            self._measure()
        finally:
            self._closing.discard(number)

    def _too_old(self) -> list[Ballot]:
        closed = [each for each in self.polls() if each.counts is not None]
        return closed[: max(0, len(closed) - self.option("keep"))]

    async def _forget(self, numbers: Any) -> None:
        """Keep nothing of these polls."""
        for number in numbers:
            await self.store.drop(f"poll:{number}", *self.store.keys(f"vote:{number}:"), f"closing:{number}")

    # For browsers, and for the operator.

    def page(self, request: PageRequest) -> PageAnswer | None:
        """Polls of public rooms, the newest first. Anybody may read it."""
        if request.path:
            return None
        shown = [ballot for ballot in self.polls() if self.server.is_public(ballot.room)]
        return PageAnswer(page((ballot, self.counts(ballot)) for ballot in reversed(shown)))

    def _measure(self) -> None:
        self.server.gauge("open", sum(ballot.counts is None for ballot in self.polls()))
