"""
Who may log in, and how passwords are hashed.
"""

from __future__ import annotations

from collections.abc import Callable

from zope.interface import Interface

from chatroom.addresses import network


class Asker:
    """
    Who has passwords hashed and checked: one connection, or the shell.

    @ivar address: a textual IP address, or C{""}.
    @ivar network: as L{chatroom.addresses.network} says it: where many wait, each network has its turn.
    @ivar had: how many hashes were made for it: where many of one network wait, the one with the fewest goes first.
    @ivar gone: nobody waits for the answer any more.
    """

    __slots__ = ("_charge", "address", "gone", "had", "network")

    def __init__(self, address: str = "", charge: Callable[[], None] | None = None) -> None:
        """@param charge: called for each hash, before it waits for a thread."""
        self.address = address
        self.network = network(address)
        self.had = 0
        self.gone = False
        self._charge = charge

    def charge(self) -> None:
        """One hash more."""
        self.had += 1
        if self._charge is not None:
            self._charge()


class IPasswords(Interface):
    """Hashes passwords without blocking the reactor."""

    async def hash(password: str, asker: Asker) -> str:
        """
        A new hash.

        @raise chatroom.errors.Unlawful: see L{chatroom.core.opaque.opaque}.
        @raise chatroom.errors.Busy: too many are waiting.
        """

    async def verify(password: str, hash: str | None, asker: Asker) -> tuple[bool, str | None]:
        """
        Check a password, in equal time where C{hash} is C{None} or empty (then it is never right).

        @return: whether it is right, and a better hash to keep if the old one is out of date.
        @raise chatroom.errors.Busy: too many are waiting.
        """

    def close_queue() -> None:
        """Refuse all that wait, and let nothing wait from now on. What is being hashed goes on."""

    def open_queue() -> None:
        """Go on after L{close_queue}."""


class ICredentials(Interface):
    """Knows who may log in: the server's own accounts, and whatever else the operator asks."""

    async def check(name: str, password: str, asker: Asker) -> str | None:
        """
        Find the account that has this name and password.

        @param name: as typed; it need not be a valid name.
        @return: the key of the account, which exists now, or C{None}: nobody's, after the same time whether or not
            there is such an account. The key may belong to another name than C{name}: a directory may know people by
            other names.
        @raise chatroom.errors.Busy: too many are being checked.
        @raise chatroom.errors.Refused: nobody can tell at the moment.
        """

    async def knows(account: str, origin: str) -> bool:
        """
        Whether the owner of an account has come from there before: a session of it that still lives began there.

        @param account: its key; there need not be such an account.
        @param origin: as L{chatroom.addresses.origin} says it; C{""} is nowhere, and never known.
        """
