"""
What an account needs: valid passwords, session tokens and how long they live.

A password hash is an opaque string here, and a token is seen only on its way out; what is kept of it is
a digest. It knows nothing of hashing methods, doors or disks.
"""

from __future__ import annotations

from hashlib import sha256

from chatroom.core.names import fold
from chatroom.core.opaque import made_up
from chatroom.errors import AccountDisabled, Unlawful, counted
from chatroom.records import Account

LONGEST_PASSWORD = 256
"""Characters: enough for any phrase, too few to keep a hash busy."""

DAY = 86400.0


def check_password(password: str, name: str, shortest: int) -> None:
    """
    Whether a new password will do.

    @param shortest: characters it needs.
    @raise Unlawful: with what is wrong.
    """
    password = made_up(password, LONGEST_PASSWORD)
    if len(password) < shortest:
        raise Unlawful(f"A password needs at least {counted(shortest, 'character')}; a few words with spaces are fine.")
    if fold(name) in fold(password) and len(password) - len(name) < shortest // 2:
        raise Unlawful("A password must not be your nickname.")
    if len(set(password)) < 3:
        raise Unlawful("A password needs at least three different characters.")


def check_enabled(account: Account) -> None:
    """
    Whether its owner may log in.

    @raise AccountDisabled:
    """
    if account.disabled:
        raise AccountDisabled(f"The account {account.name} is disabled. Contact an admin.")


def digest(token: str) -> str:
    """What is kept of a token: it has 144 random bits, so that one plain round of SHA-256 protects it."""
    return sha256(token.encode()).hexdigest()


def public_id(token_digest: str) -> str:
    """What the owner calls the session by: 8 hexadecimal digits that open nothing."""
    return token_digest[:8]
