"""
The client in a real terminal.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pexpect
import pyte

from tests.e2e.daemon import PATIENCE, ROOT, until
from tests.e2e.people import close_window

FAR_AWAY = "Pacific/Kiritimati"


"""Where it is another hour than anywhere this is tested, and often another day."""


def environment(folder: Path, **more: str) -> dict[str, str]:
    """What the client is started with: a configuration of its own, and this checkout."""
    named = {
        "PYTHONPATH": str(ROOT),
        "XDG_CONFIG_HOME": str(folder / "config"),
        "TERM": "xterm-256color",
        "TZ": FAR_AWAY,
    }
    return {**os.environ, **named, **more}


def command(*arguments: str) -> list[str]:
    """The client's command line."""
    return [sys.executable, "-m", "chatroom.client.main", *arguments]


class Terminal:
    """A terminal with the client in it, and what stands on its screen."""

    def __init__(self, folder: Path, *arguments: str, columns: int = 110, rows: int = 30) -> None:
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.Stream(self._screen)
        self._process = pexpect.spawn(
            command(*arguments)[0],
            command(*arguments)[1:],
            encoding="utf-8",
            codec_errors="replace",
            dimensions=(rows, columns),
            env=environment(folder),
        )
        self._process.delaybeforesend = None
        self.raw = ""

    def presses(self, *keys: str) -> None:
        """What a keyboard sends."""
        for key in keys:
            self._process.send(key)

    def types(self, *lines: str) -> None:
        """Lines, each with the Enter key when all of it is there, as several lines at once would be a paste."""
        for line in lines:
            self._types(line)

    def _types(self, line: str) -> None:
        self.presses(line)
        until(f"{line!r} to be typed", lambda: {line, "*" * len(line)} & self._last_words(len(line)))
        before = self.screen()
        self.presses("\r")
        until(f"{line!r} to be taken", lambda: self.screen() != before)

    def _last_words(self, length: int) -> set[str]:
        """What stands before the cursor, of that length."""
        self.screen()
        row = self._screen.display[self._screen.cursor.y]
        return {row[max(0, self._screen.cursor.x - length) : self._screen.cursor.x]}

    def screen(self) -> str:
        """What stands on it now."""
        try:
            text = self._process.read_nonblocking(1 << 16, timeout=0.05)
        except (pexpect.TIMEOUT, pexpect.EOF):
            text = ""
        self.raw += text
        self._stream.feed(text)
        return "\n".join(row.rstrip() for row in self._screen.display)

    def sees(self, *texts: str) -> str:
        """Wait until all of these stand on the screen at once; the whole of it."""

        def seen() -> str:
            screen = self.screen()
            return screen if all(text in screen for text in texts) else ""

        return until(f"{' and '.join(map(repr, texts))} on the screen of the client", seen)

    def resizes(self, columns: int, rows: int) -> None:
        """The window has another size now."""
        self._screen.resize(rows, columns)
        self._process.setwinsize(rows, columns)

    def ends(self) -> int:
        """Wait for its end; its exit status."""
        self._process.expect(pexpect.EOF, timeout=PATIENCE)
        self.raw += self._process.before or ""
        until("the client to end", lambda: not self._process.isalive())
        self._process.close()
        assert self._process.exitstatus is not None, "it was ended by a signal"
        return self._process.exitstatus

    def close(self) -> None:
        """For the end of a test."""
        close_window(self._process)
