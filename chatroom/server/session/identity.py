"""
Who one is: a guest's nickname, or an account that is proved by a password, a token or a certificate; and the end of a
connection.

It says who may be whom. How that comes to be, L{chatroom.server.session.arriving} knows.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import replace

from chatroom.core import lockdown
from chatroom.core.accounts import check_password, digest, public_id
from chatroom.core.names import any_nickname, check_unlike, fold, nickname
from chatroom.errors import NickOwned, NotAllowed, NotFound, WrongPassword
from chatroom.events import SERVER, Revoked
from chatroom.interfaces import Login
from chatroom.interfaces.plugin_services import NICKNAME
from chatroom.records import Account
from chatroom.server.session.arriving import (
    become,
    check_may_come_in,
    check_may_log_in,
    claim,
    go_on_line,
    log_in,
    proved_account,
)
from chatroom.server.session.base import SessionBase
from chatroom.server.session.leaving import forget
from chatroom.server.session.tokens import new_session, token_times


class IdentityActions(SessionBase):
    """What L{chatroom.interfaces.IIdentity} says of being somebody, and the end of the connection."""

    __slots__ = ()

    async def register(self, nick: str, lobby: bool = True) -> Login:
        self._stranger()
        certified = await self._certified(nick)
        if certified is not None:
            self._prove_certified(certified)
            return await self.arrive(lobby=lobby)
        nick = await self.check_nick(nick)
        holder = await self._claim_as_guest(nick)
        view = await go_on_line(self, nick, False, holder, lobby=lobby)
        return Login(self.here().nick, False, None, 0, view, self.lockdown())

    async def check_nick(self, nick: str) -> str:
        nick = nickname(nick, self.services.limits.nick_length)
        await self._check_free(nick)  # whose it is may be asked for the password, though guests from there are banned
        if self.services.checks.has(NICKNAME):
            await self.checked(NICKNAME, nick)
        check_may_come_in(self, nick, False)
        lockdown.check_guest(self.services.chat.state.lockdown, self.now())
        return nick

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
            if self.services.checks.has(NICKNAME):
                await self.checked(NICKNAME, nick)
                self.services.chat.visits.check_may_rename(self.now(), who)
            check_may_come_in(self, nick, False)
            await become(self, nick, False, await self._claim_as_guest(nick))
        else:
            await self.happen(*self.services.chat.visits.rename(self.now(), who, nick, who.account))
            if who.account:
                await self.services.backend.change_account(who.key, name=nick)

    async def _claim_as_guest(self, nick: str) -> str:
        """Have the nickname, unless it has become an account's meanwhile. @return: the holder."""
        services, holder = self.services, f"guest:{self.services.node}:{secrets.token_hex(8)}"
        await claim(self, nick, holder)
        try:
            await self._check_unowned(nick)
        except Exception:
            services.finish(services.claims.release(fold(nick), holder))
            raise
        return holder

    async def _check_free(self, nick: str) -> None:
        await self._check_unowned(nick)
        await self._check_unlike(nick)

    async def _check_unowned(self, nick: str) -> None:
        """@raise NickOwned:"""
        if await self.services.backend.account(fold(nick)) is not None:
            raise NickOwned(f"The nickname {nick} belongs to an account.")

    async def _check_unlike(self, nick: str) -> None:
        """@raise Unlawful: it could be taken for the name of this server, or of one of its staff."""
        staff = await self.services.backend.staff()
        check_unlike(nick, self.services.name, [account.name for account in staff])

    async def login(self, name: str, password: str, keep: bool = False) -> Login:
        self._not_logged_in()
        account = await proved_account(self, name, password)
        return await log_in(self, account, await new_session(self, account.key, keep), not keep)

    async def prove(self, name: str, password: str) -> str:
        self.proved = None
        account = await proved_account(self, name, password)
        self.proved, self.proved_by = account, ""
        return account.name

    async def make_account(self, nick: str, password: str) -> str:
        self._stranger()
        self.proved = None
        services, nick = self.services, await self.check_nick(nick)
        lockdown.check_account(services.chat.state.lockdown, self.now())
        check_password(password, nick, services.limits.password_length)
        holder = await self._claim_as_guest(nick)  # so that nobody else has it meanwhile
        try:
            account = await self._keep_account(nick, password, False, lambda: not self.closed)
        finally:
            services.finish(services.claims.release(fold(nick), holder))
        self.proved, self.proved_by = account, ""
        return nick

    async def _keep_account(self, nick: str, password: str, bot: bool, wanted: Callable[[], bool]) -> Account:
        """
        Make an account that has what this connection has set.

        @param wanted: asked when the password is hashed, which takes a while. @raise NickOwned: @raise Throttled:
        """
        entrance = self.services.entrance
        async with entrance.signup(self.asker) as this:
            hash = await entrance.new_hash(password, self.asker)
            ignored = tuple(sorted(self.ignored))
            account = Account(nick, fold(nick), hash, self.now(), ignored, zone=self.zone, bot=bot)
            if not wanted() or not await self.services.backend.add_account(account):
                raise NickOwned(f"The nickname {nick} belongs to an account.")
            this.counts = True
        return account

    async def prove_certificate(self, name: str = "") -> str:
        self.proved = None
        if not self.certificate:
            raise NotFound("Your client has presented no certificate.")
        return self._prove_certified(await self._certified(name))

    def _prove_certified(self, account: Account | None) -> str:
        """@raise WrongPassword: the certificate is none of an account."""
        self.services.entrance.check_certificate(account is not None, self.asker)
        assert account is not None
        check_may_log_in(self, account)
        self.proved, self.proved_by = account, self.certificate
        return account.name

    async def _certified(self, name: str = "") -> Account | None:
        """The account that the certificate of this client logs in to, if it is that of this name."""
        backend, key = self.services.backend, fold(name.strip())
        found = await backend.certificate(self.certificate) if self.certificate else None
        return await self.account_of(found.account) if found is not None and key in ("", found.account) else None

    async def arrive(self, keep: bool = False, lobby: bool = True) -> Login:
        proved, self.proved = self.proved, None
        if proved is None or fold(self.nick or "") == proved.key:
            self._not_logged_in()
        account = await self.services.backend.account(proved.key) if proved is not None else None
        if (
            proved is None
            or account is None
            or (account.password, account.created) != (proved.password, proved.created)
        ):
            raise WrongPassword("Log in first: /login NAME PASSWORD")
        if self.proved_by and await self._certified(account.key) is None:
            raise WrongPassword("Your certificate no longer belongs to this account.")
        check_may_log_in(self, account)
        if self.account:
            await self._leave_account(account.key)
        token = await new_session(self, account.key, keep)
        if self.proved_by:
            await self.services.backend.use_certificate(self.proved_by, self.now())
        return await log_in(self, account, token, not keep, lobby)

    async def resume(self, token: str) -> Login:
        self._not_logged_in()
        backend, now = self.services.backend, self.now()
        session = await backend.token(digest(token.strip()))
        account = await backend.account(session.account) if session is not None else None
        known = session is not None and account is not None and session.expires > now
        self.services.entrance.check_token(known, self.asker)
        assert session is not None and account is not None
        check_may_log_in(self, account)
        used, expires = await token_times(self, account.key, session)
        await backend.use_token(session.digest, used, session.expires if session.service else expires)
        return replace(await log_in(self, account, token.strip(), not session.kept), token=None)

    async def signup(self, password: str, keep: bool = False) -> Login:
        who, services = self.presence or self.here(), self.services
        if who.account:
            raise NotAllowed(f"You are already logged in as {who.nick}.")
        lockdown.check_account(services.chat.state.lockdown, self.now())
        await self._check_unlike(who.nick)  # who is staff by now, or what is reserved, may be another than at the door
        check_password(password, who.nick, services.limits.password_length)
        account = await self._keep_account(who.nick, password, who.bot, lambda: self.presence is who)
        return await log_in(self, account, await new_session(self, account.key, keep), not keep)

    async def logout(self) -> None:
        self.own_account()
        await self._leave_account(self.visit)

    async def _leave_account(self, goes_on: str) -> None:
        self.act_no_more("You logged out")
        nick, session = self.here().nick, self.session
        if session:
            await self.services.backend.drop_tokens([session])
        forget(self, goes_on=goes_on)
        self.ear.named(None)
        if session:  # others may have come in by the same token
            await self.happen(Revoked(self.now(), SERVER, nick, public_id(session), "You have logged out elsewhere."))

    def _stranger(self) -> None:
        if self.presence is not None:
            raise NotAllowed(f"You are already {self.presence.nick}. /nick changes that.")

    def _not_logged_in(self) -> None:
        if self.account:
            raise NotAllowed(f"You are already logged in as {self.nick}. /logout first.")

    async def departed(self, nick: str) -> None:
        await self.connections.departed(fold(nick))

    def gone(self, reason: str, own: bool = False) -> None:
        if not self.closed:
            self.closed = True
            if self._asker is not None:
                self._asker.gone = True
            self.connections.remove(self)
            if not self.changing:
                forget(self, reason, own)
