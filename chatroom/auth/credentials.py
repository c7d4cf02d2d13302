"""
Who may log in: the server's own accounts first, then every other twisted.cred checker the operator named.

Any L{ICredentialsChecker} for names and passwords serves (a file, an LDAP directory, the system's users), so
that C{--auth} of L{twisted.cred.strcred} works here as everywhere in Twisted. Whom another checker accepts
gets an account without a password of its own; an account that has one is opened by that one alone.

This module knows nothing of connections and counts no tries; of sessions, it knows from where they were begun.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hmac import compare_digest
from typing import Any

from twisted.cred.checkers import ICredentialsChecker
from twisted.cred.credentials import IUsernamePassword, UsernamePassword
from twisted.cred.error import LoginFailed, UnauthorizedLogin
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.logger import Logger
from zope.interface import implementer

from chatroom.addresses import origin as at
from chatroom.core.accounts import DAY
from chatroom.core.names import any_nickname, fold, nickname
from chatroom.core.opaque import forms, opaque
from chatroom.errors import NotKept, Refused, Unlawful
from chatroom.interfaces import Asker, IBackend, ICredentials, IPasswords
from chatroom.limits import Limits
from chatroom.records import Account

log = Logger()


class Visitor(UsernamePassword):
    """
    A name, a password, and who asks.

    @ivar asker: on whose behalf the password is hashed.
    """

    def __init__(self, username: bytes, password: bytes, asker: Asker) -> None:
        super().__init__(username, password)
        self.asker = asker

    def checkPassword(self, password: bytes) -> bool:  # noqa: N802 Twisted's
        """Whether it is the one that a checker keeps as it is: by the same rule as everywhere."""
        try:
            kept = opaque(password.decode())
        except (UnicodeDecodeError, Unlawful):
            return False
        return any(compare_digest(form.encode(), kept.encode()) for form in forms(self.password.decode()))


@implementer(ICredentialsChecker)
class AccountChecker:
    """
    Knows the accounts that have a password here. Its avatar ids are their keys in UTF-8.
    """

    credentialInterfaces = (IUsernamePassword,)

    def __init__(self, backend: IBackend, passwords: IPasswords) -> None:
        self._backend = backend
        self._passwords = passwords

    def requestAvatarId(self, credentials: Any) -> Deferred[bytes | tuple[()]]:
        """@param credentials: L{UsernamePassword}, its name and password in UTF-8; or a L{Visitor}."""
        asker = credentials.asker if isinstance(credentials, Visitor) else Asker()
        return Deferred.fromCoroutine(self._check(credentials.username, credentials.password, asker))

    async def _check(self, name: bytes, password: bytes, asker: Asker) -> bytes | tuple[()]:
        # What is not UTF-8 is nobody's, and takes as long to refuse as any wrong password.
        key = fold(name.decode("utf-8", "replace").strip())
        account = await self._backend.account(key)
        hash = account.password if account is not None and not account.erased else None
        right, better = await self._passwords.verify(password.decode("utf-8", "surrogateescape"), hash, asker)
        if not right:
            raise UnauthorizedLogin()
        if better is not None and hash is not None:
            await self._renew(key, hash, better)
        return key.encode()

    async def _renew(self, key: str, hash: str, better: str) -> None:
        """Keep the better hash, unless the password was changed while we verified it."""
        try:
            await self._backend.change_account(key, password=better, instead_of=hash)
        except NotKept:
            log.warn("The password hash of {key} is outdated and could not be renewed.", key=key)


@implementer(ICredentials)
class Credentials:
    """Asks one checker after another."""

    def __init__(
        self,
        backend: IBackend,
        passwords: IPasswords,
        limits: Limits,
        now: Callable[[], float],
        checkers: Sequence[ICredentialsChecker] = (),
    ) -> None:
        """
        @param now: seconds since 1970 in UTC.
        @param checkers: asked in this order, for names that have no password here. Each is for
            L{IUsernamePassword}, and is given name and password as typed, in UTF-8.
        """
        self._backend = backend
        self._limits = limits
        self._now = now
        self._own = AccountChecker(backend, passwords)
        self._others = tuple(checkers)

    async def knows(self, account: str, origin: str) -> bool:
        if not origin:
            return False
        now, life = self._now(), self._limits.session_days * DAY
        tokens = await self._backend.tokens(account)
        # Of a session that nobody asked to keep, or that never expires, the place stays known as long as of others.
        ends = [
            (token.label, token.used + life if token.service or not token.kept else token.expires) for token in tokens
        ]
        return any(at(label) == origin and end > now for label, end in ends)

    async def check(self, name: str, password: str, asker: Asker) -> str | None:
        try:
            credentials = Visitor(name.strip().encode(), opaque(password).encode(), asker)
        except (UnicodeEncodeError, Unlawful):  # half a character, which JSON can smuggle in, or no password at all
            credentials = Visitor(b"", b"", asker)
        avatar = await self._ask(self._own, credentials)
        if avatar is not None:
            return avatar.decode()
        if not credentials.password or not name.isprintable():
            return None  # a directory might take it for an anonymous visit, and welcome that
        account = await self._backend.account(fold(name.strip()))
        if account is not None and account.password:
            return None
        return await self._check_others(credentials)

    async def _check_others(self, credentials: UsernamePassword) -> str | None:
        unsure = False
        for checker in self._others:
            try:
                avatar = await self._ask(checker, credentials)
            except Refused:
                raise
            except Exception:  # noqa: BLE001 - a directory that is away must not lock out those of the next one
                log.failure("{checker} cannot check passwords", checker=checker)
                unsure = True
            else:
                if avatar is not None:
                    return await self._admit(avatar)
        if unsure:
            raise Refused("Your password cannot be checked at the moment. Try again in a minute.")
        return None

    async def _ask(self, checker: ICredentialsChecker, credentials: UsernamePassword) -> bytes | None:
        try:
            avatar: Any = await maybeDeferred(checker.requestAvatarId, credentials)
        except LoginFailed:
            return None
        if isinstance(avatar, str):  # that of --auth unix
            avatar = avatar.encode()
        # The empty tuple is twisted.cred's anonymous user: nobody, here.
        return bytes(avatar) if avatar else None

    async def _admit(self, avatar: bytes) -> str | None:
        """The key of the account of somebody whom another checker knows; it is made at the first login."""
        try:
            name = any_nickname(avatar.decode(), self._limits.nick_length)
            key = fold(name)
            account = await self._backend.account(key)
            if account is None:
                name = nickname(name, self._limits.nick_length)  # new ones alone: a list that grows locks nobody out
        except (UnicodeDecodeError, Unlawful):
            log.warn("{avatar!r} was accepted by --auth, but cannot be a nickname.", avatar=avatar)
            return None
        if account is None:
            made = Account(name, key, "", self._now())
            account = made if await self._backend.add_account(made) else await self._backend.account(key)
        if account is None or account.password:
            log.warn("{key} was accepted by --auth, but has a password on this server.", key=key)
            return None
        return key
