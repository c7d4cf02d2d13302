"""
What a word is, for search: the one definition for every backend.

Letters that count as the same are so by L{chatroom.folding}. Scripts that are written without spaces are taken
character by character, and so are emoji, so that any part of them can be found. It knows text and nothing else.

A change of what a word is needs a step in schema/ that empties the index (docs/adr/0011).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from chatroom.folding import Table, fold_for_search

_ASCII_WORD = re.compile("[a-z0-9]+")

_WITHOUT_SPACES = (
    "CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO", "YI", "THAI", "LAO", "KHMER", "MYANMAR", "TIBETAN",
)  # fmt: skip
"""How the Unicode names of characters begin that are words by themselves. Korean has spaces, but joins particles."""


def words_in(text: str) -> list[str]:
    """The words of a text, in order, each folded; what is neither letter, digit nor symbol only parts them."""
    folded = fold_for_search(text)
    if folded.isascii():
        return _ASCII_WORD.findall(folded)
    return folded.translate(_PARTED).split()


class _Parted(Table):
    """With spaces where a word ends."""

    def make(self, character: str) -> str:
        category, name = unicodedata.category(character), unicodedata.name(character, "")
        if category[0] in "LNM" and not name.startswith("VARIATION SELECTOR"):
            return f" {character} " if name.startswith(_WITHOUT_SPACES) else character
        return f" {character} " if category == "So" else " "


_PARTED = _Parted()


class SearchTerms:
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
