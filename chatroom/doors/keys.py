"""
Keys that make no text, in a line that somebody typed: those that erase, arrows, and what cannot be seen before it.

Most terminals send a line when it is whole. Some send each key as it is pressed, the one that erases as well; nc sends
what an arrow key makes, and a file from elsewhere may begin with a byte order mark. What a line means is seen by its
first character, so that has to be the first one that can be seen: else a whisper or a password would be said aloud.

It knows characters, and nothing of what a line means.
"""

from __future__ import annotations

import re

_ERASE = ("\b", "\x7f")
"""What the key for it sends: one or the other."""

_ARROW = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|O[A-Za-z])")
"""An arrow or function key, or a whole control sequence that was pasted (ECMA-48, 5.4 and 8.3.16)."""

_UNSEEN = re.compile(
    "[\x00-\x08\n-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]*"
)
"""What leaves no ink and takes no room. A tab takes some: text may begin with it, and is no command then."""


def has_keys(line: str) -> bool:
    """Whether L{typed} would change this line. Asked of everything anybody says, so it is quick."""
    return "\x1b" in line or "\x7f" in line or "\b" in line or "\0" in line or not line[:1].isprintable()


def typed(line: str) -> str:
    """The line as its author has it in mind. Nothing is put into it, and what cannot be shown may be left in it."""
    line = _ARROW.sub("", line.replace("\0", ""))
    if "\b" in line or "\x7f" in line:
        line = _erased(line)
    start = _UNSEEN.match(line)
    return line[start.end() :] if start else line


def _erased(line: str) -> str:
    kept: list[str] = []
    for character in line:
        if character not in _ERASE:
            kept.append(character)
        elif kept:
            kept.pop()
    return "".join(kept)
