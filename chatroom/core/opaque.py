"""
The one form of a password, whatever keyboard, system, door or form it was typed on: RFC 8265's OpaqueString.

Spaces of all kinds become the plain one, the rest is composed (NFC); letter case, width and spaces at the ends are part
of the password. Length is bounded before anything is transformed. What this Python's Unicode does not know yet is
let pass where a password is checked, and not where one is made up: another Python must not lock anybody out.
"""

from __future__ import annotations

import re
import unicodedata

from chatroom.errors import Unlawful
from chatroom.folding import MARKS, is_stream_safe

MOST_BYTES = 1024
"""The longest password, in bytes of UTF-8 and, before it is transformed, in characters."""

_NEVER_SHOWN = re.compile(
    "[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff"
    "\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
"""Unicode's characters that are ignorable by default, which RFC 8264 (9.13) disallows: nobody sees them."""

_UNASSIGNED = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
"""Categories that RFC 8264's FreeformClass does not have, or that say how to lay text out."""


def opaque(password: str) -> str:
    """
    A password as it is hashed and compared.

    @raise Unlawful: it is empty, too long, or holds control characters or half a character.
    """
    if not password:
        raise Unlawful("A password cannot be empty.")
    if len(password) <= MOST_BYTES:  # in characters; whatever is longer is longer in bytes as well
        if password.isascii() and password.isprintable():
            return password
        if not is_stream_safe(password):
            raise Unlawful(f"A password cannot have more than {MARKS} combining marks in a row.", most=MARKS)
        kinds = [unicodedata.category(character) for character in password]
        if "Cc" in kinds or "Cs" in kinds:
            raise Unlawful("A password cannot contain control characters.")
        spaced = (" " if kind == "Zs" else character for kind, character in zip(kinds, password, strict=True))
        made = unicodedata.normalize("NFC", "".join(spaced))
        if len(made.encode()) <= MOST_BYTES:
            return made
    raise Unlawful(f"A password can have at most {MOST_BYTES:,} bytes.", most=MOST_BYTES)


def made_up(password: str, longest: int) -> str:
    """
    A new password, as L{opaque} has it.

    @param longest: characters it may have.
    @raise Unlawful: as L{opaque} does, or it is longer, or not everybody could type it again.
    """
    if len(password) > 4 * longest:  # a letter may come in pieces
        raise Unlawful(f"A password can have at most {longest:,} characters.", most=longest)
    made = opaque(password)
    if len(made) > longest:
        raise Unlawful(f"A password can have at most {longest:,} characters.", most=longest)
    if _NEVER_SHOWN.search(made) or any(unicodedata.category(character) in _UNASSIGNED for character in made):
        raise Unlawful("A password cannot contain invisible characters, because not every keyboard has them.")
    return made


def forms(password: str) -> tuple[str, ...]:
    """
    What a typed password may have been kept as, likeliest first. Older versions took the spaces away at both ends of a
    password that was typed behind its command, so that is the second form where there are any.

    @raise Unlawful: see L{opaque}.
    """
    form = opaque(password)
    bare = form.strip(" ")
    return (form, bare) if bare and bare != form else (form,)
