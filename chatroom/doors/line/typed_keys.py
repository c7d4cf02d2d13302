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

_LONGEST_CLUSTER = 32
"""Code points that may belong to one character, so that the work is bounded. The longest emoji have ten."""

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
    """What is seen as one character."""
    if not kept:
        return
    if kept[-1].isascii():  # it continues nothing, so that most keys are quick
        kept.pop()
        return
    tail = "".join(kept[-_LONGEST_CLUSTER:])
    del kept[len(kept) - len(tail) + cluster_start(tail, len(tail)) :]


def cluster_start(text: str, at: int) -> int:
    """Where that begins which is seen as one character and ends here: a letter with its marks, an emoji whole."""
    least, begin = max(0, at - _LONGEST_CLUSTER), at - 1
    while begin > least and _continues(text, begin):
        begin -= 1
    return max(least, begin)


def cluster_end(text: str, at: int) -> int:
    """Where that ends which is seen as one character and begins here."""
    most, end = min(len(text), at + _LONGEST_CLUSTER), at + 1
    while end < most and _continues(text, end):
        end += 1
    return min(most, end)


def _continues(text: str, at: int) -> bool:
    """Whether what stands here belongs to the character before it."""
    character = text[at]
    if character.isascii():
        return False
    category = unicodedata.category(character)
    if category.startswith("M") or _CLUSTERED.match(character):
        return True
    before = text[at - 1]
    if before == _JOINED and category in ("So", "Cn"):
        return True
    if _JAMO.match(character) and _BEFORE_JAMO.match(before):
        return True
    if _FLAG.match(character):
        letters = _FLAG.search(text[max(0, at - _LONGEST_CLUSTER) : at])
        return letters is not None and len(letters[0]) % 2 == 1
    return False


def _erase_word(kept: list[str]) -> None:
    """As terminals do: the blanks at the end, and what stands before them up to a blank."""
    while kept and kept[-1].isspace():
        kept.pop()
    while kept and not kept[-1].isspace():
        kept.pop()
