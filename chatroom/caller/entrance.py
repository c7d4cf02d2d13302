"""
The entrance: what all who come in pass, whatever they come by. Passwords are checked here, and nowhere else, after
it was counted how often this address and this account were wrong lately.

It knows checkers and throttles, and neither rooms nor connections.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import ceil

from twisted.logger import Logger

from chatroom.core.names import fold
from chatroom.core.throttle import Throttle
from chatroom.errors import NotAllowed, Refused, Throttled, WrongPassword
from chatroom.interfaces import ICredentials, IPasswords
from chatroom.limits import OFF, Limits, origin

log = Logger()

HOUR = 3600.0


class Entrance:
    """
    One for the house.

    @ivar seconds: a clock that never goes back.
    @ivar outcomes: how many logins were C{right}, C{wrong} or C{throttled}, by password or by token.
    """

    def __init__(
        self, credentials: ICredentials, passwords: IPasswords, limits: Limits, seconds: Callable[[], float]
    ) -> None:
        self._credentials = credentials
        self._passwords = passwords
        self._seconds = seconds
        self.outcomes = {"right": 0, "wrong": 0, "throttled": 0}
        self._by_account = Throttle(limits.login_tries, limits.login_window)
        self._by_address = Throttle(limits.login_tries_per_address, limits.login_window)
        self._signups = None if limits.signups_per_address == OFF else Throttle(int(limits.signups_per_address), HOUR)

    async def check(self, name: str, password: str, address: str) -> str:
        """
        The key of the account whose name and password these are.

        @raise WrongPassword: @raise Throttled:
        """
        with self._counted(address), self._one_try(fold(name.strip()), address):
            key = await self._credentials.check(name, password)
            if key is None:
                raise WrongPassword("That name and that password do not belong together.")
        return key

    async def check_room(self, room: str, hash: str, password: str, address: str) -> None:
        """@raise WrongPassword: @raise Throttled:"""
        with self._one_try(f"#{room} {origin(address)}", address):
            right, _ = await self._passwords.verify(password, hash)
            if not right:
                raise WrongPassword(f"That is not the password of {room}.")

    def check_token(self, known: bool, address: str) -> None:
        """
        Whether a token is one that lives.

        @raise WrongPassword: it is not. @raise Throttled: too many from there were not.
        """
        where = origin(address)
        with self._counted(address):
            wait = self._by_address.wait(where, self._seconds()) if where else 0.0
            if wait > 0:
                raise Throttled(f"Too many wrong passwords. Try again in {ceil(wait)} seconds.")
            if not known:
                if where:
                    self._by_address.note(where, self._seconds())
                raise WrongPassword("That session is not known, or has ended. /login NAME PASSWORD begins a new one.")

    @contextmanager
    def _counted(self, address: str) -> Iterator[None]:
        """
        Count how a login ends, and write down from where it was wrong, for whoever wants to keep such addresses out:
        contrib/fail2ban reads this very line. Never the name: people type their passwords there.
        """
        try:
            yield
        except WrongPassword:
            self.outcomes["wrong"] += 1
            log.info("Failed login from {address}", address=address or "nowhere")
            raise
        except Throttled:
            self.outcomes["throttled"] += 1
            raise
        self.outcomes["right"] += 1

    @contextmanager
    def _one_try(self, key: str, address: str) -> Iterator[None]:
        """
        Count a try as a wrong one before anything is hashed, so that nobody gets a thousand tries under way at once.
        If it was right, or nobody could tell, it was none. Who knows the password of one account proves nothing about
        the others tried from there.
        """
        now, where = self._seconds(), origin(address)
        wait = max(self._by_account.wait(key, now), self._by_address.wait(where, now) if where else 0.0)
        if wait > 0:
            raise Throttled(f"Too many wrong passwords. Try again in {ceil(wait)} seconds.")
        self._by_account.note(key, now)
        if where:
            self._by_address.note(where, now)
        try:
            yield
        except WrongPassword:
            raise
        except Refused:
            self._by_account.take_back(key)
            self._by_address.take_back(where)
            raise
        self._by_account.forget(key)
        self._by_address.take_back(where)

    async def new_hash(self, password: str) -> str:
        """@raise Throttled: too many are waiting."""
        return await self._passwords.hash(password)

    async def room_hash(self, password: str) -> str:
        """@raise NotAllowed: no password would do. @raise Throttled:"""
        if len(password) > 100 or not password.isprintable():
            raise NotAllowed("A room's password has 100 characters at most, and none that cannot be seen.")
        return await self._passwords.hash(password)

    def admit_signup(self, address: str) -> None:
        """@raise Throttled: too many new accounts from this address."""
        now, where = self._seconds(), origin(address)
        if self._signups is not None and where:
            wait = self._signups.wait(where, now)
            if wait > 0:
                raise Throttled(f"Too many new accounts from where you are. Try again in {ceil(wait / 60)} minutes.")
            self._signups.note(where, now)
