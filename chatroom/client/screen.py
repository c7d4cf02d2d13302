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
from chatroom.client.help_box import HelpBox
from chatroom.client.lines import ScreenLine
from chatroom.client.palette import Colours
from chatroom.client.panes import Members, StatusBar, Switcher, TopBar, title
from chatroom.client.quick_switch import QuickSwitch
from chatroom.client.scrollback import Scrollback

WIDE = 96
"""Columns from which on rooms and people have columns of their own."""

SIDE = 20
"""Columns of each of these."""

TALLEST = 8
"""Rows of the line being typed, at most; a longer text scrolls."""


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
        self.notify: Callable[[str], None] = lambda text: self.beep()
        self.retitle: Callable[[str], None] = lambda text: None
        self._end = end
        self._seconds = seconds
        self._warned = ""
        self._help: HelpBox | None = None
        self._quick: QuickSwitch | None = None

    def attach(self, client: Client) -> None:
        """This is the client whose buffers are shown. Once, before anything else."""
        self._client = client
        self.editor = Editor(client.prompt)
        colours = Colours()
        self._talk = Scrollback(client.read_back, colours, self._go_to)
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

    def ring(self, line: ScreenLine) -> None:
        where = f" in {line.room}" if line.room else ""
        self.notify(f"{line.nick}{where}: {line.text}")

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
        self.retitle(title(self._client))
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
        box = self._help or self._quick
        self._w = body if box is None else box.over(body, columns, rows)
        self._talk_size = (columns - 2 * (SIDE + 2) if wide else columns, max(1, rows - 2 - typed))

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
        if self._help is not None:
            self._help = self._help if self._help.keypress(key) else None
            return None
        if self._quick is not None:
            self._quick.keypress(key)
            return None
        if key != self._warned:
            self._warned = ""
        if self._common_key(key) or self._moving_key(key):
            return None
        return self.editor.keypress((size[0],), key)

    def _common_key(self, key: str) -> bool:
        if key == "ctrl c":
            self._interrupt()
        elif key == "ctrl d" and not self.editor.edit_text:
            self._leave_if_meant(key, "Press Ctrl+D again to quit.")
        elif key == "ctrl l":
            self.clear()
        elif key == "f1":
            self._help = HelpBox()
        elif key == "meta k":
            self._quick = QuickSwitch(self._client, self._close_quick)
        elif key == "esc":
            self._talk.to_the_end()
        else:
            return False
        return True

    def _interrupt(self) -> None:
        """The first one clears what was typed, or asks whether it is meant."""
        if self.editor.edit_text and self.editor.question is None:
            self.editor.set_edit_text("")
        else:
            self._leave_if_meant("ctrl c", "Press Ctrl+C again to quit.")

    def _leave_if_meant(self, key: str, hint: str) -> None:
        """A key that ends the program asks first; the same key again does it."""
        if self._warned == key:
            self._client.leave()
        else:
            self._warned = key
            self._client.hint(hint)

    def _close_quick(self) -> None:
        self._quick = None

    def _moving_key(self, key: str) -> bool:
        buffers = self._client.buffers
        if key in ("page up", "page down"):
            self._talk.scroll(self._talk_size, key)
        elif key in ("meta up", "meta down"):
            self._members.scroll(-self._members.page if key == "meta up" else self._members.page)
        elif key == "meta j":
            self._next_hit()
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

    def _next_hit(self) -> None:
        hit = self._client.next_hit()
        if hit is None:
            self._client.hint("Search first: /search WORDS. Then Alt+J jumps to each line that was found.")
        else:
            self._client.fetch(*hit, self._jump)

    def _go_to(self, line: ScreenLine) -> None:
        """A line was clicked on: go to where one was said that a search has found."""
        if line.place is not None:
            self._client.fetch(*line.place, self._jump)

    def _jump(self, line: ScreenLine) -> None:
        self.changed()
        self._talk.jump(line)
        self.redraw()

    def mouse_event(self, size: Any, event: str, button: int, col: int, row: int, focus: bool) -> bool:
        self._lay_out(size)
        self.redraw()
        if self._help is not None or self._quick is not None:
            return True
        return bool(super().mouse_event(size, event, button, col, row, focus))
