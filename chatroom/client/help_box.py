"""
The keys of the client in a box over the screen, for windows of every size: in two columns where there is room, else in
one; what does not fit is reached with Page Down.
"""

from __future__ import annotations

from typing import Any

import urwid

KEYS = (
    ("Enter", "send"),
    ("Alt+Enter", "new line"),
    ("Tab", "complete"),
    ("Up, Down", "history"),
    ("Page Up, Down", "scroll"),
    ("Esc", "newest line"),
    ("Alt+K", "switch room"),
    ("Alt+1 ... 9", "go to a room"),
    ("Alt+Left, Right", "next room"),
    ("Alt+A", "next unread room"),
    ("Alt+Up, Down", "scroll people"),
    ("Alt+J", "next search hit"),
    ("Ctrl+A, E", "start, end"),
    ("Ctrl+W, U, K", "cut text"),
    ("Ctrl+Y", "paste cut text"),
    ("Ctrl+L", "redraw"),
    ("Ctrl+C, D twice", "quit"),
    ("Shift+mouse", "select text"),
    ("@nick text", "whisper"),
    ("/help", "all commands"),
)

_KEY = 16
"""Columns for the names of keys."""

_COLUMN = 35
"""Columns for a key with its explanation."""


class HelpBox:
    """
    The box, as long as it is shown.

    @ivar page: which part of the keys is shown, where they do not fit.
    """

    def __init__(self) -> None:
        self.page = 0
        self._pages = 1

    def over(self, body: urwid.Widget, columns: int, rows: int) -> urwid.Widget:
        """The box in front of the rest of the screen, which has so many columns and rows."""
        lines = _lines(2 if columns >= 2 * _COLUMN + 6 else 1)
        room = max(1, rows - 2)
        self._pages = -(-len(lines) // room)
        self.page = min(self.page, self._pages - 1)
        start = min(self.page * room, max(0, len(lines) - room))
        shown = lines[start : start + room]
        title = "Keys" if self._pages == 1 else f"Keys {self.page + 1}/{self._pages}: Page Down"
        box = urwid.LineBox(urwid.Filler(urwid.Text("\n".join(shown), wrap="clip"), "top"), title)
        width = min(columns, max(map(len, lines)) + 4)
        return urwid.Overlay(box, body, "center", width, "middle", len(shown) + 2)

    def keypress(self, key: str) -> bool:
        """Take a key; whether the box stays."""
        if self._pages > 1 and key in ("page down", "down"):
            self.page = (self.page + 1) % self._pages
            return True
        if self._pages > 1 and key in ("page up", "up"):
            self.page = (self.page - 1) % self._pages
            return True
        return False


def _lines(columns: int) -> list[str]:
    entries = [f" {key:<{_KEY}}{what}" for key, what in KEYS]
    height = -(-len(entries) // columns)
    parts: list[Any] = [entries[start : start + height] for start in range(0, len(entries), height)]
    if len(parts) == 1:
        return entries
    return [f"{left:<{_COLUMN}}{right}" for left, right in zip(parts[0], [*parts[1], ""], strict=False)]
