"""
The lines of one buffer, scrolled: at the end it follows what comes, further up it stays where it is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import urwid

from chatroom.client.buffers import Buffer
from chatroom.client.lines import ScreenLine
from chatroom.client.palette import PALETTE, Colours
from chatroom.client.rows import row

WHEEL = 3
"""Rows that one step of a mouse wheel scrolls."""

_CACHED = 2000
"""Rows that are kept as widgets."""


_FOUND: dict[Any, Any] = {None: "found", **{entry[0]: "found" for entry in PALETTE}}
"""Whatever a line looks like, this is how it looks when it was jumped to."""


class _Walker(urwid.ListWalker):  # type: ignore[type-arg]  # not generic in urwid 4
    """Lines as widgets, made when they are looked at. The focus stays on its line when lines come before it."""

    def __init__(self, buffer: Buffer, colours: Colours) -> None:
        self.buffer = buffer
        self._colours = colours
        self.columns = 80
        self._widgets: dict[int, tuple[ScreenLine, urwid.Widget]] = {}
        self._focus = max(0, len(buffer.lines) - 1)
        self._line: ScreenLine | None = None
        self._marked: ScreenLine | None = None

    def mark(self, line: ScreenLine | None) -> None:
        """Let this line, and no other, stand out."""
        self._marked = line
        self._modified()

    def __getitem__(self, place: int) -> urwid.Widget:
        line = self.buffer.lines[place]
        known = self._widgets.get(id(line))
        if known is None:
            if len(self._widgets) > _CACHED:
                self._widgets.clear()
            known = self._widgets[id(line)] = (line, row(line, self.columns, self._colours))
        return urwid.AttrMap(known[1], _FOUND) if line is self._marked else known[1]

    def set_columns(self, columns: int) -> None:
        """The area is so wide now."""
        if columns != self.columns:
            self.columns = columns
            self._widgets.clear()

    @property
    def focus(self) -> int:
        """Where the focused line is now."""
        lines = self.buffer.lines
        if self._line is not None and not (self._focus < len(lines) and lines[self._focus] is self._line):
            self._focus = next((place for place, line in enumerate(lines) if line is self._line), 0)
        return min(self._focus, len(lines) - 1)

    def set_focus(self, place: int) -> None:
        if not 0 <= place < len(self.buffer.lines):
            raise IndexError(place)
        self._focus = place
        self._line = self.buffer.lines[place]
        self._modified()

    def next_position(self, place: int) -> int:
        if place + 1 >= len(self.buffer.lines):
            raise IndexError(place + 1)
        return place + 1

    def prev_position(self, place: int) -> int:
        if place <= 0:
            raise IndexError(place - 1)
        return place - 1

    def positions(self, reverse: bool = False) -> Any:
        """All of them: urwid asks for that of whatever can be scrolled."""
        places = range(len(self.buffer.lines))
        return reversed(places) if reverse else places

    def changed(self) -> None:
        """The buffer's lines are not what they were."""
        self._modified()


class Scrollback(urwid.ListBox):  # type: ignore[type-arg]  # not generic in urwid 4
    """
    @ivar following: the end is in sight, and stays in sight.
    @ivar below: how many lines came while it was not.
    """

    def __init__(
        self,
        read_back: Callable[[Buffer, Callable[[int], None]], None],
        colours: Colours,
        clicked: Callable[[ScreenLine], None] = lambda line: None,
    ) -> None:
        """
        @param read_back: fetches older lines: see L{chatroom.client.client.Client.read_back}.
        @param clicked: called with a line that was clicked on.
        """
        self._clicked = clicked
        self.following = True
        self.below = 0
        self._read_back = read_back
        self._colours = colours
        self._lines = _Walker(Buffer(""), colours)
        super().__init__(self._lines)

    @property
    def buffer(self) -> Buffer:
        """What is shown."""
        return self._lines.buffer

    def look(self, buffer: Buffer) -> None:
        """Show another buffer, or this one from its end."""
        if buffer is not self._lines.buffer:
            self._lines = _Walker(buffer, self._colours)
            self.body = self._lines
        self.to_the_end()

    def to_the_end(self) -> None:
        """Show the newest line, and go on following."""
        self.following = True
        self.below = 0
        self._lines.mark(None)
        self._invalidate()

    def jump(self, line: ScreenLine) -> None:
        """Show a line in the middle, marked, with those around it."""
        self.following = False
        self._lines.mark(line)
        self._lines.set_focus(next(place for place, each in enumerate(self.buffer.lines) if each is line))
        self.set_focus_valign("middle")

    def came(self, line: ScreenLine) -> None:
        """A line was put into the buffer."""
        if not self.following:
            self.below += 1
        self._lines.changed()

    # urwid.

    def render(self, size: Any, focus: bool = False) -> Any:
        columns, rows = size
        self._lines.set_columns(columns)
        lines = self._lines.buffer.lines
        if not lines:
            return urwid.SolidCanvas(" ", columns, rows)
        if self.following:
            self._lines.set_focus(len(lines) - 1)
            self.set_focus_valign("bottom")
            last: Any = self._lines[len(lines) - 1]
            self.shift_focus(size, rows - last.rows((columns,)))
        return super().render(size, focus)

    def scroll(self, size: Any, key: str, times: int = 1) -> None:
        """
        Scroll as a key does.

        @param key: C{up}, C{down}, C{page up} or C{page down}.
        """
        if not self._lines.buffer.lines:
            return
        if self.following:
            self.render(size)
        for _ in range(times):
            super().keypress(size, key)
        ends = self.ends_visible(size)
        self.following = "bottom" in ends
        if self.following:
            self.below = 0
        if "top" in ends:
            self._read_back(self._lines.buffer, lambda count: self._lines.changed())

    def line_at(self, size: Any, row: int) -> ScreenLine | None:
        """The line that stands in a row."""
        middle, top, bottom = self.calculate_visible(size, True)
        if middle is None or top is None or bottom is None or not self._lines.buffer.lines:
            return None
        at, (start, _, focus, rows, _) = 0, middle
        places = [(focus, start, rows)]
        at = start
        for _, place, rows in top[1]:
            at -= rows
            places.append((place, at, rows))
        at = start + middle[3]
        for _, place, rows in bottom[1]:
            places.append((place, at, rows))
            at += rows
        found = next((place for place, begin, rows in places if begin <= row < begin + rows), None)
        return None if found is None else self._lines.buffer.lines[found]

    def mouse_event(self, size: Any, event: str, button: int, col: int, row: int, focus: bool) -> bool:
        if event.endswith("mouse press") and button in (4, 5):
            self.scroll(size, "up" if button == 4 else "down", WHEEL)
            return True
        if event == "mouse press" and button == 1:
            line = self.line_at(size, row)
            if line is not None:
                self._clicked(line)
            return True
        return False
