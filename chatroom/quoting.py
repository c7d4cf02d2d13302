"""
Words in quotes, as people type arguments that have blanks in them: C{/poll "Tea or coffee?" tea "black coffee"}.

It knows text, and no command.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_QUOTES = {'"': '"', "\u201c": "\u201d", "\u201e": "\u201c\u201d", "\u00ab": "\u00bb"}
"""Which marks end what a mark begins: the typewriter's, and those that telephones put in its place."""

MOST_WORDS = 100
"""Words of a list. Commands do something with each, and a line has room for thousands."""

_PLAIN = re.compile(rf"\s*([^\s{''.join(_QUOTES)}]\S*)")
_BLANKS = re.compile(r"\s*")


class WordList(str):
    """Words of a program that has sent them as a list, in the form in which a person would type them."""

    __slots__ = ()


def split_quoted(text: str) -> tuple[str, str]:
    r"""
    The first word, and what stands behind it. A quote at the beginning of a word joins what is in it, blanks and all;
    inside, C{\"} is a quote and C{\\} a backslash.

    @raise ValueError: a quote is not closed; a sentence without its end.
    """
    word, end = _word(text, 0)
    return word or "", text[end:]


def words(text: str) -> list[str]:
    """
    All words, as L{split_quoted} takes them apart, in a time that grows as the text does.

    @raise ValueError: a quote is not closed, or there are more than L{MOST_WORDS}; a sentence without its end.
    """
    found: list[str] = []
    word, at = _word(text, 0)
    while word is not None:
        if len(found) == MOST_WORDS:
            raise ValueError(f"there are more than {MOST_WORDS} words")
        found.append(word)
        word, at = _word(text, at)
    return found


def _word(text: str, at: int) -> tuple[str | None, int]:
    """The word that begins there or behind some blanks, C{None} if there is none, and where it ends."""
    plain = _PLAIN.match(text, at)
    if plain is not None:
        return plain[1], plain.end()
    at = _BLANKS.match(text, at).end()  # type: ignore[union-attr]  # no blank is enough
    return (None, at) if at == len(text) else _quoted_word(text, at)


def _quoted_word(text: str, start: int) -> tuple[str, int]:
    ends = _QUOTES[text[start]]
    made: list[str] = []
    at = start + 1
    while at < len(text):
        letter = text[at]
        if letter == "\\" and text[at + 1 : at + 2] in ('"', "\\", *ends):
            at += 1
            letter = text[at]
        elif letter in ends:
            return "".join(made), at + 1
        made.append(letter)
        at += 1
    raise ValueError(f"the quote before {text[start + 1 : start + 21]!r} is not closed")


def joined(parts: Iterable[str]) -> WordList:
    """The text that L{words} takes apart into these."""
    return WordList(" ".join(map(_quoted, parts)))


def _quoted(word: str) -> str:
    if word and word[0] not in _QUOTES and word.split() == [word]:
        return word
    escaped = word.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
