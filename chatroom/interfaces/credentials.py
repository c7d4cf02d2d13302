"""
Who may log in, and how passwords are hashed.
"""

from __future__ import annotations

from zope.interface import Interface


class IPasswords(Interface):
    """Hashes passwords without blocking the reactor."""

    async def hash(password: str, network: str = "") -> str:
        """
        A new hash.

        @param network: from where it is asked for, as L{chatroom.limits.network} says it: where many wait, each
            network has its turn.
        @raise chatroom.errors.Throttled: too many are waiting.
        """

    async def verify(password: str, hash: str | None, network: str = "") -> tuple[bool, str | None]:
        """
        Check a password, in equal time where C{hash} is C{None} or empty (then it is never right).

        @param network: see L{hash}.
        @return: whether it is right, and a better hash to keep if the old one is out of date.
        @raise chatroom.errors.Throttled: too many are waiting.
        """


class ICredentials(Interface):
    """Knows who may log in: the house's own accounts, and whatever else the operator asks."""

    async def check(name: str, password: str, network: str = "") -> str | None:
        """
        Whose password is it?

        @param name: as typed; it need not be lawful.
        @param network: see L{IPasswords.hash}.
        @return: the key of the account, which exists now, or C{None}: nobody's, after the same time whether
            or not there is such an account. The key need not be that of C{name}: a directory may know people
            by other names.
        @raise chatroom.errors.Throttled: too many are being checked.
        @raise chatroom.errors.Refused: nobody can tell at the moment.
        """

    async def knows(account: str, origin: str) -> bool:
        """
        Whether the owner of an account has come from there before: a session of it that still lives began there.

        @param account: its key; there need not be such an account.
        @param origin: as L{chatroom.limits.origin} says it; C{""} is nowhere, and never known.
        """
