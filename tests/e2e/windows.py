"""
Windows of a certain size, each in a real tmux of its own, with a program in it.
"""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.e2e.daemon import until


class Window:
    """A tmux server of its own, with one window of a certain size, and a program in it."""

    def __init__(self, columns: int, rows: int, *command: str) -> None:
        self._short = TemporaryDirectory(prefix="tmux")  # the path of a UNIX socket is short
        self._socket = Path(self._short.name, "socket")
        size = ("-x", str(columns), "-y", str(rows))
        self._tmux("-f", "/dev/null", "new-session", "-d", *size, f"{shlex.join(command)}; sleep 60")

    def _tmux(self, *arguments: str, typed: str | None = None) -> str:
        done = subprocess.run(
            ["tmux", "-S", str(self._socket), *arguments], input=typed, capture_output=True, text=True, check=True
        )
        return done.stdout

    def presses(self, *keys: str) -> None:
        """Keys, as tmux names them."""
        self._tmux("send-keys", *keys)

    def pastes(self, text: str, marked: bool) -> None:
        """Text from tmux's own buffer, with the marks of bracketed paste if the program has asked for them."""
        self._tmux("load-buffer", "-", typed=text)
        self._tmux("paste-buffer", *(["-p"] if marked else []))

    def resizes(self, columns: int, rows: int) -> None:
        """The window has another size now."""
        self._tmux("resize-window", "-x", str(columns), "-y", str(rows))

    def rows(self) -> list[str]:
        """What stands in the window, down to the last row with anything in it."""
        return self._tmux("capture-pane", "-p").rstrip("\n").split("\n")

    def coloured(self) -> str:
        """The same with its colours, as the sequences of a terminal."""
        return self._tmux("capture-pane", "-p", "-e", "-N")

    def sees(self, *rows: str) -> None:
        """Wait until these are the last rows of the window."""
        until(f"{rows} at the end of {self.rows()}", lambda: self.rows()[-len(rows) :] == list(rows))

    def has(self, text: str) -> None:
        """Wait until this stands somewhere in the window."""
        try:
            until(f"{text!r} in the window", lambda: text in "\n".join(self.rows()))
        except AssertionError as error:
            rows = "\n".join(self.rows())
            raise AssertionError(f"{error}\n{rows}") from None

    def cursor(self) -> int:
        """In which column it stands."""
        return self.cursor_at()[0]

    def cursor_at(self) -> tuple[int, int]:
        """In which column and in which row it stands, from 0."""
        column, row = self._tmux("display-message", "-p", "#{cursor_x} #{cursor_y}").split()
        return int(column), int(row)

    def close(self) -> None:
        """For the end of a test."""
        subprocess.run(["tmux", "-S", str(self._socket), "kill-server"], check=False, capture_output=True)
        self._short.cleanup()
