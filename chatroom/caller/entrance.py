"""
The entrance: what all who come in pass, whatever they come by. Passwords are checked here, and nowhere else, after
it was counted how often this address and this account were wrong lately.

It knows checkers and throttles, and neither rooms nor connections.
"""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv6Address, ip_address
from math import ceil

from chatroom.core.names import fold
from chatroom.core.throttle import Throttle
from chatroom.errors import NotAllowed, Throttled, WrongPassword
from chatroom.interfaces import ICredentials, IPasswords
from chatroom.limits import OFF, Limits

HOUR = 3600.0


def network(address: str) -> str:
    """Whom an address stands for: itself, or for IPv6 its /64, as one home or one server has."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return address
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(IPv6Address(int(found) >> 64 << 64))


class Entrance:
    """
    One for the house.

    @ivar seconds: a clock that never goes back.
    """

    def __init__(
        self, credentials: ICredentials, passwords: IPasswords, limits: Limits, seconds: Callable[[], float]
    ) -> None:
        self._credentials = credentials
        self._passwords = passwords
        self._seconds = seconds
        self._by_account = Throttle(limits.login_tries, limits.login_window)
        self._by_address = Throttle(limits.login_tries_per_address, limits.login_window)
        self._signups = None if limits.signups_per_address == OFF else Throttle(int(limits.signups_per_address), HOUR)

    async def check(self, name: str, password: str, address: str) -> str:
        """
        The key of the account whose name and password these are.

        @raise WrongPassword: @raise Throttled:
        """
        self._admit(fold(name), address)
        key = await self._credentials.check(name, password)
        if key is None:
            raise WrongPassword("That name and that password do not belong together.")
        self._by_account.forget(fold(name))
        return key

    async def check_room(self, room: str, hash: str, password: str, address: str) -> None:
        """@raise WrongPassword: @raise Throttled:"""
        self._admit(f"#{room} {network(address)}", address)
        right, _ = await self._passwords.verify(password, hash)
        if not right:
            raise WrongPassword(f"That is not the password of {room}.")
        self._by_account.forget(f"#{room} {network(address)}")

    def _admit(self, key: str, address: str) -> None:
        """
        Count a try before anything is hashed: it is taken back if it was right, and while it is being checked it
        keeps others from trying a thousand passwords at once.
        """
        now, where = self._seconds(), network(address)
        wait = max(self._by_account.wait(key, now), self._by_address.wait(where, now))
        if wait > 0:
            raise Throttled(f"Too many wrong passwords. Try again in {ceil(wait)} seconds.")
        self._by_account.note(key, now)
        self._by_address.note(where, now)

    def check_token_tries(self, address: str) -> None:
        """@raise Throttled: this address has named too many wrong tokens."""
        wait = self._by_address.wait(network(address), self._seconds())
        if wait > 0:
            raise Throttled(f"Too many wrong tokens. Try again in {ceil(wait)} seconds.")

    def wrong_token(self, address: str) -> None:
        self._by_address.note(network(address), self._seconds())

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
        if self._signups is not None:
            now, where = self._seconds(), network(address)
            wait = self._signups.wait(where, now)
            if wait > 0:
                raise Throttled(f"Too many new accounts from where you are. Try again in {ceil(wait / 60)} minutes.")
            self._signups.note(where, now)
