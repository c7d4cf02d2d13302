"""
Rooms and order in them: what L{ICaller<chatroom.interfaces.ICaller>} says of both.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from chatroom.core.names import any_nickname, fold
from chatroom.core.permissions import in_force
from chatroom.core.presence import Presence
from chatroom.core.rooms import Room
from chatroom.errors import NoSuchPerson, NotInRoom, NotKept, NotRegistered, RoomExists, RoomWantsPassword
from chatroom.events import Event, Joined, Left, Role, RoomBanned, RoomClosed, RoomEvent, RoomMuted, Sanctioned
from chatroom.interfaces import MISSED, Person, RoomSummary, RoomView
from chatroom.server.session.staff import StaffActions


class RoomActions(StaffActions):
    """Each wish is decided by L{chatroom.core.chat.Chat}'s method of the same name, then happens."""

    __slots__ = ()

    # Coming and going.

    def look(self, room: str) -> None:
        self.room = self.looked_at(room).name

    def view(self, room: str | None = None) -> RoomView:
        return self.view_of(self.looked_at(room))

    def rooms_open(self) -> Sequence[RoomSummary]:
        mine = self.presence.rooms if self.presence is not None else {}
        shown = [room for room in self.services.chat.state.rooms.values() if not room.invite_only or room.name in mine]
        who = self.presence
        shown.sort(key=lambda room: (-len(room.members), room.name))
        now = self.now()
        return [
            RoomSummary(
                room.name,
                room.topic if not room.password or room.name in mine or (who is not None and who.staff) else "",
                len(room.members),
                room.invite_only,
                bool(room.password),
                room.name in mine,
                room.lock if in_force(room.lock, now) else None,
            )
            for room in shown
        ]

    async def create(self, room: str, keep: bool = False) -> RoomView:
        who, chat = self.here(), self.services.chat
        self.check_may_speak()
        made = chat.membership.create(self.now(), who, room, keep, chat.membership.kept_rooms(who.key))
        if await self.happen(made) == [False]:
            raise RoomExists(f"There is a room called {made.room} already. /join {made.room} takes you there.")
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
        events = chat.membership.join(self.now(), self.here(), found)
        if self.staff and events:
            events += chat.membership.entered_as_staff(self.now(), self.here(), found)
        return await self.go_in(found, events)

    async def _unlock(self, room: Room, password: str) -> None:
        if not password:
            raise RoomWantsPassword(f"{room.name} has a password: /join {room.name} PASSWORD")
        hash = room.password
        await self.services.entrance.check_room(room.name, hash, password, self.asker)
        if self.services.chat.state.rooms.get(room.name) is not room or room.password != hash:
            raise RoomWantsPassword(f"The door of {room.name} has changed just now. Try again.")

    async def go_in(self, room: Room, events: Sequence[Event]) -> RoomView:
        """
        Let these events, by which one comes in, happen; look at the room and what was said last.

        @raise NotInRoom: somebody has sent one out again meanwhile.
        """
        await self.happen(*events)
        view = await self.look_around(room.name, events)
        if room.name not in self.rooms:
            raise NotInRoom(f"You are out of {room.name} again already.")
        return view

    async def look_around(self, name: str, events: Sequence[Event], late: bool = False) -> RoomView:
        """
        The room one is in now, and what was said last; what follows is heard live.

        @param events: among them perhaps the one by which one came in.
        @param late: the room is heard only from now on, and not since that one: what was said between is shown.
        """
        room = self.services.chat.state.rooms[name]
        came = next((event.seq for event in events if isinstance(event, Joined) and event.room == name), 0)
        last = room.last if late or not came else came
        self.room = name
        came = self.since.setdefault(name, came or last + 1)  # what follows may send them out while we wait
        limits = self.services.limits
        recent: Sequence[RoomEvent] = ()
        if limits.recent_lines:
            recent, _ = await self.lines(name, after=None, before=last + 1, limit=limits.recent_lines, talk=True)
        if not self.account:
            return self.view_of(room, recent, last)
        read = await self.begin_mark(name, came)
        missed = await self.talk_count(name, read, came, MISSED) if read < came - 1 else 0
        return replace(self.view_of(room, recent, last), missed=missed, read=read)

    async def leave(self, room: str | None = None, reason: str = "") -> str:
        who, found = self.here(), self.looked_at(room)
        events = self.services.chat.membership.leave(self.now(), who, found, self.own_words(reason, [found]))
        await self.happen(*events)
        await self.mark(who, events)
        return found.name

    async def mark(self, who: Presence, events: Sequence[Event]) -> None:
        """An account has read its rooms up to its own departure."""
        marks = {event.room: event.seq for event in events if isinstance(event, Left) and event.seq}
        if who.account and marks:
            with suppress(NotKept):  # then what was missed will be a little more
                await self.services.backend.mark(who.key, marks)

    async def begin_mark(self, name: str, came: int) -> int:
        """
        Up to where an account has read a room. Where it was never noted it is now, as a crash leaves no time for it.

        @param came: the number of the event by which it came in.
        """
        backend, key = self.services.backend, self.here().key
        mark = (await backend.marks(key)).get(name)
        if mark is None:
            mark = came
            with suppress(NotKept):
                await backend.mark(key, {name: mark})
        return mark

    # What a room is.

    async def set_topic(self, text: str, room: str | None = None) -> None:
        self.check_may_speak()
        await self.happen(self.services.chat.settings.set_topic(self.now(), self.here(), self.looked_at(room), text))

    async def set_topic_by(self, by: str, room: str | None = None) -> None:
        found = self.governed(room, "opentopic")
        await self.decree(self.services.chat.settings.set_topic_by(self.now(), self.here(), found, by))

    async def set_password(self, password: str, room: str | None = None) -> None:
        found = self.governed(room, "password")
        hash = await self.services.entrance.room_hash(password, self.asker) if password else ""
        found = self.governed(found.name, "password")
        await self.decree(self.services.chat.settings.set_password(self.now(), self.here(), found, hash))

    async def set_invite_only(self, on: bool, room: str | None = None) -> None:
        await self.decree(
            self.services.chat.settings.set_invite_only(
                self.now(), self.here(), self.governed(room, "private" if on else "public"), on
            )
        )

    async def set_slow(self, seconds: int, room: str | None = None) -> None:
        await self.decree(
            self.services.chat.settings.set_slow(self.now(), self.here(), self.governed(room, "slow"), seconds)
        )

    async def lock(self, until: float, reason: str = "", room: str | None = None) -> None:
        found = self.governed(room, "lock")
        reason = self.own_words(reason, [found])
        await self.decree(self.services.chat.settings.lock(self.now(), self.here(), found, until, reason))

    async def unlock(self, room: str | None = None) -> None:
        await self.decree(self.services.chat.settings.unlock(self.now(), self.here(), self.governed(room, "unlock")))

    async def invite(self, nick: str, room: str | None = None) -> None:
        found = self.governed(room, "invite")
        self.check_may_speak()
        nick, account = await self.known(nick)
        found = self.governed(found.name, "invite")
        await self.happen(self.services.chat.membership.invite(self.now(), self.here(), found, nick, account))

    async def set_role(self, nick: str, role: Role, room: str | None = None) -> None:
        found = self.governed(room, "op", Role.OWNER)
        nick, account = await self.known(nick)
        found = self.governed(found.name, "op", Role.OWNER)
        await self.decree(self.services.chat.moderation.set_role(self.now(), self.here(), found, nick, account, role))

    async def known(self, nick: str) -> tuple[str, bool]:
        """
        Somebody on line or with an account: the name as shown, and whether it is an account's.

        @raise NoSuchPerson:
        """
        present = self.services.chat.state.people.get(fold(nick))
        if present is not None:
            return present.nick, present.account
        account = await self.account_of(fold(nick))
        if account is None:
            raise NoSuchPerson("Nobody of that name is here or has an account. /who lists who is here.")
        return account.name, True

    # Order.

    async def kick(self, nick: str, reason: str = "", room: str | None = None) -> None:
        found = self.governed(room, "kick")
        reason = self.own_words(reason, [found])
        await self.decree(*self.services.chat.moderation.kick(self.now(), self.here(), found, nick, reason))

    async def mute(self, nick: str, until: float, reason: str = "", room: str | None = None) -> RoomMuted | Sanctioned:
        name, account = await self._meant(nick)
        found = self.governed(room, "mute")
        reason = self.own_words(reason, [found])
        events = self.services.chat.moderation.mute(self.now(), self.here(), found, name, until, reason, account)
        await self.decree(*events)
        return [event for event in events if isinstance(event, RoomMuted | Sanctioned)][-1]

    async def unmute(self, nick: str, room: str | None = None) -> None:
        await self.decree(
            *self.services.chat.moderation.unmute(self.now(), self.here(), self.governed(room, "unmute"), nick)
        )

    async def ban(self, nick: str, until: float, reason: str = "", room: str | None = None) -> RoomBanned | Sanctioned:
        name, account = await self._meant(nick)
        found = self.governed(room, "ban")
        reason = self.own_words(reason, [found])
        events = self.services.chat.moderation.ban(self.now(), self.here(), found, name, until, reason, account)
        await self.decree(*events)
        return [event for event in events if isinstance(event, RoomBanned | Sanctioned)][-1]

    async def unban(self, nick: str, room: str | None = None) -> None:
        await self.decree(
            *self.services.chat.moderation.unban(self.now(), self.here(), self.governed(room, "unban"), nick)
        )

    async def _meant(self, nick: str) -> tuple[str, bool]:
        """
        A nickname as its owner writes it, and whether it is an account's; or any lawful one: also those not here can
        be banned.
        """
        present = self.services.chat.state.people.get(fold(nick))
        if present is not None:
            return present.nick, present.account
        account = await self.account_of(fold(nick))
        if account is not None:
            return account.name, True
        return any_nickname(nick, self.services.limits.nick_length), False

    def bans(self, room: str | None = None) -> Sequence[RoomBanned | RoomMuted | Sanctioned]:
        found, now = self.governed(room, "bans"), self.now()
        bans = [ban for ban in found.bans.entries.values() if in_force(ban, now)]
        return [*bans, *(mute for mute in found.mutes.entries.values() if in_force(mute, now))]

    def called_now(self, act: RoomBanned | RoomMuted | Sanctioned) -> str | None:
        visit = act.visit if isinstance(act, Sanctioned) else ""
        names = [who.nick for who in self.services.chat.state.people.values() if visit and who.visit == visit]
        return names[0] if names else None

    # People.

    def people(self, room: str | None = None) -> Sequence[Person]:
        if room == "*":
            return [self.someone(who, Role.NOBODY) for who in self.services.chat.state.people.values()]
        found = self.looked_at(room)
        return [self.someone(who, found.role(key)) for key, who in found.members.items()]
