"""
Valid names: what a person or a room can be called. It knows nothing of rooms, people or doors.

Names follow Unicode Technical Standard 39 (security mechanisms), so that nobody is taken for somebody else:

  1. A name is put into compatibility form (NFKC): C{ＡＬＩＣＥ} and C{𝒶𝓁𝒾𝒸ℯ} are C{ALICE} and C{alice}.
  2. It is made of letters of one script in common use (UAX 31, table 5), with the marks which that script needs, of
     the digits 0 to 9, and of a few signs inside. Nothing in it is unseen, and no mark stands twice in a row.
  3. It is refused if it is not ASCII and yet looks so, letter by letter: C{ТОМ}, C{alıce}, C{וסו}.
  4. Names that differ only in letter case are one name (L{chatroom.folding}).
  5. Nobody takes a name that looks like a word of L{chatroom.core.lookalikes}, the server or its staff.

What is left to people's eyes among all others: C{l} and C{1}, C{rn} and C{m}, C{e} and C{é}, and lookalikes inside
other scripts.

All of this is work on what a stranger sends: see L{chatroom.core.cleaning}.
"""

# ruff: noqa: RUF002 letters that look like others are what this is about

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from chatroom.addresses import looks_like_address
from chatroom.core.cleaning import clean
from chatroom.core.lookalikes import RESERVED as RESERVED
from chatroom.core.lookalikes import as_ascii, one_like, reserved_word
from chatroom.errors import Unlawful
from chatroom.folding import LONGEST_NAME, is_normalisable
from chatroom.folding import fold as fold
from chatroom.lengths import seconds_in

_SCRIPTS = frozenset(
    "LATIN GREEK CYRILLIC ARMENIAN GEORGIAN HEBREW ARABIC THAANA ETHIOPIC DEVANAGARI BENGALI GURMUKHI GUJARATI ORIYA "
    "TAMIL TELUGU KANNADA MALAYALAM SINHALA THAI LAO TIBETAN MYANMAR KHMER CJK".split()
)
_WRITTEN_TOGETHER = frozenset("HIRAGANA KATAKANA KATAKANA-HIRAGANA HANGUL BOPOMOFO IDEOGRAPHIC".split())
"""With CJK ideographs, as one script."""

_POINTED = frozenset({"ARABIC", "HEBREW"})
"""Scripts whose marks may be left out, so that readers take a name with them and one without for the same."""

_NEVER_IN_NAMES = re.compile("[\u0640\u1100-\u11ff\ua960-\ua97f\ud7b0-\ud7ff]")
"""A line that makes Arabic words longer, and pieces of Korean letters that may have no width."""

_NICK_SIGNS = "._-"
_ROOM_SIGNS = "._+-"
_LAST_SIGNS = "_+"


def any_nickname(text: str, longest: int) -> str:
    """
    A lawful nickname as it will be shown, to speak of somebody: nobody need have it, or be allowed to take it.

    @param longest: characters it may have.
    @raise Unlawful: with what is lawful.
    """
    name = text.strip()
    if not name:
        raise Unlawful("A nickname needs at least one letter or digit. Choose another nickname.")
    if len(name) <= LONGEST_NAME and not name.isascii():  # ASCII is in that form already
        name = unicodedata.normalize("NFKC", name) if is_normalisable(name) else name
    if len(name) > longest:
        sentence = f"That nickname has {len(name)} characters; the limit is {longest:,}. Choose a shorter one."
        raise Unlawful(sentence, most=longest)
    if not _is_made_of(name, _NICK_SIGNS):
        raise Unlawful("A nickname can have letters, digits, and . _ - in the middle. Choose another nickname.")
    _check_letters(name, "nickname")
    return name


def nickname(text: str, longest: int) -> str:
    """
    The same, for somebody to take.

    @raise Unlawful: also if it is a word that means the server, its staff or everybody, or looks like one; or if the
        commands of moderation would read it as something else: an address, or a length of time.
    """
    name = any_nickname(text, longest)
    if looks_like_address(name):
        raise Unlawful(f"The nickname {name} looks like a network address. Choose another nickname.")
    if seconds_in(name) is not None or fold(name) == "forever":
        raise Unlawful(f"The nickname {name} looks like a length of time. Choose another nickname.")
    word = reserved_word(name)
    if word is not None:
        what = "is" if word == fold(name) else f"looks like {word}, which is"
        raise Unlawful(f"The nickname {name} {what} reserved. Choose another nickname.")
    return name


def check_unlike(name: str, server: str, staff: Iterable[str]) -> None:
    """
    Nobody takes a name by which they could be taken for the server, or for one of its staff.

    @param staff: names of accounts.
    @raise Unlawful:
    """
    other = one_like(name, (server, *staff))
    if other == server:
        raise Unlawful(f"The nickname {name} looks like the name of this server. Choose another nickname.")
    if other is not None:
        raise Unlawful(f"The nickname {name} looks like {other}, who is server staff. Choose another nickname.")


def room_name(text: str, longest: int) -> str:
    """
    A lawful room name: in small letters, without the C{#} some people put before it.

    @raise Unlawful: with what is lawful.
    """
    name = text.strip().lstrip("#")
    if len(name) <= LONGEST_NAME:
        name = unicodedata.normalize("NFKC", fold(name))
    if len(name) > longest:
        raise Unlawful(f"That room name has {len(name)} characters; the limit is {longest:,}.", most=longest)
    if not _is_made_of(name, _ROOM_SIGNS):
        raise Unlawful("A room name can have letters, digits, and . _ + - in the middle.")
    _check_letters(name, "room name")
    return name


def _is_made_of(name: str, signs: str) -> bool:
    """Whether it is made of letters with their marks, ASCII digits and, inside, signs."""
    if not name or clean(name) != name or _NEVER_IN_NAMES.search(name):
        return False
    last = ""
    for character in name:
        if character.isalpha() or "0" <= character <= "9":
            pass
        elif unicodedata.category(character) in ("Mn", "Mc"):
            if last in signs or last == character:
                return False
        elif character not in signs or not last:
            return False
        last = character
    return last not in signs or last in _LAST_SIGNS


def _script(character: str) -> str:
    """The first word of the character's Unicode name, which is its script for letters and marks in common use."""
    word = unicodedata.name(character, "?").split(" ", 1)[0]
    return "CJK" if word in _WRITTEN_TOGETHER else word


def _check_letters(name: str, what: str) -> None:
    """@raise Unlawful: they are of several scripts, or others than they seem."""
    if name.isascii():
        return
    scripts = {_script(c) for c in name if c.isalpha()}
    if len(scripts) > 1:
        raise Unlawful(f"A {what} must use one alphabet, so that it cannot be confused with another.")
    marks = {_script(c) for c in name if unicodedata.category(c) in ("Mn", "Mc")}
    if not scripts <= _SCRIPTS or not marks <= scripts - _POINTED:
        raise Unlawful(f"That {what} has uncommon letters or marks. Leave them out.")
    looks_like = as_ascii(name)
    if looks_like is not None:
        raise Unlawful(f"That {what} looks like {looks_like}. Type {looks_like}, or choose another.")
