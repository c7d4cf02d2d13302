"""
The entrance: what all who come in pass, whatever they come by. Passwords are checked here, and nowhere else, after
it was counted how often this address and this account were wrong lately.

No count can keep an owner out from where they have come in before, nor anybody who has a token: docs/security.rst says
why.

It knows checkers and throttles, and neither rooms nor connections.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from math import ceil

from twisted.logger import Logger

from chatroom.core.names import fold
from chatroom.core.throttle import Throttle
from chatroom.errors import NotAllowed, Refused, Throttled, WrongPassword
from chatroom.interfaces import ICredentials, IPasswords
from chatroom.limits import OFF, Limits, network, origin

log = Logger()

HOUR = 3600.0

Counted = tuple[Throttle, str]
"""A throttle and the key that a try has in it."""


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
        self._by_both = Throttle(limits.login_tries, limits.login_window)
        self._by_address = Throttle(limits.login_tries_per_address, limits.login_window)
        self._by_account = Throttle(limits.login_tries_per_account, HOUR)
        self._reports = None if limits.reports_per_hour == OFF else Throttle(int(limits.reports_per_hour), HOUR)
        self._signups = None if limits.signups_per_address == OFF else Throttle(int(limits.signups_per_address), HOUR)

    async def check(self, name: str, password: str, address: str, owner: bool = False) -> str:
        """
        The key of the account whose name and password these are.

        @param owner: whoever asks is logged in to it already, and has to prove it once more.
        @raise WrongPassword: @raise Throttled:
        """
        account = fold(name.strip())
        with self._counted(address):
            known = owner or await self._credentials.knows(account, origin(address))
            with self._one_try(self._counts(account, address, known)):
                key = await self._credentials.check(name, password, network(address))
                if key is None:
                    raise WrongPassword("That name and that password do not belong together.")
        return key

    def _counts(self, account: str, address: str, known: bool) -> list[Counted]:
        """By what a try is counted: with strangers, or only with those who come from where the owner did."""
        if known:
            return [(self._by_both, f"{account} {origin(address)}")]
        where = network(address)
        counts = [(self._by_both, f"{account} {where}"), (self._by_account, account)]
        return [*counts, *self._from(where)]

    def _from(self, where: str) -> list[Counted]:
        """The count of all tries from a network, if it is one."""
        return [(self._by_address, where)] if where else []

    async def check_room(self, room: str, hash: str, password: str, address: str) -> None:
        """@raise WrongPassword: @raise Throttled:"""
        where = network(address)
        counts = [(self._by_both, f"#{room} {where}")]
        with self._one_try([*counts, *self._from(where)]):
            right, _ = await self._passwords.verify(password, hash, where)
            if not right:
                raise WrongPassword(f"That is not the password of {room}.")

    def check_token(self, known: bool, address: str) -> None:
        """
        Whether a token is one that lives. One that does always opens: nobody guesses 144 bits, so whatever else was
        tried from there is no reason to doubt it.

        @raise WrongPassword: it is not. @raise Throttled: too many from there were not.
        """
        where = network(address)
        with self._counted(address):
            if known:
                return
            if where:
                self._wait([(self._by_address, where)])
                self._by_address.note(where, self._seconds())
            raise WrongPassword("That session is not known, or has ended. /login NAME PASSWORD begins a new one.")

    def _wait(self, counts: Sequence[Counted]) -> None:
        """@raise Throttled: one of these has had all its tries."""
        now = self._seconds()
        wait = max(throttle.wait(key, now) for throttle, key in counts)
        if wait > 0:
            raise Throttled(f"Too many wrong passwords. Try again in {ceil(wait)} seconds.")

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
    def _one_try(self, counts: Sequence[Counted]) -> Iterator[None]:
        """
        Count a try as a wrong one before anything is hashed, so that nobody gets a thousand tries under way at once.
        If it was right, or nobody could tell, it was none; and those for this account from there before are forgiven.
        Who knows the password of one account proves nothing about the others tried from there.

        @param counts: that of account and place first.
        """
        self._wait(counts)
        now = self._seconds()
        for throttle, key in counts:
            throttle.note(key, now)
        try:
            yield
        except WrongPassword:
            raise
        except Refused:
            for throttle, key in counts:
                throttle.take_back(key)
            raise
        (both, pair), *others = counts
        both.forget(pair)
        for throttle, key in others:
            throttle.take_back(key)

    async def new_hash(self, password: str, address: str) -> str:
        """@raise Throttled: too many are waiting."""
        return await self._passwords.hash(password, network(address))

    async def room_hash(self, password: str, address: str) -> str:
        """@raise NotAllowed: no password would do. @raise Throttled:"""
        if len(password) > 100 or not password.isprintable():
            raise NotAllowed("A room's password has 100 characters at most, and none that cannot be seen.")
        return await self._passwords.hash(password, network(address))

    def admit_report(self, address: str, reporter: str) -> None:
        """
        @param reporter: a key, for those who come from no address.
        @raise Throttled: too many reports from this address.
        """
        if self._reports is not None:
            now, where = self._seconds(), origin(address) or reporter
            wait = self._reports.wait(where, now)
            if wait > 0:
                minutes = ceil(wait / 60)
                raise Throttled(f"Too many reports from where you are. Try again in {minutes} minutes.")
            self._reports.note(where, now)

    def admit_signup(self, address: str) -> None:
        """@raise Throttled: too many new accounts from this address."""
        now, where = self._seconds(), network(address)
        if self._signups is not None and where:
            wait = self._signups.wait(where, now)
            if wait > 0:
                raise Throttled(f"Too many new accounts from where you are. Try again in {ceil(wait / 60)} minutes.")
            self._signups.note(where, now)
