"""
How text is compared: one folding for names, one for search, and what kind of character each one is.

All rules of the server about letters that count as the same are in this module, with their sources:

  - Names (L{fold}): Unicode's caseless matching of identifiers (The Unicode Standard, 3.13, D147: NFKC and casefold).
    And the dot that a casefold leaves of C{İ} (CaseFolding.txt, status F) is no letter: C{İzmir} and C{izmir} are one.
  - Search (L{fold_for_search}): the same, without combining marks: accents of Latin, Greek and Cyrillic, points of
    Hebrew, vowels and hamzas of Arabic, tones of Thai, nuktas. A mark is what has a Canonical_Combining_Class (Unicode
    Character Database; C{unicodedata.combining}). Two classes stay, because what they make is another letter and not
    the same one with an accent: 8, the voicing of kana, and 9, viramas. Letters with a stroke and the like, which
    Unicode does not take apart, are as in CLDR's transliteration C{Latin-ASCII}.

Text comes from outside, so all work on it is bounded here: putting marks in order takes a time that grows with the
square of their number, and some characters become 18 others. It knows characters and nothing else.
"""

# ruff: noqa: RUF001 letters that look like others are what this is about

from __future__ import annotations

import unicodedata

LONGEST_NAME = 128
"""
Code points that a name may be typed in, and the most that any limit on names allows. What is longer is nobody's and no
room's name; it is compared with none.
"""

MARKS = 30
"""So many combining marks in a row may be put in order, and no more: UAX 15, 13, Stream-Safe Text."""

NOT_A_NAME = "\0"
"""How the key of what is too long to be a name ends. No name has it."""

_EXPLODING = "\ufdfa\ufdfb"
"""Whole phrases as one character each, 18 and 8 times as long in compatibility form; all others are at most 6 times."""

_REMEMBERED = 20_000
"""So many characters are looked up once only. Whoever sends all there are does not fill the memory with them."""

PLAIN, PILING, BESIDE, JOINER, UNSHOWN = "omcjx"
"""
Kinds of characters: of itself; a mark that stands on the one before; a mark beside it, or what becomes one; without ink
or width; not to be shown at all, being private, half a character or not assigned.
"""

_LATIN = {
    "ı": "i", "ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ŧ": "t", "ŋ": "n", "æ": "ae", "œ": "oe", "þ": "th",
}  # fmt: skip
"""Small letters that Unicode does not take apart (CLDR, Latin-ASCII)."""

_TATWEEL = "\u0640"
"""A line that makes Arabic words longer, and is no letter (UAX 53)."""

_KEPT_CLASSES = frozenset({0, 8, 9})


def may_be_emoji(character: str) -> bool:
    """
    Whether Unicode keeps this place for pictographs (emoji-data.txt, Extended_Pictographic, reserved ones included):
    this Python may not know the newest.
    """
    return "\U0001f000" <= character <= "\U0001faff" or "\U0001fc00" <= character <= "\U0001fffd"


class Table(dict[int, "str | None"]):
    """For C{str.translate}: what becomes of each character, worked out when it is first met."""

    def __missing__(self, point: int) -> str | None:
        made = self.make(chr(point))
        if len(self) < _REMEMBERED:
            self[point] = made
        return made

    def make(self, character: str) -> str | None:
        """@return: C{None} where nothing is left of it."""
        raise NotImplementedError


class _Kinds(Table):
    def make(self, character: str) -> str:
        category = unicodedata.category(character)
        if unicodedata.combining(character) or category in ("Mn", "Me"):
            return PILING
        if category in ("Co", "Cs") or (category == "Cn" and not may_be_emoji(character)):
            return UNSHOWN
        if category == "Cf":
            return JOINER
        becomes = unicodedata.normalize("NFKD", character)
        return BESIDE if category == "Mc" or unicodedata.combining(becomes[0]) else PLAIN


class _WithoutMarks(Table):
    def make(self, character: str) -> str | None:
        if unicodedata.combining(character) not in _KEPT_CLASSES or unicodedata.category(character) == "Me":
            return None
        return None if character == _TATWEEL else _LATIN.get(character, character)


KINDS = _Kinds()
"""The kind of each character, by code point."""

_WITHOUT_MARKS = _WithoutMarks()
_ALL_MARKS = str.maketrans({BESIDE: PILING, JOINER: None})


def kinds_of(text: str) -> str:
    """The kind of each character: a string as long as the text."""
    return text.translate(KINDS)


def is_stream_safe(text: str) -> bool:
    """Whether it has no more than L{MARKS} combining marks in a row, and so is put into a normal form in no time."""
    if len(text) <= MARKS or text.isascii():
        return True
    return PILING * (MARKS + 1) not in kinds_of(text).translate(_ALL_MARKS)


def fold(name: str) -> str:
    """
    The key of a name: names that differ only in letter case or in compatibility form have the same.

    Of what is too long to be a name, the beginning and L{NOT_A_NAME}: no name has this key.
    """
    if len(name) > LONGEST_NAME:
        return name[:LONGEST_NAME] + NOT_A_NAME
    if name.isascii():
        return name.casefold()
    if not is_normalisable(name):
        return name + NOT_A_NAME
    return unicodedata.normalize("NFKC", name).casefold().replace("i\u0307", "i")


def is_normalisable(name: str) -> bool:
    """Whether a name of this length may be put into compatibility form. If not, it could not be a name anyway."""
    return not any(each in name for each in _EXPLODING) and is_stream_safe(name)


def fold_for_search(text: str) -> str:
    """
    A text as search compares it. Letter case, accents, points and width do not count.

    Of more than L{MARKS} combining marks in a row, which older versions let people say, the rest is left out.
    """
    if text.isascii():
        return text.lower()
    for each in _EXPLODING:
        text = text.replace(each, " ")
    if not is_stream_safe(text):
        text = _without_long_runs(text)
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    return unicodedata.normalize("NFC", folded.translate(_WITHOUT_MARKS))


def _without_long_runs(text: str) -> str:
    run, kept = 0, list[str]()
    for character, kind in zip(text, kinds_of(text), strict=True):
        run = run + 1 if kind in (PILING, BESIDE) else run if kind == JOINER else 0
        if run <= MARKS:
            kept.append(character)
    return "".join(kept)
