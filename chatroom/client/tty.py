"""
The terminal of the plain mode: keys come one by one, and what is written goes straight out.
"""

from __future__ import annotations

import os
import sys
import termios
import tty
from collections.abc import Callable
from typing import Any

from twisted.internet.abstract import FileDescriptor
from twisted.internet.main import CONNECTION_DONE

from chatroom.client.keys import PASTE_OFF, PASTE_ON, Keys

PIECE = 65536
"""Bytes read at once."""


class Tty(FileDescriptor):
    """Standard input, between L{start} and L{stop} without echo and without waiting for Enter."""

    def __init__(self, reactor: Any, press: Callable[[str], None], ended: Callable[[], None]) -> None:
        """
        @param press: called with each key, as urwid names it.
        @param ended: called when the terminal is gone.
        """
        super().__init__(reactor)
        self._press = press
        self._ended = ended
        self._keys = Keys()
        self._before: list[Any] | None = None

    def fileno(self) -> int:
        return sys.stdin.fileno()

    def start(self) -> None:
        """Take over."""
        self._before = termios.tcgetattr(self.fileno())
        tty.setcbreak(self.fileno())
        self.write_out(PASTE_ON)
        self.startReading()  # type: ignore[no-untyped-call]

    def stop(self) -> None:
        """Leave the terminal as it was."""
        if self._before is not None:
            self.stopReading()  # type: ignore[no-untyped-call]
            self.write_out(PASTE_OFF)
            termios.tcsetattr(self.fileno(), termios.TCSADRAIN, self._before)
            self._before = None

    def doRead(self) -> Any:  # noqa: N802 Twisted's
        data = os.read(self.fileno(), PIECE)
        if not data:
            self._ended()
            return CONNECTION_DONE
        for key in self._keys.feed(data):
            self._press(key)
        return None

    def write_out(self, text: str) -> None:
        """Write at once."""
        sys.stdout.write(text)
        sys.stdout.flush()

    def columns(self) -> int:
        """How wide the terminal is."""
        try:
            return os.get_terminal_size(sys.stdout.fileno()).columns or 80
        except OSError:
            return 80
