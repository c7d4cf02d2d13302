"""
Keys that make no text, in a line that somebody typed: those that erase, arrows, and what cannot be seen before it.

Most terminals send a line when it is whole. Some send each key as it is pressed, and those that erase as well; nc
sends what an arrow key makes, and a file from elsewhere may begin with a byte order mark. Nothing that its author has
erased is said, so erasing takes what a terminal takes: what is seen as one character, a word, or the whole line.

It knows characters, and nothing of what a line means.
"""

from __future__ import annotations

import re
import unicodedata

_ERASE = "\b\x7f"
"""What Backspace sends: one or the other; and telnet's EC (L{chatroom.doors.line.telnet})."""

_ERASE_WORD = "\x17"
"""Ctrl+W."""

_ERASE_LINE = "\x03\x15"
"""Ctrl+C and Ctrl+U; and telnet's EL, IP, BRK and ABORT."""

_KEYS = re.compile(f"[\0\x1b{_ERASE}{_ERASE_WORD}{_ERASE_LINE}]")

_CLUSTERED = re.compile("[\u200c\u200d\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]")
"""What belongs to the character before it, beside combining marks (UAX 29): joiners, skin tones, tags of flags."""

_JOINED = "\u200d"
_FLAG = re.compile("[\U0001f1e6-\U0001f1ff]+$")
"""Letters of flags, which are seen in pairs."""

_JAMO = re.compile("[\u1160-\u11ff\ud7b0-\ud7fb]")
_BEFORE_JAMO = re.compile("[\u1100-\u11ff\ua960-\ua97c\uac00-\ud7a3\ud7b0-\ud7fb]")
"""Vowels and finals of Korean, and what they complete."""

_ARROW = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|O[A-Za-z])")
"""An arrow or function key, or a whole control sequence that was pasted (ECMA-48, 5.4 and 8.3.16)."""

_UNSEEN = re.compile(
    "[\x00-\x08\n-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]*"
)
"""What leaves no ink and takes no room."""


def has_keys(line: str) -> bool:
    """Whether L{typed} would change this line. Asked of everything anybody says, so it is quick."""
    return not line.isprintable() and (_KEYS.search(line) is not None or not line[:1].isprintable())


def typed(line: str) -> str:
    """The line as its author has it in mind. Nothing is put into it, and what cannot be shown may be left in it."""
    line = _ARROW.sub("", line.replace("\0", ""))
    if _KEYS.search(line):
        line = _erased(line)
    start = _UNSEEN.match(line)
    return line[start.end() :] if start else line


def _erased(line: str) -> str:
    kept: list[str] = []
    for character in line:
        if character in _ERASE:
            _erase_one(kept)
        elif character in _ERASE_WORD:
            _erase_word(kept)
        elif character in _ERASE_LINE:
            kept.clear()
        else:
            kept.append(character)
    return "".join(kept)


def _erase_one(kept: list[str]) -> None:
    """What is seen as one character: a letter with its marks, an emoji with all that it is made of."""
    while kept:
        character = kept.pop()
        if character.isascii():
            return
        if unicodedata.category(character).startswith("M") or _CLUSTERED.match(character):
            continue
        if kept and kept[-1] == _JOINED and unicodedata.category(character) in ("So", "Cn"):
            continue
        if kept and _JAMO.match(character) and _BEFORE_JAMO.match(kept[-1]):
            continue
        if _FLAG.match(character):
            before = _FLAG.search("".join(kept[-64:]))
            if before is not None and len(before[0]) % 2:
                kept.pop()
        return


def _erase_word(kept: list[str]) -> None:
    """As terminals do: the blanks at the end, and what stands before them up to a blank."""
    while kept and kept[-1].isspace():
        kept.pop()
    while kept and not kept[-1].isspace():
        kept.pop()
