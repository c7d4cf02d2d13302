"""
All that the server keeps of one person: to be shown to them, or to be forgotten.

What is whose, and what stays for good reasons, is said in docs/adr/ where it tells of erasing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from twisted.internet.defer import Deferred

from chatroom.control.accounts import HOLDER, AccountsControl
from chatroom.control.base import number, truth
from chatroom.core.cleaning import clean
from chatroom.core.names import fold
from chatroom.core.rooms import Room
from chatroom.erasure import anonymous, is_about
from chatroom.errors import NickTaken, NotFound
from chatroom.events import (
    BAN,
    MUTE,
    SERVER,
    AdmittedSet,
    Erased,
    Event,
    Expelled,
    Pardoned,
    PluginStored,
    RoleSet,
    RoomUnbanned,
    RoomUnmuted,
    Uninvited,
)
from chatroom.records import ERASED, Account
from chatroom.server.services import SERVER_NICK
from chatroom.wire import time_text, to_object

LINES = 500
"""Lines and letters in one answer."""

STORED = 20
"""Values of plugins in one answer: each may be long."""

TRIES = 50
"""So often the nickname of a person on another node is tried."""

PAUSE = 0.1
"""Seconds between two tries."""

FAREWELL = "Your account was erased. Goodbye."


class PersonalData(AccountsControl):
    """The words of L{chatroom.control.control.Control} that are about one person."""

    # To be shown. Never a hash: a digest of a token is one, too.

    async def profile(self, name: str) -> Mapping[str, Any]:
        """
        What is kept of somebody, but for what they wrote and what was written to them; of a guest, what rooms know.

        @raise NotFound: there is nothing, not even a line.
        """
        account, key = await self._account_or_guest(name), fold(name.strip())
        present, rooms = key in self.services.chat.state.people, await self._rooms(key)
        if account is None:
            said = await self.services.backend.lines(key, 0.0, 0, 1)
            if not (present or rooms or said.events):
                raise NotFound(f"There is no data of anyone called {clean(name)}.")
            await self.note("export", clean(name).strip(), "a guest")
            return {"name": clean(name).strip(), "account": False, "online": present, "rooms": rooms}
        await self.note("export", account.name)
        return {
            "name": account.name,
            "account": True,
            "created": time_text(account.created),
            "staff": account.role.name.lower(),
            "online": present,
            "ignores": list(account.ignored),
            "zone": account.zone or None,
            "sessions": await self.session_facts(account),
            "certificates": await self.certificate_facts(account),
            "rooms": rooms,
            "read": dict(await self.services.backend.marks(account.key)),
        }

    async def _account_or_guest(self, name: str) -> Account | None:
        """@raise NotFound: the account was erased."""
        found = await self.services.backend.account(fold(name.strip()))
        return None if found is None else await self.account(name)

    async def _rooms(self, key: str) -> list[dict[str, Any]]:
        """What they are, may and may not in each room that knows of them."""
        found = []
        for room in await self._knowing(key):
            ban, mute = room.bans.entries.get(key), room.mutes.entries.get(key)
            facts: dict[str, Any] = {
                "room": room.name,
                "role": room.role(key).name.lower(),
                "present": key in room.members,
                "invited": key in room.invited,
                "admitted": key in room.admitted,
                "banned": None if ban is None else to_object(ban),
                "muted": None if mute is None else to_object(mute),
            }
            found.append(facts)
        return found

    async def _knowing(self, key: str) -> list[Room]:
        """The rooms that know of them."""
        return [
            room
            async for some in self.services.pieces(self.services.chat.state.rooms.values())
            for room in some
            if key in room.members
            or key in room.roles
            or room.is_invited(key)
            or key in room.bans.entries
            or key in room.mutes.entries
        ]

    async def letters(self, name: str, after: str = "0") -> Mapping[str, Any]:
        """Some whispers in the inbox, and what to pass as C{after} for more, or C{None}. None is marked as read."""
        if await self._account_or_guest(name) is None:
            return {"letters": [], "next": None}
        found = await self.services.backend.letters(fold(name.strip()), number(after), LINES)
        letters = [
            {"at": time_text(mail.at), "from": mail.sender, "text": mail.text, "read": mail.read} for mail in found
        ]
        return {"letters": letters, "next": found[-1].id if len(found) == LINES else None}

    async def lines(self, name: str, after: str = "0") -> Mapping[str, Any]:
        """
        Some of what somebody said in rooms, and what to pass as C{after} for more, or C{None}. What was said by that
        name before there was the account may have been somebody else's; of a guest, there is no telling.
        """
        account = await self._account_or_guest(name)
        since = 0.0 if account is None else account.created
        found = await self.services.backend.lines(fold(name.strip()), since, number(after), LINES)
        return {"lines": [to_object(event) for event in found.events], "next": found.next}

    async def stored(self, name: str, after: str = "0") -> Mapping[str, Any]:
        """Some of what plugins store of somebody or with their name in it, and what to pass as C{after} for more."""
        await self._account_or_guest(name)
        found = list(self._stored(fold(name.strip())))
        start = number(after)
        page = [
            {"at": time_text(fact.at), "plugin": fact.nick, "key": fact.key, "value": fact.value}
            for fact in found[start : start + STORED]
        ]
        return {"stored": page, "next": start + STORED if len(found) > start + STORED else None}

    def _stored(self, key: str) -> Iterator[PluginStored]:
        """What plugins store of this person, or with their name in it. A guest's is found while that guest is here."""
        present = self.services.chat.state.people.get(key)
        visit = present.visit if present is not None else ""
        for facts in self.services.chat.state.stored.values():
            for fact in facts.values():
                if is_about(fact, key) or (visit and fact.who == visit) or anonymous(fact, key, False) is not None:
                    yield fact

    # To be forgotten.

    async def erase(self, name: str, keep_text: str = "false", free: str = "false") -> Mapping[str, Any]:
        """
        Let nothing be left of somebody, but for what other people said of them in rooms, and for the audit log, which
        keeps who did what to whom and not why. Whoever is on line by
        this name is let go. Without an account, too: of a guest, and where an erasure was interrupted.

        @param keep_text: leave what they said, under nobody's name. @param free: others may have the name.
        @raise NickTaken: somebody came in by it meanwhile, or is on the way out of another node.
        @raise NotFound: there is neither an account nor a line by that name, nor a name to free.
        """
        services, key = self.services, fold(name.strip())
        account = await services.backend.account(key)
        shown = account.name if account is not None else clean(name).strip()
        present = key in services.chat.state.people
        reserve = account is not None and not truth(free)
        visits = {key, *self._visits(key)}
        await self._let_go(key)
        if account is not None:
            await self.end_sessions(account, FAREWELL)  # on other nodes, and who was quick to come back
        if not await self._claim(key):
            raise NickTaken(f"{shown} is just connecting or disconnecting. Try again.")
        try:
            await services.backend.drop_account(key)
            if reserve:
                await services.backend.add_account(Account(key, key, ERASED, 0.0))
            await self._leave_rooms(key, shown)
            await self._leave_plugins(visits)
            lines = await services.backend.erase(key, truth(keep_text))
            erased = Erased(services.now(), SERVER, SERVER_NICK, who=key, keep_text=truth(keep_text))
            await services.batches.happen(erased)
        finally:
            await services.claims.release(key, HOLDER)
        if account is None and not lines and not present:
            raise NotFound(f"There is no data of anyone called {shown}.")
        await self.note("erase", shown, f"{lines} line{'' if lines == 1 else 's'}")
        return {"name": shown, "lines": lines, "reserved": reserve}

    async def _let_go(self, key: str) -> None:
        for caller in list(self.connections.of(key)):
            caller.ear.hang_up(FAREWELL)
            caller.gone("")
        await self.connections.departed(key)
        services, who = self.services, self.services.chat.state.people.get(key)
        if who is not None:  # through another node
            expelled = Expelled(services.now(), SERVER, SERVER_NICK, target=who.nick, reason="your data was erased")
            await services.batches.happen(expelled)

    async def _claim(self, key: str) -> bool:
        """Hold the nickname, as soon as the other nodes have let go of it: they keep a goodbye first."""
        tries = TRIES if key in self.services.chat.state.people else 1
        while not await self.services.claims.claim(key, HOLDER):
            tries -= 1
            if not tries:
                return False
            pause: Deferred[None] = Deferred()
            self.services.clock.callLater(PAUSE, pause.callback, None)
            await pause
        return True

    def _visits(self, key: str) -> set[str]:
        """What a guest of this name is known by to plugins."""
        present = self.services.chat.state.people.get(key)
        return {present.visit} - {""} if present is not None else set()

    async def _leave_plugins(self, keys: set[str]) -> None:
        """What plugins store of them is dropped. Where only their name stands in a value, it is erased afterwards."""
        now = self.services.now()
        facts = [fact for facts in self.services.chat.state.stored.values() for fact in facts.values()]
        gone = [fact for fact in facts if any(is_about(fact, key) for key in keys)]
        await self.services.batches.happen(*(PluginStored(now, SERVER, each.nick, each.key) for each in gone))

    async def _leave_rooms(self, key: str, name: str) -> None:
        """What rooms and the server hold about them, they hold no more. The history of it is erased afterwards."""
        now, events = self.services.now(), list[Event]()
        for room in await self._knowing(key):
            if key in room.roles:
                events.append(RoleSet(now, room.name, SERVER_NICK, who=name, role="member"))
            if key in room.bans.entries:
                events.append(RoomUnbanned(now, room.name, SERVER_NICK, who=name))
            if key in room.mutes.entries:
                events.append(RoomUnmuted(now, room.name, SERVER_NICK, who=name))
            if key in room.invited:
                events.append(Uninvited(now, room.name, SERVER_NICK, who=name))
            if key in room.admitted:
                events.append(AdmittedSet(now, room.name, SERVER_NICK, who=name, on=False))
        for act, book in ((BAN, self.services.chat.state.server_bans), (MUTE, self.services.chat.state.server_mutes)):
            if key in book.entries:
                events.append(Pardoned(now, SERVER, SERVER_NICK, act=act, target=name))
        await self.services.batches.happen(*events)
