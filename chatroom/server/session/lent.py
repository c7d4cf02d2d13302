"""
A role on the server that an account lends to one connection of somebody else: IRC's OPER.

It is a note of what was proved and no promise: whether it holds still, the account is asked at each act. It knows
accounts and bans, and no connection but by what it has been lent.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b
from typing import NamedTuple, Protocol

from chatroom.core.names import fold
from chatroom.core.presence import Presence
from chatroom.events import ServerRole
from chatroom.records import Account
from chatroom.server.services import Services


class Lent(NamedTuple):
    """
    @ivar account: its name. @ivar proof: of its password, as it was when somebody knew it: see L{proof_of}.
    @ivar role: what the account was when it was asked last.
    """

    account: str
    proof: str
    role: ServerRole

    @property
    def key(self) -> str:
        """Of the account."""
        return fold(self.account)


class _Borrower(Protocol):
    lent: Lent | None


def proof_of(account: Account) -> str:
    """A digest of what a new password changes, and a new account of the same name. No password can be got from it."""
    return blake2b(f"{account.created!r} {account.password}".encode(), digest_size=16).hexdigest()


async def role_of(services: Services, lent: Lent) -> ServerRole:
    """
    The role that the account has to lend now: C{NONE} if it has lost it, is disabled, banned or gone, or has another
    password by now.
    """
    account = await services.backend.account(lent.key)
    if account is None or account.erased or account.disabled or proof_of(account) != lent.proof:
        return ServerRole.NONE
    owner = Presence(account.name, True, "", 0.0)
    if services.chat.state.server_bans.own(owner, services.now()) is not None:
        return ServerRole.NONE
    return account.role


def highest(callers: Iterable[_Borrower]) -> ServerRole:
    """The highest role that any of these connections was lent."""
    return max((caller.lent.role for caller in callers if caller.lent is not None), default=ServerRole.NONE)
