"""
What a word is, for search: the one definition for every backend.

Letter case, accents and width do not count. Scripts that are written without spaces are taken character by
character, and so are emoji, so that any part of them can be found. It knows text and nothing else.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

_ASCII_WORD = re.compile("[a-z0-9]+")

_ACCENTS = re.compile("[\u0300-\u036f]")

_RUN = 30
"""
So many combining marks in a row are looked at, as in the Stream-Safe Text Format (UAX 15, 13): normalisation sorts
them, and the time for that grows with the square of their number. No script has words with as many.
"""

_WITHOUT_SPACES = (
    "CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO", "YI", "THAI", "LAO", "KHMER", "MYANMAR", "TIBETAN",
)  # fmt: skip
"""How the Unicode names of characters begin that are words by themselves. Korean has spaces, but joins particles."""

_APART, _INSIDE, _ALONE = range(3)


def words_in(text: str) -> list[str]:
    """The words of a text, in order, each folded; what is neither letter, digit nor symbol only parts them."""
    folded = text.lower() if text.isascii() else _folded(text)
    if folded.isascii():
        return _ASCII_WORD.findall(folded)
    found: list[str] = []
    start = True
    for character in folded:
        kind = _kind(character)
        if kind == _INSIDE and not start:
            found[-1] += character
        elif kind != _APART:
            found.append(character)
        start = kind != _INSIDE
    return found


class Wanted:
    """
    What somebody searches for.

    @ivar phrases: runs of words that a text must have, each as one string with single spaces: C{it's} is the
        words C{it s}.
    @ivar literals: things without a letter, digit or symbol, such as C{:-)}, that must be in it as they stand.
    """

    def __init__(self, words: Sequence[str]) -> None:
        runs = [(word, " ".join(words_in(word))) for word in words]
        self.phrases = list(dict.fromkeys(run for _, run in runs if run))
        self.literals = list(dict.fromkeys(word for word, run in runs if word and not run))

    def nothing(self) -> bool:
        """Nothing is searched for, so nothing is found."""
        return not self.phrases and not self.literals

    def is_in(self, text: str) -> bool:
        """Whether this text has all of it."""
        line = f" {' '.join(words_in(text))} "
        return all(f" {run} " in line for run in self.phrases) and all(each in text for each in self.literals)


def _folded(text: str) -> str:
    folded = unicodedata.normalize("NFKC", _without_long_runs(text)).casefold()
    return unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFD", folded)))


def _without_long_runs(text: str) -> str:
    """The text, but for combining marks beyond L{_RUN} in a row: older versions let people say such things."""
    run, kept = 0, list[str]()
    for character in text:
        run = run + 1 if unicodedata.combining(character) else 0
        if run <= _RUN:
            kept.append(character)
    return text if len(kept) == len(text) else "".join(kept)


@lru_cache(maxsize=4096)
def _kind(character: str) -> int:
    category, name = unicodedata.category(character), unicodedata.name(character, "")
    if category[0] in "LNM":
        if name.startswith("VARIATION SELECTOR"):
            return _APART
        return _ALONE if name.startswith(_WITHOUT_SPACES) else _INSIDE
    return _ALONE if category == "So" else _APART
