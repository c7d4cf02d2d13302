"""
The terminal of the plain mode: keys come one by one, and what is written goes straight out.
"""

from __future__ import annotations

import os
import signal
import sys
import termios
import tty
from collections.abc import Callable
from typing import Any

from twisted.internet.abstract import FileDescriptor
from twisted.internet.main import CONNECTION_DONE

from chatroom.client.keys import PASTE_OFF, PASTE_ON, Keys
from chatroom.client.paste import Pasting

PIECE = 65536
"""Bytes read at once."""


class Tty(FileDescriptor):
    """
    Standard input, between L{start} and L{stop} without echo and without waiting for Enter. While the program is
    suspended by Ctrl+Z, the terminal is as it was before.
    """

    def __init__(self, reactor: Any, press: Callable[[str], None], ended: Callable[[], None]) -> None:
        """
        @param press: called with each key, as urwid names it.
        @param ended: called when the terminal is gone.
        """
        super().__init__(reactor)
        self._press = press
        self._ended = ended
        self._keys = Keys()
        self._pasting = Pasting(reactor, self._pressed)
        self._before: list[Any] | None = None

    def fileno(self) -> int:
        return sys.stdin.fileno()

    def start(self) -> None:
        """Take over."""
        self._take_over()
        self.startReading()  # type: ignore[no-untyped-call]
        signal.signal(signal.SIGTSTP, self._suspend)
        signal.signal(signal.SIGCONT, self._go_on)

    def stop(self) -> None:
        """Leave the terminal as it was."""
        if self._before is not None:
            signal.signal(signal.SIGTSTP, signal.SIG_DFL)
            signal.signal(signal.SIGCONT, signal.SIG_DFL)
            self.stopReading()  # type: ignore[no-untyped-call]
            self._give_back()
            self._before = None

    def _take_over(self) -> None:
        self._before = termios.tcgetattr(self.fileno())
        tty.setcbreak(self.fileno())
        self.write_out(PASTE_ON)

    def _give_back(self) -> None:
        self.write_out(PASTE_OFF)
        termios.tcsetattr(self.fileno(), termios.TCSADRAIN, self._before or [])

    def _suspend(self, number: int, frame: object) -> None:
        """The shell has the terminal, and whatever runs there next."""
        self._give_back()
        signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTSTP)

    def _go_on(self, number: int, frame: object) -> None:
        signal.signal(signal.SIGTSTP, self._suspend)
        self._take_over()
        self._pasting.came(["ctrl l"])  # the line being typed is written again

    def doRead(self) -> Any:  # noqa: N802 Twisted's
        data = os.read(self.fileno(), PIECE)
        if not data:
            self._ended()
            return CONNECTION_DONE
        self._pasting.came(self._keys.feed(data))
        return None

    def _pressed(self, keys: list[Any]) -> None:
        for key in keys:
            self._press(key)

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
