"""
The plain mode, for screen readers and for those who like it quiet: lines are written one below the other and never
again, and the line being typed is put back below them.

Of a terminal it asks only that it can go back to the start of a line and clear it. What is written is given to a
function, what is typed comes as keys.
"""

from __future__ import annotations

from collections.abc import Callable

import urwid

from chatroom.client.buffers import Buffer
from chatroom.client.client import Client
from chatroom.client.display import Question, Status
from chatroom.client.editor import PROMPT, Editor
from chatroom.client.lines import ScreenLine, plain
from chatroom.layout import isolated_within, rows

ENDLESS = 100_000
"""Columns: a line being typed takes one row, of which a part is shown."""

_CLEAR = "\r\x1b[K"
"""Back to the start of the line, and nothing in it any more (ECMA-48: EL)."""


class Plain:
    """A L{chatroom.client.display.Display} of nothing but lines."""

    def __init__(
        self,
        write: Callable[[str], None],
        columns: Callable[[], int],
        end: Callable[[Status, str], None],
        soon: Callable[[Callable[[], None]], object],
        times: bool = False,
    ) -> None:
        """
        @param write: to the terminal.
        @param columns: how wide that is now.
        @param end: called when it is over.
        @param soon: calls what it is given, once this turn of the reactor is over: what comes together is written
            together.
        @param times: begin each line with date and time.
        """
        self._write = write
        self._columns = columns
        self._end = end
        self._soon = soon
        self._times = times
        self._unwritten: list[str] = []
        self.notify: Callable[[str], None] = lambda text: self._write("\a")
        self._here: Buffer | None = None
        self._warned = False

    def attach(self, client: Client) -> None:
        """This is the client whose lines are written. Once, before anything else."""
        self._client = client
        self.editor = Editor(client.prompt)
        self._here = client.buffers.current

    # chatroom.client.display.Display

    def show(self, buffer: Buffer, line: ScreenLine) -> None:
        here = self._client.buffers.current
        if buffer is here or buffer.is_room:
            self._print(plain(line, here.name, self._times))

    def changed(self) -> None:
        here = self._client.buffers.current
        if here is not self._here and here.name:
            first = self._here is None or not self._here.name
            self._here = here
            if not first:
                self._print([f"-- Now in {here.name}." + _unread(here)])

    def ring(self, line: ScreenLine) -> None:
        self.notify(f"{line.nick}: {line.text}")

    def ask(self, question: Question) -> None:
        self.editor.ask(question)
        self._type_again()

    def leave(self, status: Status, sentence: str) -> None:
        self._flush()
        self._write(_CLEAR)
        self._end(status, sentence)

    # Keys.

    def press(self, key: str) -> None:
        """A key, as urwid names it."""
        if key != "ctrl d":
            self._warned = False
        if self.editor.pasting:  # what is in a pasted text is text, and is written when all of it is there
            self.editor.keypress((ENDLESS,), key)
            if self.editor.pasting:
                return
        elif key == "ctrl d" and not self.editor.edit_text and self.editor.question is None:
            if self._warned:
                self._client.leave()
                return
            self._warned = True
            self._client.hint("Press Ctrl+D again to quit.")
            return
        elif key in ("meta left", "meta right"):
            self._client.look(self._client.buffers.beside(-1 if key == "meta left" else 1))
        else:
            self.editor.keypress((ENDLESS,), key)
        self._type_again()

    # Writing.

    def _print(self, lines: list[str]) -> None:
        if not self._unwritten:
            self._soon(self._flush)
        columns = self._columns()
        self._unwritten += [row for line in lines for row in rows(isolated_within(line), columns)]

    def _flush(self) -> None:
        if self._unwritten:
            self._type_again()

    def _type_again(self) -> None:
        """Write what there is to write, and below it the line being typed."""
        lines, self._unwritten = self._unwritten, []
        self._write(_CLEAR + "".join(f"{line}\n" for line in lines) + self._typed())

    def _typed(self) -> str:
        """The line being typed, as much of it as one row holds, with the cursor where it is."""
        secret = self.editor.question is not None and self.editor.question.secret
        text = "" if secret else self.editor.edit_text.replace("\n", "\u21b5")
        place = 0 if secret else self.editor.edit_pos
        aim = self._client.prompt.aim(self.editor.edit_text) if self.editor.question is None else ""
        caption = f"{aim} {PROMPT}" if aim else str(self.editor.caption)
        room = max(8, self._columns() - len(caption) - 1)
        start = max(0, place - room + 1)
        while _width(text[start:place]) >= room:
            start += 1
        end = len(text)
        while _width(text[start:end]) > room:
            end -= 1
        return caption + text[start:end] + "\b" * _width(text[place:end])


def _unread(buffer: Buffer) -> str:
    """Its lines have been written already, each with its room's name."""
    return f" {buffer.topic}" if buffer.topic else ""


def _width(text: str) -> int:
    width: int = urwid.calc_width(text, 0, len(text))
    return width
