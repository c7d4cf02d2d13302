"""
The full screen: talk in the middle, what surrounds it where there is room, and the line being typed at the bottom.

It is a tree of urwid widgets and needs neither a terminal nor a reactor: L{chatroom.client.terminal} gives it both,
tests render it to a canvas.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import urwid

from chatroom.client.buffers import Buffer
from chatroom.client.client import Client
from chatroom.client.display import Question, Status
from chatroom.client.editor import Editor
from chatroom.client.lines import ScreenLine
from chatroom.client.palette import Colours
from chatroom.client.panes import Members, StatusBar, Switcher, TopBar
from chatroom.client.scrollback import Scrollback

WIDE = 96
"""Columns from which on rooms and people have columns of their own."""

SIDE = 20
"""Columns of each of these."""

TALLEST = 8
"""Rows of the line being typed, at most; a longer text scrolls."""

KEYS = """\
Enter           send               Alt+Enter       new line
Tab             complete           Up, Down        what you typed before
Page Up, Down   scroll             Esc             back to the newest line
Alt+1 ... 9     go to a room       Alt+Left, Right the room beside
Alt+A           go where it is unread
Ctrl+A, E       start, end         Ctrl+W, U, K    cut word, to start, to end
Ctrl+Y          put back           Ctrl+L          draw anew
Ctrl+C twice    leave              F1              this

@nick text whispers. /help lists the commands of the server.
With Shift held down, the mouse selects text as elsewhere."""


class Screen(urwid.WidgetWrap[urwid.Widget]):
    """A L{chatroom.client.display.Display}, and the widget that fills the terminal."""

    def __init__(self, end: Callable[[Status, str], None], seconds: Callable[[], float]) -> None:
        """
        @param end: called when it is over.
        @param seconds: a clock, for countdowns.
        """
        super().__init__(urwid.SolidFill(" "))
        self.redraw: Callable[[], None] = lambda: None
        self.beep: Callable[[], None] = lambda: None
        self.clear: Callable[[], None] = lambda: None
        self._end = end
        self._seconds = seconds
        self._warned = False
        self._help = False

    def attach(self, client: Client) -> None:
        """This is the client whose buffers are shown. Once, before anything else."""
        self._client = client
        self.editor = Editor(client.prompt)
        colours = Colours()
        self._talk = Scrollback(client.read_back, colours)
        self._status = StatusBar(client, self._seconds)
        self._top = TopBar(client)
        self._switcher = Switcher(client)
        self._members = Members(client, colours)
        self._talk.look(client.buffers.current)

    # chatroom.client.display.Display

    def show(self, buffer: Buffer, line: ScreenLine) -> None:
        if buffer is self._client.buffers.current:
            self._talk.came(line)
        self.redraw()

    def changed(self) -> None:
        if self._client.buffers.current is not self._shown:
            self._talk.look(self._client.buffers.current)
        self.redraw()

    def ring(self) -> None:
        self.beep()

    def ask(self, question: Question) -> None:
        self.editor.ask(question)
        self.redraw()

    def leave(self, status: Status, sentence: str) -> None:
        self._end(status, sentence)

    @property
    def _shown(self) -> Buffer:
        return self._talk.buffer

    # Layout.

    def render(self, size: Any, focus: bool = False) -> urwid.Canvas:
        self._lay_out(size)
        return super().render(size, focus)

    def _lay_out(self, size: Any) -> None:
        """Columns at the sides where there is room; what is typed grows upwards."""
        columns, rows = size
        wide = columns >= WIDE
        self._status.switcher = not wide
        self._status.aim = self._client.prompt.aim(self.editor.edit_text) if self.editor.question is None else ""
        self._status.below = None if self._talk.following else self._talk.below
        typed = min(self.editor.rows((columns,), True), TALLEST, max(1, rows - 4))
        middle: Any = self._talk
        if wide:
            line = urwid.AttrMap(urwid.SolidFill("│"), "side dim")
            talk = urwid.Padding(self._talk, left=1, right=1)
            sides: list[Any] = [(SIDE, self._switcher), (1, line), talk, (1, line), (SIDE, self._members)]
            middle = urwid.Columns(sides, focus_column=2)
        entry = urwid.BoxAdapter(urwid.ListBox([self.editor]), typed)
        body: Any = urwid.Frame(
            urwid.Pile([("given", 1, self._top), middle]),
            footer=urwid.Pile([urwid.BoxAdapter(self._status, 1), entry], focus_item=1),
            focus_part="footer",
        )
        self._w = self._with_help(body) if self._help else body
        self._talk_size = (columns - 2 * (SIDE + 2) if wide else columns, max(1, rows - 2 - typed))

    def _with_help(self, body: urwid.Widget) -> urwid.Widget:
        box = urwid.LineBox(urwid.Padding(urwid.Filler(urwid.Text(KEYS)), left=1, right=1), "Keys")
        height = KEYS.count("\n") + 3
        return urwid.Overlay(box, body, "center", ("relative", 90), "middle", height, min_width=40)

    # Keys and mouse.

    def selectable(self) -> bool:
        """It takes keys, whatever is on top."""
        return True

    def keypress(self, size: Any, key: str) -> str | None:
        """Take a key, as urwid names it."""
        if self.editor.pasting:  # what is in a pasted text is text, and is drawn when all of it is there
            self.editor.keypress((size[0],), key)
            self.redraw()
            return None
        self._lay_out(size)
        self.redraw()
        if self._help:
            self._help = False
            return None
        if key != "ctrl c":
            self._warned = False
        if self._common_key(key) or self._moving_key(key):
            return None
        return self.editor.keypress((size[0],), key)

    def _common_key(self, key: str) -> bool:
        if key == "ctrl c":
            self._interrupt()
        elif key == "ctrl d" and not self.editor.edit_text:
            self._client.leave()
        elif key == "ctrl l":
            self.clear()
        elif key == "f1":
            self._help = True
        elif key == "esc":
            self._talk.to_the_end()
        else:
            return False
        return True

    def _interrupt(self) -> None:
        """The first one clears what was typed, or asks whether it is meant."""
        if self.editor.edit_text and self.editor.question is None:
            self.editor.set_edit_text("")
        elif self._warned:
            self._client.leave()
        else:
            self._warned = True
            self._client.hint("Ctrl+C once more to leave.")

    def _moving_key(self, key: str) -> bool:
        buffers = self._client.buffers
        if key in ("page up", "page down"):
            self._talk.scroll(self._talk_size, key)
        elif key in ("meta left", "f5"):
            self._client.look(buffers.beside(-1))
        elif key in ("meta right", "f6"):
            self._client.look(buffers.beside(1))
        elif key == "meta a":
            self._client.look(buffers.busiest() or buffers.current)
        elif key.startswith("meta ") and key[5:] in "123456789":
            place = int(key[5:]) - 1
            if place < len(buffers):
                self._client.look(list(buffers)[place])
        else:
            return False
        return True

    def mouse_event(self, size: Any, event: str, button: int, col: int, row: int, focus: bool) -> bool:
        self._lay_out(size)
        self.redraw()
        return bool(super().mouse_event(size, event, button, col, row, focus))
