"""
Whether a text calls somebody by their nickname. The page does the same in JavaScript: tests/vectors/mentions.json says
what both find.

It follows the default word boundaries of Unicode Standard Annex 29, with four changes that names need:

  1. The signs of nicknames, C{.}, C{_} and C{-}, join what stands on both sides of them: C{jose-marie} and C{jose.b}
     are other people than C{jose}.
  2. In scripts that write no spaces (Han, kana, Thai, Lao, Khmer, Myanmar), a name is found inside text.
  3. An apostrophe ends a name (C{jose's}). Before a name it joins, as in C{o'brien}, but not before a vowel, as in
     C{d'alice}: that is rule WB5a, which the annex suggests for French and Italian.
  4. A colon ends a name: C{jose:hi}.

Two spellings of a name are the same if they differ in letter case or in compatibility form. It knows text, and nothing
of rooms or people.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple


class _Kind(Enum):
    LETTER = "letter"
    SPACELESS = "letter of a script without spaces"
    DIGIT = "digit"
    CONNECTOR = "connector: joins to whatever stands beside it"
    SIGN = "sign: joins two that are words"
    APOSTROPHE = "apostrophe"
    COMMA = "comma: joins two digits"
    OTHER = "anything else"


_WORD = frozenset({_Kind.LETTER, _Kind.SPACELESS, _Kind.DIGIT, _Kind.CONNECTOR})

_SPACELESS = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\ua9e0-\ua9ff\uaa60-\uaa7f\u1780-\u17ff"  # Thai, Lao, Myanmar, Khmer
    "\u3005-\u3007\u3021-\u3029\u3031-\u3035\u3038-\u30ff\u3100-\u312f\u31a0-\u31bf\u31f0-\u31ff"  # kana, Bopomofo
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f"  # Han, kana of half width
    "\U0001aff0-\U0001b16f\U00020000-\U0003ffff]"
)

_SIGNS = frozenset(".-\u2010\u2011\uff0e\uff0d\u00b7\u2027\u05f4")
"""The signs of nicknames, other hyphens, the forms of full width, and UAX 29's MidLetter for Catalan and Hebrew."""

_APOSTROPHES = frozenset("'\u2019\uff07")
_COMMAS = frozenset(",;\u066b\u066c")
_VOWELS = frozenset("aeiouy")

_STACKERS = frozenset("\u1039\u17d2")
"""Behind these, the next letter of Myanmar or Khmer stands below the one before."""

_EXTENDING = re.compile("[\u0e33\u0eb3\u1160-\u11ff\ud7b0-\ud7ff\uff9e\uff9f\U0001f3fb-\U0001f3ff]")
"""What is no mark by its category and belongs to the character before it all the same (UAX 29, Grapheme_Extend)."""


class _Unit(NamedTuple):
    """One character with its marks: where it stands, what it is compared by, and what it is."""

    start: int
    end: int
    key: str
    kind: _Kind


def called(text: str, nick: str) -> list[tuple[int, int]]:
    """Where a text calls this nickname: the start and the end of each place, in order."""
    wanted = "".join(unit.key for unit in _units(nick))
    if not wanted or (text.isascii() and wanted.isascii() and wanted not in text.lower()):
        return []
    units = list(_units(text))
    places, at = {}, 0
    for number, unit in enumerate(units):
        places[at] = number
        at += len(unit.key)
    places[at] = len(units)
    whole, found, at = "".join(unit.key for unit in units), [], 0
    while (at := whole.find(wanted, at)) >= 0:
        first, behind = places.get(at), places.get(at + len(wanted))
        if first is None or behind is None or _joined_before(units, first) or _joined_behind(units, behind):
            at += 1
        else:
            found.append((units[first].start, units[behind - 1].end))
            at += len(wanted)
    return found


def calls(text: str, nick: str) -> bool:
    """Whether a text calls this nickname."""
    return bool(called(text, nick))


def _units(text: str) -> Iterator[_Unit]:
    start = 0
    for end in range(1, len(text) + 1):
        if end < len(text) and (_extends(text[end]) or text[end - 1] in _STACKERS):
            continue
        yield _Unit(start, end, _key(text[start:end]), _kind(text[start]))
        start = end


def _extends(character: str) -> bool:
    if character.isascii():
        return False
    category = unicodedata.category(character)
    return (
        category in ("Mn", "Mc", "Me")
        or (category == "Cf" and character != "\u200b")
        or bool(_EXTENDING.match(character))
    )


def _key(unit: str) -> str:
    """What a character is compared by; never empty."""
    if unit.isascii():
        return unit.lower()
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", unit).casefold()).replace("i\u0307", "i")
    seen = (c for c in folded if unicodedata.category(c) != "Cf" and not _is_selector(c))
    return "".join(seen) or "\0"


def _is_selector(character: str) -> bool:
    return "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"


def _kind(character: str) -> _Kind:
    category = unicodedata.category(character)
    if character in _SIGNS:
        return _Kind.SIGN
    if character in _APOSTROPHES:
        return _Kind.APOSTROPHE
    if character in _COMMAS:
        return _Kind.COMMA
    if category == "Pc":
        return _Kind.CONNECTOR
    if category[0] in "LM" or category in ("Nd", "Nl"):
        if _SPACELESS.match(character):
            return _Kind.SPACELESS
        return _Kind.DIGIT if category == "Nd" else _Kind.LETTER
    return _Kind.OTHER


def _together(one: _Unit, other: _Unit) -> bool:
    """Whether two units of words, side by side, are of one word."""
    if _Kind.CONNECTOR in (one.kind, other.kind):
        return True
    return _Kind.SPACELESS not in (one.kind, other.kind)


def _joined_before(units: list[_Unit], first: int) -> bool:
    """Whether the name that begins here is the end of a longer word."""
    if first == 0:
        return False
    before, name = units[first - 1], units[first]
    if before.kind in _WORD:
        return _together(before, name)
    if first == 1 or units[first - 2].kind not in _WORD:
        return False
    if before.kind is _Kind.COMMA:
        return units[first - 2].kind is name.kind is _Kind.DIGIT
    if before.kind is _Kind.APOSTROPHE:
        return unicodedata.normalize("NFD", name.key)[0] not in _VOWELS
    return before.kind is _Kind.SIGN


def _joined_behind(units: list[_Unit], behind: int) -> bool:
    """Whether the name that ends here is the beginning of a longer word."""
    if behind == len(units):
        return False
    name, after = units[behind - 1], units[behind]
    if after.kind in _WORD:
        return _together(name, after)
    if behind + 1 == len(units) or units[behind + 1].kind not in _WORD:
        return False
    if after.kind is _Kind.COMMA:
        return units[behind + 1].kind is name.kind is _Kind.DIGIT
    return after.kind is _Kind.SIGN
