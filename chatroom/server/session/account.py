"""
What is one's own: the sessions and the password of an account, being away, whom one ignores, and the time zone.

It knows accounts, and not how one logs in to them.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from chatroom.core.accounts import check_password, public_id
from chatroom.core.audit import entry_of
from chatroom.core.cleaning import quoted
from chatroom.core.names import any_nickname, fold
from chatroom.errors import LimitReached, NoSuchPerson, NotAllowed, NotFound, NotKept, Unlawful, WrongPassword, counted
from chatroom.events import ALL_SESSIONS, SERVER, AccountChanged, BotSet, Event, Revoked, ServerRole
from chatroom.interfaces import SessionInfo
from chatroom.records import Token
from chatroom.server.owed import end_sessions
from chatroom.server.session.base import NONE_IGNORED, SessionBase
from chatroom.server.session.tokens import new_program_session, token_times
from chatroom.zones import named

ENDED_ELSEWHERE = "This session was ended from another session."


class AccountActions(SessionBase):
    """What L{chatroom.interfaces.IIdentity} says of what a person keeps."""

    __slots__ = ()

    async def passwd(self, old: str, new: str) -> int:
        key, services = self.own_account(), self.services
        if await services.entrance.check(self.here().nick, old, self.asker, owner=True) != key:
            raise WrongPassword("That is not your password.")
        check_password(new, self.here().nick, services.limits.password_length)
        account = await self.account_of(key)
        hash = await services.entrance.new_hash(new, self.asker)
        backend = services.backend
        if account is None or not await backend.change_account(key, password=hash, instead_of=account.password):
            raise WrongPassword("Your password was changed in the meantime.")
        return await self._end_others("The password was changed from another session.")

    async def sessions(self) -> Sequence[SessionInfo]:
        tokens = await self.services.backend.tokens(self.own_account())
        return [self._public(token) for token in tokens if token.expires > self.now()]

    async def create_session(self, name: str) -> str:
        key = self.own_account()
        await self.check_is_the_owner("sessions")
        return await new_program_session(self.services, key, name, self.address)

    def _public(self, token: Token) -> SessionInfo:
        return SessionInfo(
            public_id(token.digest), token.digest == self.session, token.created, token.used, token.expires,
            token.label, token.kept, token.service,
        )  # fmt: skip

    async def keep_session(self) -> SessionInfo:
        key, backend = self.own_account(), self.services.backend
        session = await backend.token(self.session)
        if session is None:
            raise NotFound("This session has ended.")
        if not session.kept:
            used, expires = await token_times(self, key, session)
            session = replace(session, used=used, expires=expires, kept=True)
            await backend.add_token(session, self.services.limits.sessions_per_account)
        for caller in self.connections.of(key):
            if caller.session == session.digest:
                caller.brief = False
        return self._public(session)

    async def _others(self) -> list[str]:
        tokens = await self.services.backend.tokens(self.own_account())
        return [token.digest for token in tokens if token.digest != self.session]

    async def revoke(self, session: str) -> int:
        await self.check_is_the_owner("sessions")
        wanted = session.strip().lower()
        if wanted == "all":
            return await self._end_others(ENDED_ELSEWHERE)
        tokens = await self.services.backend.tokens(self.own_account())
        named = [token.digest for token in tokens if token.service and fold(token.service) == fold(wanted)]
        ended = named or [each for each in await self._others() if public_id(each) == wanted]
        if not ended and wanted == public_id(self.session):
            raise NotAllowed("That is the session you are using. /logout ends it.")
        if not ended:
            raise NotFound(f"There is no other session {quoted(wanted)}. /session lists them.")
        now, nick = self.now(), self.here().nick
        told = [Revoked(now, SERVER, nick, public_id(each), ENDED_ELSEWHERE) for each in ended]
        return await end_sessions(self.services, ended, told, self)

    async def _end_others(self, sentence: str) -> int:
        """Let this session be the only one; whoever is here by another reads the sentence."""
        others, own = await self._others(), public_id(self.session)
        told = Revoked(self.now(), SERVER, self.here().nick, ALL_SESSIONS, sentence, own)
        return await end_sessions(self.services, others, [told], self)

    async def set_away(self, text: str) -> Sequence[str]:
        who, chat = self.here(), self.services.chat
        if text:
            self.check_may_speak()
        reading = chat.talk.rooms_reading(who, self.now())
        await self.happen(chat.talk.set_away(self.now(), who, text))
        return [room.name for room in who.rooms.values() if room not in reading]

    async def ignore(self, nick: str) -> None:
        key = fold(any_nickname(nick, self.services.limits.nick_length))
        if key == self.here().key:
            raise NotAllowed("You cannot ignore yourself.")
        most = self.services.limits.ignores
        if len(self.ignored) >= most and key not in self.ignored:
            sentence = f"You ignore {counted(len(self.ignored), 'person', 'people')}; that is the limit."
            raise LimitReached(sentence, most=most)
        await self._ignore(self.ignored | {key})

    async def unignore(self, nick: str) -> None:
        self.here()
        if fold(nick.strip()) not in self.ignored:
            raise NotFound("You are not ignoring anyone of that name. /ignore lists whom you ignore.")
        await self._ignore(self.ignored - {fold(nick.strip())})

    def ignore_again(self, nicks: Sequence[str]) -> None:
        """@raise Unlawful: @raise LimitReached:"""
        if self.presence is not None:
            raise NotAllowed("Usage: /ignore NICK")
        keys = frozenset(fold(any_nickname(nick, self.services.limits.nick_length)) for nick in nicks)
        most = self.services.limits.ignores
        if len(keys) > most:
            raise LimitReached(f"You ignore {len(keys):,} people; the limit is {most}.", most=most)
        self.ignored = keys or NONE_IGNORED

    async def _ignore(self, keys: frozenset[str]) -> None:
        if self.account:
            await self.services.backend.change_account(self.here().key, ignored=sorted(keys))
        for caller in self.connections.of(self.here().key):
            caller.ignored = keys
        await self._changed()

    async def mark_bot(self, on: bool, nick: str | None = None) -> str:
        who, services = self.here(), self.services
        key = who.key if nick is None else fold(nick.strip())
        if key == who.key and not self.account:
            await self.happen(BotSet(self.now(), SERVER, who.nick, who=who.nick, on=on))
            return who.nick
        mine = self.account and key == who.key
        role = ServerRole.ADMIN if mine else await self.server_role()
        if role is ServerRole.NONE:
            raise NotAllowed("Only server moderators can mark the account of somebody else. /staff lists them.")
        account = await self.account_of(key)
        if account is None:
            raise NoSuchPerson(f"There is no account called {quoted(nick or key)}; only accounts can be marked.")
        if not mine and account.role >= role:
            raise NotAllowed("You can only mark people with a lower role as bots.")
        if account.bot is not on:
            await services.backend.change_account(key, bot=on)
        events: list[Event] = []
        if key in services.chat.state.people:
            events.append(BotSet(self.now(), SERVER, who.nick, who=account.name, on=on))
        if not mine and account.bot is not on:
            detail = "on" if on else "off"
            events.append(entry_of(self.now(), self.here(), "bot", account.name, detail))
        await self.happen(*events)
        return account.name

    async def set_zone(self, zone: str) -> None:
        key = self.here().key
        if zone and named(zone) != zone:
            raise Unlawful(f"There is no time zone {quoted(zone)}.")
        if self.account:
            await self.services.backend.change_account(key, zone=zone)
        for caller in self.connections.of(key):
            caller.zone = zone
        await self._changed()

    async def _changed(self) -> None:
        """Tell the other nodes through which this person is connected."""
        if self.account:
            with suppress(NotKept):  # they read it at the next login, then
                await self.happen(AccountChanged(self.now(), SERVER, self.here().nick))
