"""
How the line being typed stands on a screen: in one row at the bottom, which makes way for what others say.

A line that is longer than the window is scrolled. The row is written so that a wrong idea of how wide a character is
does no harm: it is kept shorter than the window by the greatest widths, and the cursor is set by writing again what
stands before it. It knows a L{LineEditor} and the window's width, and nothing of connections.
"""

from __future__ import annotations

from chatroom.doors.line.line_editor import LineEditor
from chatroom.doors.line.text import WIDEST, safe
from chatroom.layout import columns

CLEAR = b"\r\x1b[K"
"""Back to the start of the row, and nothing in it any more (ECMA-48, 8.3.41)."""

BELL = b"\a"

UNKNOWN = 80
"""Columns of a window whose width nobody has told, or that is too narrow to be true."""

LEAST = 8
"""Columns."""

_LINE_END = "\u21b5"
"""A line end in pasted text, which waits for the Enter key: the sign of that key."""

_BASE = "\u25cc"
"""What stands for the letter of a mark that has none, as Unicode's charts have it."""

_HEAPED = 4
"""So many characters of no width are shown for each column, so that a row is short in bytes as well."""


class EditedRow:
    """What is on the screen of an editor's line, and what has to be written to have that follow."""

    __slots__ = ("_columns", "_editor", "_shown", "_start")

    def __init__(self, editor: LineEditor, width: int) -> None:
        """@param width: columns of the window; 0 where that is not known."""
        self._editor = editor
        self._shown: tuple[str, str] | None = None  # before the cursor and behind it; None: anything may be there
        self._start = 0
        self.resize(width)

    def resize(self, width: int) -> None:
        """The window has so many columns now. Of a wider one than any screen, only a part is used: a row is work."""
        self._columns = (min(width, WIDEST) if width >= LEAST else UNKNOWN) - 1
        self._shown = None

    def frame(self, data: bytes) -> bytes:
        """
        What to write, so that this stands above the line being typed, and that line is as the editor has it.

        @param data: whole lines, or nothing.
        """
        if self._editor.redraw:
            self._editor.redraw, self._shown = False, None
        shown, row = self._shown, self._row()
        self._shown = row
        if data:
            begin = CLEAR if shown is None or shown != ("", "") else b""
            made = begin + data + _drawn(row)
        else:
            made = _difference(shown, row)
        if self._editor.bell:
            self._editor.bell = False
            made += BELL
        return made

    def entered(self, text: str) -> bytes:
        """A line was sent with the Enter key: what stays of it on the screen, whole."""
        self._start = 0
        rows = [safe(_readable(line)) for line in text.split("\n")]
        return "".join(f"{row}\r\n" for row in rows).encode()

    def end(self) -> bytes:
        """The line is not edited here any more, or the connection ends: what clears it away."""
        shown, self._shown = self._shown, None
        return b"" if shown == ("", "") else CLEAR

    def _row(self) -> tuple[str, str]:
        """What to show before the cursor and behind it."""
        editor = self._editor
        if editor.hidden or not editor.text:
            self._start = 0
            return ("", "")
        text, at = editor.text, editor.at
        if text.isascii() and text.isprintable() and len(text) <= self._columns:
            self._start = 0
            return text[:at], text[at:]
        if at < self._start or not self._fits(text, self._start, at):
            self._start = self._back(text, at, self._columns - 1)
            if self._start:
                self._start = self._back(text, at, self._columns * 2 // 3)
        elif self._start and self._back(text, len(text), self._columns) == 0:
            self._start = 0
        end = self._forth(text, self._start, self._columns - 1 - bool(self._start))
        before = ("<" if self._start else "") + _visible(text[self._start : at])
        behind = _visible(text[at : max(at, end)]) + (">" if end < len(text) else "")
        first = (before or behind)[:1]
        if first and not _width(first):
            before = _BASE + before
        return before, behind

    def _fits(self, text: str, start: int, at: int) -> bool:
        return self._forth(text, start, self._columns - 2) >= at

    def _back(self, text: str, at: int, room: int) -> int:
        """The first character that has room in so many columns before a place."""
        least = max(0, at - _HEAPED * room)
        while at > least and (room := room - _width(text[at - 1])) >= 0:
            at -= 1
        return at

    def _forth(self, text: str, at: int, room: int) -> int:
        """The place behind the last character that has room in so many columns behind a place."""
        most = min(len(text), at + _HEAPED * room)
        while at < most and (room := room - _width(text[at])) >= 0:
            at += 1
        return at


def _width(character: str) -> int:
    return 1 if character == "\n" or "\ud800" <= character <= "\udfff" else columns(character)


def _readable(text: str) -> str:
    """Bytes that are no UTF-8, and are surrogates here, as the sign for what cannot be read."""
    return text if text.isprintable() else "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in text)


def _visible(text: str) -> str:
    return text if text.isprintable() else safe(_readable(text).replace("\n", _LINE_END))


def _drawn(row: tuple[str, str]) -> bytes:
    before, behind = row
    return f"{before}{behind}\r{before}".encode() if behind else before.encode()


def _difference(shown: tuple[str, str] | None, row: tuple[str, str]) -> bytes:
    """The least that makes one row the other: most keys add a character at the end, or take one away there."""
    if shown == row:
        return b""
    if shown is not None and not (shown[1] or row[1]):
        before, after = shown[0], row[0]
        if after.startswith(before):
            return after[len(before) :].encode()
        gone = before[len(after) :]
        if before.startswith(after) and len(gone) == 1 and gone.isascii():
            return b"\b \b"
    return CLEAR + _drawn(row)
