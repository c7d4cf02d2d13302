"""
Who one is: a guest's nickname, an account's, sessions, and coming and going altogether.

A nickname is claimed in the backend before anybody hears of it, in the name of a L{holder<Base.holder>}: of this very
connection for a guest, of the account for all its connections. A departure is written down before the name is free. It
is long because these wishes cross each other, each of them being under way while the others come.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from chatroom.addresses import place
from chatroom.core import lockdown
from chatroom.core.accounts import DAY, check_enabled, check_password, digest, public_id
from chatroom.core.names import any_nickname, check_unlike, fold, nickname, quoted
from chatroom.core.presence import Presence
from chatroom.core.recollections import PersonHandedOver
from chatroom.errors import (
    Banned,
    LimitReached,
    NickOwned,
    NickTaken,
    NotAllowed,
    NotFound,
    NotKept,
    NotRegistered,
    Refused,
    WrongPassword,
    counted,
)
from chatroom.events import ALL_SESSIONS, SERVER, Arrived, Event, Left, Revoked, ServerRole
from chatroom.interfaces import Login, RoomView
from chatroom.records import Account, Token
from chatroom.server.connections import SESSION_ENDED
from chatroom.server.owed import release, see_off
from chatroom.server.session.protection import ProtectionActions
from chatroom.server.session.reading import ReadingActions
from chatroom.states import CallerSnapshot

ENDED_ELSEWHERE = "This session was ended from another one."


class IdentityActions(ProtectionActions, ReadingActions):
    """What L{chatroom.interfaces.IIdentity} says of identity."""

    __slots__ = ()

    # Guests.

    async def register(self, nick: str, lobby: bool = True) -> Login:
        self._stranger()
        nick = nickname(nick, self.services.limits.nick_length)
        await self._check_free(nick)  # whose it is may be asked for the password, though guests from there are banned
        self._check_may_come_in(nick, False)
        lockdown.check_guest(self.services.chat.state.lockdown, self.now())
        holder = f"guest:{self.services.node}:{secrets.token_hex(8)}"
        await self._claim(nick, holder)
        view = await self._arrive(nick, False, holder, lobby=lobby)
        return Login(self.here().nick, False, None, 0, view, self.lockdown())

    async def rename(self, nick: str) -> None:
        who = self.here()
        same = fold(nick) == who.key
        nick = (any_nickname if same else nickname)(nick, self.services.limits.nick_length)
        if who.account and not same:
            raise NotAllowed(f"You are logged in as {who.nick}. /logout first to take another nickname.")
        if nick == who.nick:
            return
        if who.rooms:
            self.check_may_speak()
        self.services.chat.visits.check_may_rename(self.now(), who)
        if not same:
            await self._check_free(nick)
            self._check_may_come_in(nick, False)
            holder = f"guest:{self.services.node}:{secrets.token_hex(8)}"
            await self._claim(nick, holder)
            await self._become(nick, False, holder)
        else:
            await self.happen(*self.services.chat.visits.rename(self.now(), who, nick, who.account))
            if who.account:
                await self.services.backend.change_account(who.key, name=nick)

    def _check_may_come_in(self, nick: str, account: bool) -> None:
        """@raise Banned: who this would be, or where the connection comes from, is banned from the server."""
        self.services.chat.staff.check_may_come_in(self.would_be(nick, account), self.address, self.now())

    async def _check_free(self, nick: str) -> None:
        if await self.services.backend.account(fold(nick)) is not None:
            raise NickOwned(f"The nickname {nick} belongs to an account.")
        await self._check_unlike(nick)

    async def _check_unlike(self, nick: str) -> None:
        """@raise Unlawful: it could be taken for the name of this server, or of one of its staff."""
        staff = await self.services.backend.staff()
        check_unlike(nick, self.services.name, [account.name for account in staff])

    async def _claim(self, nick: str, holder: str) -> None:
        if not await self.services.backend.claim(fold(nick), holder):
            raise NickTaken(f"The nickname {nick} is already taken. Type another one.")

    # Accounts.

    async def login(self, name: str, password: str, keep: bool = False) -> Login:
        account = await self._check(name, password)
        return await self._log_in(account, await self._new_session(account.key, keep), not keep)

    async def prove(self, name: str, password: str) -> str:
        self._proved = None
        self._proved = account = await self._check(name, password)
        return account.name

    async def arrive(self, keep: bool = False, lobby: bool = True) -> Login:
        self._not_logged_in()
        proved, self._proved = self._proved, None
        account = await self.services.backend.account(proved.key) if proved is not None else None
        if (
            proved is None
            or account is None
            or (account.password, account.created) != (proved.password, proved.created)
        ):
            raise WrongPassword("Prove first who you are: /login NAME PASSWORD")
        self._check_may_log_in(account)
        return await self._log_in(account, await self._new_session(account.key, keep), not keep, lobby)

    async def _check(self, name: str, password: str) -> Account:
        """The account whose name and password these are, which may log in."""
        self._not_logged_in()
        account = await self.services.backend.account(await self.services.entrance.check(name, password, self.asker))
        if account is None:
            raise WrongPassword("That name and that password do not belong together.")
        self._check_may_log_in(account)
        return account

    def _check_may_log_in(self, account: Account) -> None:
        """@raise Banned: @raise AccountDisabled:"""
        self._check_may_come_in(account.key, True)
        check_enabled(account)

    async def resume(self, token: str) -> Login:
        self._not_logged_in()
        backend, now = self.services.backend, self.now()
        session = await backend.token(digest(token.strip()))
        account = await backend.account(session.account) if session is not None else None
        known = session is not None and account is not None and session.expires > now
        self.services.entrance.check_token(known, self.asker)
        assert session is not None and account is not None
        self._check_may_log_in(account)
        await backend.use_token(session.digest, *await self._times(account.key, session))
        return replace(await self._log_in(account, token.strip(), not session.kept), token=None)

    async def signup(self, password: str, keep: bool = False) -> Login:
        who, services = self.here(), self.services
        if who.account:
            raise NotAllowed(f"{who.nick} is an account already, and you are logged in to it.")
        lockdown.check_account(services.chat.state.lockdown, self.now())
        await self._check_unlike(who.nick)  # who is staff by now, or what is reserved, may be another than at the door
        check_password(password, who.nick, services.limits.password_length)
        async with services.entrance.signup(self.asker) as this:
            hash = await services.entrance.new_hash(password, self.asker)
            account = Account(who.nick, who.key, hash, self.now(), tuple(sorted(self.ignored)))
            if self.presence is not who or not await services.backend.add_account(account):
                raise NickOwned(f"The nickname {who.nick} belongs to an account.")
            this.counts = True
        return await self._log_in(account, await self._new_session(account.key, keep), not keep)

    async def logout(self) -> None:
        self.own_account()
        nick, session = self.here().nick, self.session
        if session:
            await self.services.backend.drop_tokens([session])
        self._forget_me()
        self.ear.named(None)
        if session:  # others may have come in by the same token
            await self.happen(Revoked(self.now(), SERVER, nick, public_id(session), "You have logged out elsewhere."))

    async def passwd(self, old: str, new: str) -> int:
        key, services = self.own_account(), self.services
        if await services.entrance.check(self.here().nick, old, self.asker, owner=True) != key:
            raise WrongPassword("That is not your password.")
        check_password(new, self.here().nick, services.limits.password_length)
        account = await self.account_of(key)
        hash = await services.entrance.new_hash(new, self.asker)
        backend = services.backend
        if account is None or not await backend.change_account(key, password=hash, instead_of=account.password):
            raise WrongPassword("Your password has been changed meanwhile, and not to this one.")
        return await self._end_others("The password was changed from another session.")

    async def sessions(self) -> Sequence[tuple[Token, bool]]:
        tokens = await self.services.backend.tokens(self.own_account())
        return [(token, token.digest == self.session) for token in tokens if token.expires > self.now()]

    async def keep_session(self) -> Token:
        key, backend = self.own_account(), self.services.backend
        session = await backend.token(self.session)
        if session is None:
            raise NotFound("This session has ended.")
        if not session.kept:
            used, expires = await self._times(key, session)
            session = replace(session, used=used, expires=expires, kept=True)
            await backend.add_token(session, self.services.limits.sessions_per_account)
        for caller in self.connections.of(key):
            if caller.session == session.digest:
                caller.brief = False
        return session

    async def _others(self) -> list[str]:
        tokens = await self.services.backend.tokens(self.own_account())
        return [token.digest for token in tokens if token.digest != self.session]

    async def revoke(self, session: str) -> int:
        wanted = session.strip().lower()
        if wanted == "all":
            return await self._end_others(ENDED_ELSEWHERE)
        ended = [digest for digest in await self._others() if public_id(digest) == wanted]
        if not ended and wanted == public_id(self.session):
            raise NotAllowed("That is the session you are using. /logout ends it.")
        if not ended:
            raise NotFound(f"There is no other session {quoted(wanted)}. /session lists them.")
        count = await self.services.backend.drop_tokens(ended)
        await self.happen(Revoked(self.now(), SERVER, self.here().nick, wanted, ENDED_ELSEWHERE))
        return count

    async def _end_others(self, sentence: str) -> int:
        """Let this session be the only one; whoever is here by another reads the sentence."""
        count = await self.services.backend.drop_tokens(await self._others())
        own = public_id(self.session)
        await self.happen(Revoked(self.now(), SERVER, self.here().nick, ALL_SESSIONS, sentence, own))
        return count

    # What an account remembers.

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
        if len(self.ignored) >= self.services.limits.ignores and key not in self.ignored:
            raise LimitReached(f"You ignore {counted(len(self.ignored), 'person', 'people')}, which is the most.")
        await self._ignore(self.ignored | {key})

    async def unignore(self, nick: str) -> None:
        self.here()
        if fold(nick.strip()) not in self.ignored:
            raise NotFound("You do not ignore anybody of that name. /ignore lists whom you do.")
        await self._ignore(self.ignored - {fold(nick.strip())})

    def ignore_again(self, nicks: Sequence[str]) -> None:
        """@raise Unlawful: @raise LimitReached:"""
        if self.presence is not None:
            raise NotAllowed("Type /ignore NICK.")
        keys = frozenset(fold(any_nickname(nick, self.services.limits.nick_length)) for nick in nicks)
        if len(keys) > self.services.limits.ignores:
            raise LimitReached(f"You ignore {len(keys)} people; the most is {self.services.limits.ignores}.")
        self.ignored = keys

    async def _ignore(self, keys: frozenset[str]) -> None:
        if self.account:
            await self.services.backend.change_account(self.here().key, ignored=sorted(keys))
        for caller in self.connections.of(self.here().key):
            caller.ignored = keys

    # Coming in.

    def _stranger(self) -> None:
        if self.presence is not None:
            raise NotAllowed(f"You are {self.presence.nick} already. /nick changes that.")

    def _not_logged_in(self) -> None:
        if self.account:
            raise NotAllowed(f"You are logged in as {self.nick} already. /logout first.")

    async def _new_session(self, account: str, keep: bool) -> str:
        """@return: the token, which is shown once and kept nowhere."""
        token = secrets.token_urlsafe(24)
        used, expires = await self._times(account)
        session = Token(digest(token), account, self.now(), used, expires, self.address, keep)
        await self.services.backend.add_token(session, self.services.limits.sessions_per_account)
        return token

    async def _times(self, account: str, session: Token | None = None) -> tuple[float, float]:
        """
        When a session was used and will expire, if it is used now. A clock that was set back ends none early, and
        makes none look older than those that were used before; what a clock that was ahead has written counts for
        nothing once it is beyond what could be.
        """
        now, life = self.now(), self.services.limits.session_days * DAY
        others = await self.services.backend.tokens(account)
        newest = max((each.used for each in others if each.used <= now + life), default=0.0)
        used = now if now >= newest else newest + 0.001
        expires = now + life
        if session is not None and expires < session.expires <= expires + life:
            expires = session.expires
        return used, expires

    async def _log_in(self, account: Account, token: str, brief: bool, lobby: bool = True) -> Login:
        """Be this account from now on: as a stranger, as a guest of another name, or as one of its own."""
        services, key, holder = self.services, account.key, f"account:{account.key}"
        guest = self.presence
        if guest is None or guest.key != key:  # else the name is held already, as a guest's
            await self._claim(account.name, holder)
            await self.connections.departed(key)
        self.ignored = frozenset(account.ignored)
        if guest is not None and key in services.chat.state.people and guest.key != key:
            view = await self._merge(account, holder)
        elif guest is not None:
            await self._become(account.name, True, holder)
            for name, room in list(guest.rooms.items()):
                await self.begin_mark(name, self.since.get(name, room.last))
            view = self.view_of(self.looked_at(None)) if self.room else None
        elif key in services.chat.state.people and services.node in services.chat.state.people[key].nodes:
            view = await self._join_in(key, holder)
        else:
            view = await self._arrive(account.name, True, holder, account.role, lobby)
        self.session, self.brief = digest(token), brief
        if (
            await services.backend.token(self.session) is None
        ):  # ended when nobody knew yet that it is this connection's
            self.ear.hang_up(SESSION_ENDED)
        if account.role is not self.staff:
            with suppress(NotKept):  # it is asked again before it counts
                await self.server_role()
        reports = len(services.chat.state.reports) if account.role > ServerRole.NONE else 0
        waiting = await self.waiting(key)
        return Login(self.here().nick, True, token, waiting, view, self.lockdown(), reports, not brief)

    async def _arrive(
        self, nick: str, account: bool, holder: str, role: ServerRole = ServerRole.NONE, lobby: bool = True
    ) -> RoomView | None:
        """The nickname is claimed: be on line through this node, and in the lobby, if it is wished and lets one in."""
        services, now, who = self.services, self.now(), self.would_be(nick, account, role)
        events: list[Event] = [
            Arrived(now, SERVER, nick, account=account, node=services.node, visit=who.visit, origin=who.origin)
        ]
        if (
            lobby and services.lobby and fold(nick) not in services.chat.state.people
        ):  # else they are where they are, by another node
            try:
                events += services.chat.membership.arrive_in_lobby(now, who)
            except Refused as refused:
                self.notice(refused.code, refused.sentence)
        try:
            await self.happen(*events)
        except NotKept:
            services.finish(release(services, fold(nick), holder))
            raise
        return await self._join_in(fold(nick), holder, events)

    async def _join_in(self, key: str, holder: str, events: Sequence[Event] = ()) -> RoomView | None:
        """Be one more connection of somebody who is on line through this node."""
        services = self.services
        self.presence, self.holder = services.chat.state.people[key], holder
        self.connections.attach(self, key)
        if self.closed:  # it went away while it came in
            self._forget_me()
            raise NotRegistered("The connection is gone.")
        try:
            self._check_may_come_in(key, self.presence.account)
        except Banned:  # while it came in
            self._forget_me()
            raise
        self.ear.named(self.presence.nick)
        rooms = self.rooms
        name = services.lobby if services.lobby in rooms else next(iter(rooms), None)
        return await self.look_around(name, events, late=True) if name is not None else None

    async def _become(self, nick: str, account: bool, holder: str) -> None:
        """A guest takes a nickname, in all rooms. It is claimed, unless it is the one they have."""
        who, services = self.here(), self.services
        old_key, old_holder, new_key, self.changing = who.key, self.holder, fold(nick), True
        events = services.chat.visits.rename(self.now(), who, nick, account)
        try:
            await self.happen(*events)
            self.holder = holder
            if new_key == old_key:  # signing up: nobody else can have the name between these two
                await release(services, old_key, old_holder)
                await services.batches.insist(lambda: services.backend.claim(new_key, holder))
            for event in events:
                if isinstance(event, Left):
                    self.notice("banned", f"You are out of {event.room}: {event.reason}.")
        except NotKept:
            if new_key != old_key:
                services.finish(release(services, new_key, holder))
            raise
        finally:
            self.changing = False
            if self.closed:
                self._forget_me()
        if new_key != old_key:
            services.finish(release(services, old_key, old_holder))

    async def _merge(self, account: Account, holder: str) -> RoomView | None:
        """A guest turns out to be somebody who is here already: the guest goes, and takes them along."""
        rooms, looked_at = self.rooms, self.room
        chat, now, who = self.services.chat, self.now(), self.here()
        carried = chat.visits.carried_along(now, who, account.name, True) + chat.visits.invited_as(
            now, who, account.name, True
        )
        self._forget_me()
        services, self.ignored = self.services, frozenset(account.ignored)
        if services.node in services.chat.state.people[account.key].nodes:
            view = await self._join_in(account.key, holder)
        else:
            view = await self._arrive(account.name, True, holder, account.role)
        await self.happen(*carried)
        for name in rooms:
            if name in services.chat.state.rooms:
                who = self.here()
                try:
                    await self.happen(*services.chat.membership.join(self.now(), who, services.chat.state.rooms[name]))
                except Refused as refused:
                    self.notice(refused.code, refused.sentence)
        if looked_at in self.rooms:
            self.room = looked_at
            view = self.view_of(self.looked_at(None))
        return view

    # Going.

    def gone(self, reason: str, own: bool = False) -> None:
        if not self.closed:
            self.closed = True
            if self._asker is not None:
                self._asker.gone = True
            self.connections.remove(self)
            if not self.changing:
                self._forget_me(reason, own)

    def _forget_me(self, reason: str = "", own: bool = False) -> None:
        """This connection has no nickname any more; if it was the last of that person, they leave the server."""
        who, holder = self.presence, self.holder
        if who is None:
            return
        self.connections.detach(self, who.key)
        self.brief, self._proved = False, None
        self.presence, self.room, self.session, self.holder = None, None, "", ""
        self.ignored, self.whisperer, self.since = frozenset(), None, {}
        if self.connections.of(who.key):
            self.services.finish(release(self.services, who.key, holder))
            return
        self.connections.depart(who.key, self._depart(who, holder, reason, own))

    async def _depart(self, who: Presence, holder: str, reason: str, own: bool) -> None:
        services = self.services
        await services.batches.settled()  # so that they leave the rooms they were just going into, too
        if not self.connections.of(who.key):
            await self.mark(who, await see_off(services, who, services.node, reason, own))
        await release(services, who.key, holder)

    # From one process to the next.

    def state(self) -> CallerSnapshot:
        return CallerSnapshot(
            self.door,
            self.nick,
            self.holder,
            self.session,
            self.room,
            self.rooms,
            tuple(sorted(self.ignored)),
            self.correspondent,
            dict(self.since),
            self.brief,
            self.visit,
            {} if self.presence is None else self.services.chat.talk.paces(self.presence, self.now()),
        )

    def restore(self, state: CallerSnapshot) -> None:
        """Be who this connection was. Its nickname has to be claimed again."""
        who = None if state.nick is None else self.services.chat.state.people.get(fold(state.nick))
        if who is None:
            return
        self.presence, self.holder, self.session, self.brief = who, state.holder, state.session, state.brief
        self.visit = state.visit or who.visit or self.visit
        told = PersonHandedOver(who.nick, place(self.address).origin, state.rooms, state.paces)
        self.services.chat.state.apply(told)
        self.connections.attach(self, who.key)
        self.room = state.room if state.room in who.rooms else next(iter(who.rooms), None)
        self.ignored = frozenset(state.ignored)
        if state.correspondent is not None:  # who is not here has an account, or would not be named
            absent = Presence(state.correspondent, True, "", self.now())
            self.whisperer = self.services.chat.state.people.get(absent.key, absent)
        self.since = dict(state.since)
