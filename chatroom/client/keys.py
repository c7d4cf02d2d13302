"""
Keys for the plain mode: bytes of a terminal become the names that urwid gives to keys.
"""

from __future__ import annotations

from urwid.display import escape

PASTE_ON, PASTE_OFF = "\x1b[?2004h", "\x1b[?2004l"
"""Have the terminal mark what is pasted (xterm's bracketed paste)."""


class Keys:
    """Keeps what is not a whole key yet."""

    def __init__(self) -> None:
        self._codes: list[int] = []

    def feed(self, data: bytes) -> list[str]:
        """The keys in a piece of input; what a mouse or the terminal itself reports is none."""
        self._codes += data
        keys: list[str] = []
        while self._codes:
            try:
                found, self._codes = escape.process_keyqueue(self._codes, True)
            except escape.MoreInputRequired:
                break
            keys += [key for key in found if isinstance(key, str)]
        return keys
