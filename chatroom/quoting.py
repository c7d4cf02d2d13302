"""
Words in quotes, as people type arguments that have blanks in them: C{/poll "Tea or coffee?" tea "black coffee"}.

It knows text, and no command.
"""

from __future__ import annotations

from collections.abc import Iterable

_QUOTES = {'"': '"', "\u201c": "\u201d", "\u201e": "\u201c\u201d", "\u00ab": "\u00bb"}
"""Which marks end what a mark begins: the typewriter's, and those that telephones put in its place."""


class WordList(str):
    """Words of a program that has sent them as a list, in the form in which a person would type them."""

    __slots__ = ()


def split_quoted(text: str) -> tuple[str, str]:
    r"""
    The first word, and what stands behind it. A quote at the beginning of a word joins what is in it, blanks and all;
    inside, C{\"} is a quote and C{\\} a backslash.

    @raise ValueError: a quote is not closed; a sentence without its end.
    """
    text = text.lstrip()
    ends = _QUOTES.get(text[:1])
    if ends is None:
        word = text.split(maxsplit=1)[0] if text else ""
        return word, text[len(word) :]
    made: list[str] = []
    at = 1
    while at < len(text):
        letter = text[at]
        if letter == "\\" and text[at + 1 : at + 2] in ('"', "\\", *ends):
            at += 1
            letter = text[at]
        elif letter in ends:
            return "".join(made), text[at + 1 :]
        made.append(letter)
        at += 1
    raise ValueError(f"the quote before {text[1:21]!r} is not closed")


def words(text: str) -> list[str]:
    """
    All words, as L{split_quoted} takes them apart.

    @raise ValueError: a quote is not closed; a sentence without its end.
    """
    found: list[str] = []
    while text.strip():
        word, text = split_quoted(text)
        found.append(word)
    return found


def joined(parts: Iterable[str]) -> WordList:
    """The text that L{words} takes apart into these."""
    return WordList(" ".join(map(_quoted, parts)))


def _quoted(word: str) -> str:
    if word and word[0] not in _QUOTES and not any(letter.isspace() for letter in word):
        return word
    escaped = word.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
