"""
The last place before a terminal: text from outside without anything that could do more than be read.

A server cleans what people type. This is for servers that do not, or that are hostile themselves.
"""

from __future__ import annotations

import unicodedata

from chatroom.folding import may_be_emoji

_DIRECTION = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Format characters that turn the direction of writing (Unicode Standard Annex 9)."""

_NOT_SHOWN = frozenset({"Cc", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Controls, halves of characters, private and unassigned ones, line and paragraph separators."""

_MARKS = 4
"""So many combining marks on one character, and no more, or they climb over the lines around."""


def safe(text: str) -> str:
    """One line: what could move a cursor, end a line or turn the direction of writing is left out."""
    if text.isascii() and text.isprintable():
        return text
    made: list[str] = []
    marks = 0
    for character in text.replace("\t", "    "):
        category = unicodedata.category(character)
        marks = marks + 1 if category in ("Mn", "Me") or unicodedata.combining(character) else 0
        if (category not in _NOT_SHOWN or may_be_emoji(character)) and character not in _DIRECTION and marks <= _MARKS:
            made.append(character)
    return "".join(made)


def safe_lines(text: str) -> str:
    """The same for a message of several lines, parted by C{"\\n"}."""
    return "\n".join(safe(line) for line in text.split("\n"))


def name(text: str) -> str:
    """A nickname or a room's name, which has no spaces; never empty, so that a line cannot pretend to have none."""
    return "".join(safe(text).split()) or "?"
