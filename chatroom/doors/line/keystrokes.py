"""
Bytes of a terminal that sends each key as it is pressed, as keys: runs of text, and the keys that edit a line.

A key may arrive in pieces: half a character of UTF-8, or half of the sequence that an arrow makes (ECMA-48, 5.4). What
is not whole yet waits for the next piece, and is bounded. It knows bytes, and nothing of a line.
"""

from __future__ import annotations

import re
from codecs import getincrementaldecoder
from enum import Enum

LONGEST_SEQUENCE = 32
"""Characters of one escape sequence. A longer one is no key: its first character is dropped, and the rest is text."""

PASTE_ON, PASTE_OFF = b"\x1b[?2004h", b"\x1b[?2004l"
"""Ask a terminal to put marks around pasted text, and not to (xterm's bracketed paste)."""

PASTE_MARK = b"\x1b[200~"
"""With it, such a terminal begins pasted text."""


class Key(Enum):
    """What a key asks for."""

    ENTER = "enter"
    BACKSPACE = "backspace"
    DELETE = "delete"
    LEFT = "left"
    RIGHT = "right"
    WORD_LEFT = "word left"
    WORD_RIGHT = "word right"
    START = "start"
    END = "end"
    OLDER = "older"
    NEWER = "newer"
    ERASE_WORD = "erase word"
    ERASE_LINE = "erase line"
    ERASE_TO_END = "erase to end"
    COMPLETE = "complete"
    LEAVE = "leave"
    REDRAW = "redraw"
    PASTE_BEGINS = "paste begins"
    PASTE_ENDS = "paste ends"


_CONTROLS = {
    "\n": Key.ENTER,
    "\b": Key.BACKSPACE,
    "\x7f": Key.BACKSPACE,
    "\t": Key.COMPLETE,
    "\x01": Key.START,
    "\x02": Key.LEFT,
    "\x03": Key.ERASE_LINE,
    "\x04": Key.LEAVE,
    "\x05": Key.END,
    "\x06": Key.RIGHT,
    "\x0b": Key.ERASE_TO_END,
    "\x0c": Key.REDRAW,
    "\x0e": Key.NEWER,
    "\x10": Key.OLDER,
    "\x15": Key.ERASE_LINE,
    "\x17": Key.ERASE_WORD,
}
"""Control characters, as editors of lines have them; what is not here does nothing."""

_SEQUENCES = {
    "[A": Key.OLDER,
    "[B": Key.NEWER,
    "[C": Key.RIGHT,
    "[D": Key.LEFT,
    "[H": Key.START,
    "[F": Key.END,
    "OA": Key.OLDER,
    "OB": Key.NEWER,
    "OC": Key.RIGHT,
    "OD": Key.LEFT,
    "OH": Key.START,
    "OF": Key.END,
    "[1~": Key.START,
    "[7~": Key.START,
    "[4~": Key.END,
    "[8~": Key.END,
    "[3~": Key.DELETE,
    "[1;5C": Key.WORD_RIGHT,
    "[1;3C": Key.WORD_RIGHT,
    "[1;5D": Key.WORD_LEFT,
    "[1;3D": Key.WORD_LEFT,
    "f": Key.WORD_RIGHT,
    "b": Key.WORD_LEFT,
    "\x7f": Key.ERASE_WORD,
    "\b": Key.ERASE_WORD,
    "[200~": Key.PASTE_BEGINS,
    "[201~": Key.PASTE_ENDS,
}
"""Behind ESC: those of xterm, the Linux console, rxvt and PuTTY."""

_TOKEN = re.compile(r"[^\x00-\x1f\x7f]+|\x1b(?:\[[0-?]{0,30}[ -/]{0,4}[@-~]|O[ -~]|[^\[O\x1b])|[\x00-\x1f\x7f]")
_UNFINISHED = re.compile(r"\x1b(?:\[[0-?]{0,30}[ -/]{0,4}|O)?\Z")


class KeyDecoder:
    """
    From bytes to keys.

    @ivar waiting: the bytes of a key that is not whole yet.
    """

    def __init__(self, waiting: bytes = b"") -> None:
        self.waiting = waiting

    def keys(self, data: bytes) -> list[str | Key]:
        """
        The keys in a piece of input, in order. Bytes that are no UTF-8 are the lone surrogates that Python makes of
        them (PEP 383), so that the line can be refused for them later.
        """
        decoder = getincrementaldecoder("utf-8")("surrogateescape")
        text = decoder.decode(self.waiting + data)
        self.waiting = decoder.getstate()[0]
        begun = _UNFINISHED.search(text, max(0, len(text) - LONGEST_SEQUENCE - 4))
        if begun is not None:
            self.waiting = text[begun.start() :].encode() + self.waiting
            text = text[: begun.start()]
        if text.isprintable():
            return [text] if text else []
        return [key for token in _TOKEN.findall(text) if (key := _key(token)) is not None]


def _key(token: str) -> str | Key | None:
    if token[0] == "\x1b":
        return _SEQUENCES.get(token[1:])
    if len(token) == 1 and (token < " " or token == "\x7f"):
        return _CONTROLS.get(token)
    return token
