"""
Looking on: what is said in one room or in all that are open to everybody, from a number on, without a hole.

It knows the hub; not how what it passes on is written, nor to whom.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from chatroom.events import Acted, Announced, Event, Missed, RoomEvent, Said
from chatroom.server.hub import Hub
from chatroom.server.services import SERVER_NICK, Services

PAGE = 500
"""Events of history that are read at once."""


class Following:
    """One who looks on."""

    def __init__(
        self, services: Services, hub: Hub, pass_on: Callable[[Event], None], room: str, everything: bool
    ) -> None:
        """
        @param room: by its name, or C{""} for all that are neither locked by a password nor only for the invited.
        @param everything: comings and goings as well, and not only talk.
        """
        self._services = services
        self._hub = hub
        self._pass_on = pass_on
        self._room = room
        self._everything = everything
        self._unwatch: Callable[[], None] = lambda: None
        self._held: list[Event] | None = []
        self._last: dict[str, int] = {}

    def rooms(self) -> Mapping[str, int]:
        """Those that are followed now, each with the number of its last event."""
        rooms = self._services.chat.state.rooms
        names = [self._room] if self._room else [name for name in rooms if self._is_public(name)]
        return {name: rooms[name].last for name in names}

    async def start(self, since: Mapping[str, int], lines: int) -> None:
        """
        Pass on what was said before, and then what is said from now on.

        @param since: by room, the number of the last event that is known already.
        @param lines: of a room that is not in it, so many of the last ones.
        """
        self._unwatch = self._hub.watch(self.heard)
        talk, recent = not self._everything, list[Event]()
        for name in self.rooms():
            if name in since:
                await self._catch_up(name, since[name])
            elif lines:
                recent += await self._services.backend.history(name, after=None, before=None, limit=lines, talk=talk)
        self._tell(sorted(recent, key=lambda event: event.at))
        held, self._held = self._held or [], None
        self._tell(held)

    def stop(self) -> None:
        """Look on no more."""
        self._unwatch()

    def heard(self, events: Sequence[Event]) -> None:
        """What has happened now."""
        if self._held is None:
            self._tell(events)
        else:
            self._held += events

    async def _catch_up(self, name: str, after: int) -> None:
        while True:
            page = await self._services.backend.history(name, after=after, before=None, limit=PAGE, talk=False)
            if page and page[0].seq > after + 1:
                self._pass_on(Missed(self._services.now(), name, SERVER_NICK, first=after + 1, last=page[0].seq - 1))
            self._tell(page)
            if len(page) < PAGE:
                return
            after = page[-1].seq

    def _tell(self, events: Sequence[Event]) -> None:
        for event in events:
            if self._is_wanted(event):
                if isinstance(event, RoomEvent):
                    if event.seq <= self._last.get(event.room, 0):
                        continue
                    self._last[event.room] = event.seq
                self._pass_on(event)

    def _is_wanted(self, event: Event) -> bool:
        if isinstance(event, RoomEvent):
            here = event.room == self._room if self._room else self._is_public(event.room)
            return here and (self._everything or isinstance(event, (Said, Acted)))
        return isinstance(event, Announced) and not self._room

    def _is_public(self, name: str) -> bool:
        room = self._services.chat.state.rooms.get(name)
        return room is not None and room.is_listed() and not room.password
