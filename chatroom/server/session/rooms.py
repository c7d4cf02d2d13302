"""
Rooms: which there are, joining and leaving them, and the people there.

It knows what every member may wish; what operators may is in L{chatroom.server.session.room_moderation}.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from heapq import merge
from itertools import islice

from chatroom.core.listings import RoomKey, room_key
from chatroom.core.names import fold
from chatroom.core.permissions import in_force
from chatroom.core.rooms import Room
from chatroom.errors import NoSuchPerson, NotInRoom, NotKept, NotRegistered, RoomExists, RoomWantsPassword
from chatroom.events import Event, Role, RoomClosed
from chatroom.interfaces import AccountInfo, Person, RoomSummary, RoomView
from chatroom.interfaces.plugin_services import JOIN, TOPIC
from chatroom.server.listing import Listing
from chatroom.server.services import PIECE
from chatroom.server.session.base import SessionBase
from chatroom.server.session.views import look_around, note_read, view_of
from chatroom.server.shown import person


class RoomActions(SessionBase):
    """What L{chatroom.interfaces.IRooms} says. Each wish is decided by the core, then happens."""

    __slots__ = ()

    def look(self, room: str) -> None:
        self.room = self.looked_at(room).name

    def view(self, room: str | None = None) -> RoomView:
        return view_of(self, self.looked_at(room))

    def rooms_open(self) -> Sequence[RoomSummary]:
        rooms, public, private = self.services.chat.state.rooms, self.services.chat.state.listed.order, self._private()
        now = self.now()
        return Listing(
            len(public) + len(private), lambda: (self._summary(rooms[name], now) for _, name in merge(public, private))
        )

    async def rooms_matching(
        self, word: str, most: int, wanted: Callable[[RoomSummary], bool] | None = None
    ) -> tuple[Sequence[RoomSummary], int]:
        state, word, now = self.services.chat.state, word.casefold(), self.now()

        def matches(name: str) -> bool:
            return self._matches(name, word) and (wanted is None or wanted(self._summary(state.rooms[name], now)))

        named = [name for _, name in self._private() if matches(name)]
        found = set(named)
        last: RoomKey | None = None
        while piece := list(islice(state.listed.order if last is None else state.listed.order.behind(last), PIECE)):
            matching = [name for _, name in piece if name not in found and matches(name)]
            found.update(matching)
            named += matching[: max(0, most - len(named))]
            last = piece[-1]
            if len(piece) == PIECE:
                await self.services.pause()
        now, mine = self.now(), self.presence.rooms if self.presence is not None else {}
        rooms = [state.rooms[name] for name in named if name in state.rooms]  # some may be closed by now, or private
        keys = sorted(room_key(room) for room in rooms if room.is_listed() or room.name in mine)
        return [self._summary(state.rooms[name], now) for _, name in keys[:most]], len(found)

    def _private(self) -> list[RoomKey]:
        """The rooms of this person that others are not told of, in order."""
        mine = self.presence.rooms.values() if self.presence is not None else ()
        return sorted(room_key(room) for room in mine if not room.is_listed())

    def _matches(self, name: str, word: str) -> bool:
        room = self.services.chat.state.rooms[name]
        return word in name.casefold() or word in self._topic(room).casefold()

    def _topic(self, room: Room) -> str:
        """What the room is about, as far as this person may know."""
        who = self.presence
        return room.topic if not room.password or (who is not None and (self.staff or room.name in who.rooms)) else ""

    def _summary(self, room: Room, now: float) -> RoomSummary:
        topic = self._topic(room)
        return RoomSummary(
            room.name,
            topic,
            len(room.members),
            room.invite_only,
            bool(room.password),
            self.presence is not None and room.name in self.presence.rooms,
            room.lock if in_force(room.lock, now) else None,
            room.unlisted,
            room.capacity,
            room.created,
            room.topic_at if topic else 0.0,
        )

    async def create(self, room: str, keep: bool = False) -> RoomView:
        who, chat = self.here(), self.services.chat
        self.check_may_speak()
        kept = chat.membership.kept_rooms(who.key)
        made = chat.membership.create(self.now(), who, room, keep, kept, self.services.node)
        if await self.happen(made) == [False]:
            raise RoomExists(f"There is already a room called {made.room}. /join {made.room} joins it.")
        try:
            return await self.go_in(
                chat.state.rooms[made.room], chat.membership.settle(self.now(), self.here(), made.room)
            )
        except (NotKept, NotRegistered):
            self.services.finish(self.services.batches.owe(RoomClosed(self.now(), made.room, who.nick)))
            raise

    async def join(self, room: str, password: str = "") -> RoomView:
        chat = self.services.chat
        if self.staff:  # it opens every door, so the account is asked
            await self.server_role()
        found = chat.directory.room(room, self.here())
        chat.membership.join(self.now(), self.here(), found)
        if found.name not in self.here().rooms and chat.membership.asks_password(self.here(), found):
            await self._unlock(found, password)
        if self.services.checks.has(JOIN) and found.name not in self.here().rooms:
            hash = found.password
            await self.checked(JOIN, room=found.name)
            self._check_same(found, hash)
        events = chat.membership.join(self.now(), self.here(), found)
        if self.staff and events:
            events += chat.membership.entered_as_staff(self.now(), self.here(), found)
        return await self.go_in(found, events)

    async def _unlock(self, room: Room, password: str) -> None:
        if not password:
            raise RoomWantsPassword(f"{room.name} has a password: /join {room.name} PASSWORD")
        hash = room.password
        await self.services.entrance.check_room(room.name, hash, password, self.asker)
        self._check_same(room, hash)

    def _check_same(self, room: Room, hash: str) -> None:
        """@raise RoomWantsPassword: somebody else has closed the room meanwhile, or changed its password."""
        if self.services.chat.state.rooms.get(room.name) is not room or room.password != hash:
            raise RoomWantsPassword(f"Access to {room.name} has just changed. Try again.")

    async def go_in(self, room: Room, events: Sequence[Event]) -> RoomView:
        """
        Let these events, by which one comes in, happen; look at the room and what was said last.

        @raise NotInRoom: somebody has sent one out again meanwhile. @raise NoSuchRoom: see L{happen}.
        """
        await self.happen(*events)
        view = await look_around(self, room.name, events)
        if room.name not in self.rooms:  # a goodbye may have crossed with it: then they are about to join again
            await self.services.batches.settled()
            if room.name in self.rooms:
                view = await look_around(self, room.name, events)
        if room.name not in self.rooms:
            raise NotInRoom(f"You have already been removed from {room.name}.")
        return view

    async def leave(self, room: str | None = None, reason: str = "") -> str:
        who, found = self.here(), self.looked_at(room)
        events = self.services.chat.membership.leave(self.now(), who, found, self.own_words(reason, [found]))
        await self.happen(*events)
        await note_read(self, who, events)
        return found.name

    async def set_topic(self, text: str, room: str | None = None) -> None:
        self.check_may_speak()
        found = self.looked_at(room)
        event = self.services.chat.settings.set_topic(self.now(), self.here(), found, text)
        if self.services.checks.has(TOPIC):
            left = await self.checked(TOPIC, text, room=found.name)
            self.check_may_speak()
            event = self.services.chat.settings.set_topic(self.now(), self.here(), self.looked_at(found.name), left)
            if left != text:
                self.notice("changed", f"A plugin changed your topic: {getattr(event, 'text', '')}")
        await self.happen(event)

    def people(self, room: str | None = None) -> Sequence[Person]:
        total = len(self.services.chat.state.people if room == "*" else self.looked_at(room).members)
        return Listing(total, lambda: self.people_after("", room))

    def people_after(self, nick: str, room: str | None = None) -> Iterator[Person]:
        state, nick = self.services.chat.state, nick.casefold()
        found = None if room == "*" else self.looked_at(room)
        there = state.people if found is None else found.members
        if len(there) <= PIECE:
            some = sorted((who.nick.casefold(), key) for key, who in there.items())
            keys = (key for name, key in some if name > nick)
        else:
            keys = (key for key in state.by_name.keys(nick) if key in there)
        return (person(there[key], Role.NOBODY if found is None else found.role(key)) for key in keys)

    def person_now(self, nick: str) -> Person | None:
        present = self.services.chat.state.people.get(fold(nick))
        return None if present is None else person(present, Role.NOBODY)

    def rooms_with(self, nick: str) -> Sequence[tuple[str, Role]]:
        other, mine = self.services.chat.state.people.get(fold(nick)), self.here().rooms
        if other is None:
            return ()
        return [(name, room.role(other.key)) for name, room in mine.items() if name in other.rooms]

    def invitations(self) -> Sequence[str]:
        who = self.presence
        return () if who is None else sorted(self.services.chat.state.invitations.get(who.key, ()))

    async def person(self, nick: str) -> tuple[Person | None, AccountInfo | None]:
        account = await self.account_of(fold(nick))
        present = self.person_now(nick)
        if present is None and account is None:
            raise NoSuchPerson("There is no person or account of that name. /who lists who is here.")
        return present, None if account is None else AccountInfo(
            account.name, account.created, account.role, account.bot
        )
