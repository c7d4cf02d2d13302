"""
What an account needs: valid passwords, session tokens and how long they live.

A password hash is an opaque string here, and a token is seen only on its way out; what is kept of it is
a digest. It knows nothing of hashing methods, doors or disks.
"""

from __future__ import annotations

import re
from hashlib import sha256

from chatroom.core.names import fold
from chatroom.core.opaque import made_up
from chatroom.errors import AccountDisabled, Unlawful, counted
from chatroom.records import Account

LONGEST_PASSWORD = 600
"""Characters: enough for any phrase, too few to keep a hash busy."""

MIXED = 3
"""Different characters that a password needs, if it needs as many characters."""

DAY = 86400.0


ENDLESS = 253402214400.0
"""When a session for a program expires: on the last day of the year 9999. Its owner revokes it."""

_SERVICE = re.compile("[A-Za-z0-9][A-Za-z0-9._-]*")
_PUBLIC_ID = re.compile("[0-9a-f]{8}")
_FINGERPRINT = re.compile("[0-9a-f]{64}")
SERVICE_LENGTH = 32
"""Characters of the name of a session for a program."""


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
    if len(set(password)) < min(MIXED, shortest):
        raise Unlawful(f"A password needs at least {counted(min(MIXED, shortest), 'different character')}.")


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


def fingerprint_of(typed: str) -> str:
    """
    The fingerprint of a certificate as it is kept, out of what a person types or C{openssl x509 -fingerprint} prints:
    capitals, colons and blanks make no difference.

    @return: SHA-256, as 64 small hexadecimal digits.
    @raise Unlawful: it is none.
    """
    text = typed[:LONGEST_PASSWORD].rpartition("=")[2]
    digits = text.replace(":", "").replace(" ", "").lower()
    if len(typed) > LONGEST_PASSWORD or not _FINGERPRINT.fullmatch(digits):
        raise Unlawful(
            "A fingerprint has 64 digits from 0 to f: it is the SHA-256 of the certificate. "
            "To read it: openssl x509 -in FILE -noout -fingerprint -sha256"
        )
    return digits


def service_name(name: str) -> str:
    """
    The name of a session for a program, which no public id of a session looks like.

    @raise Unlawful: no session can have it.
    """
    name = name.strip()
    if len(name) > SERVICE_LENGTH:
        sentence = f"That name has {len(name):,} characters; the limit is {SERVICE_LENGTH}."
        raise Unlawful(sentence, most=SERVICE_LENGTH)
    if not _SERVICE.fullmatch(name) or _PUBLIC_ID.fullmatch(name.lower()) or name.lower() == "all":
        raise Unlawful("The name of a session can have letters, digits, and . _ - in the middle, such as build-bot.")
    return name
