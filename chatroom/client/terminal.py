"""
Widgets in a real terminal, on Twisted's reactor.
"""

from __future__ import annotations

from typing import Any

import urwid
from twisted.internet.task import LoopingCall
from twisted.logger import Logger

from chatroom.client.osc import TITLE_BACK, TITLE_KEPT, notification, title_of
from chatroom.client.palette import PALETTE
from chatroom.client.paste import Pasting
from chatroom.client.preferences import Preferences

log = Logger()

FRAME = 1 / 60
"""Seconds between two drawings, however fast lines come."""


_RESIZED = "window resize"
"""What urwid tells among the keys."""


class PlainTerminal:
    """Shows one widget at a time, from the first L{show} to L{stop}."""

    def __init__(self, reactor: Any, mouse: bool = True, preferences: Preferences | None = None) -> None:
        """@param mouse: take its clicks and its wheel."""
        self._reactor = reactor
        self._preferences = preferences or Preferences()
        self._title: str | None = None
        # Always asked for: urwid would only do so where the terminal says that it can, and tmux 3.3 does not say.
        self._raw = urwid.display.raw.Screen(bracketed_paste_mode=True)
        if self._preferences.links == "on" and hasattr(urwid, "Hyperlink"):
            self._raw.set_terminal_properties(hyperlinks=True)
        self._pasting = Pasting(reactor, self._pressed)
        self._loop = urwid.MainLoop(
            urwid.SolidFill(" "),
            PALETTE,
            self._raw,
            handle_mouse=mouse,
            input_filter=self._came,
            event_loop=urwid.TwistedEventLoop(reactor, manage_reactor=False),
        )
        self._due: Any = None
        self._running = False
        self._ticking = LoopingCall(self.redraw)
        self._ticking.clock = reactor

    def show(self, widget: Any) -> None:
        """Let this widget fill the terminal."""
        self._loop.widget = widget
        if not self._running:
            self._start()
        self._draw()

    def _start(self) -> None:
        self._running = True
        self._loop.start()
        # Keys that the terminal would turn into signals, or into a screen that stands still.
        self._raw.tty_signal_keys("undefined", "undefined", "undefined", "undefined")
        self._ticking.start(1.0, now=False).addErrback(lambda failure: log.failure("no more ticks", failure))

    def _came(self, keys: list[Any], raw: list[int]) -> list[Any]:
        """Keys that urwid has read; what is left for it to do at once."""
        self._pasting.came([key for key in keys if key != _RESIZED])
        return [key for key in keys if key == _RESIZED]

    def _pressed(self, keys: list[Any]) -> None:
        if self._running:
            self._loop.process_input(keys)
            self.redraw()

    def stop(self) -> None:
        """Give the terminal back as it was."""
        if self._running:
            self._running = False
            self._ticking.stop()
            if self._due is not None and self._due.active():
                self._due.cancel()
            if self._title is not None:
                self._write(TITLE_BACK)
                self._title = None
            self._loop.stop()

    def redraw(self) -> None:
        """Draw soon, once for all that changes until then."""
        if self._running and (self._due is None or not self._due.active()):
            self._due = self._reactor.callLater(FRAME, self._draw)

    def clear(self) -> None:
        """Draw all of it anew: something else has written over it."""
        self._raw.clear()

    def beep(self) -> None:
        """Ring the bell."""
        self._write("\a")

    def notify(self, text: str) -> None:
        """Tell the person that somebody means them, in the way that they have chosen."""
        made = notification(self._preferences.notify, text)
        if made:
            self._write(made)

    def retitle(self, text: str) -> None:
        """Let this be the title of the window, until L{stop} gives back what it was."""
        if self._preferences.title == "on" and self._running and text != self._title:
            self._write(("" if self._title is not None else TITLE_KEPT) + title_of(text))
            self._title = text

    def _write(self, text: str) -> None:
        if self._running:
            self._raw.write(text)
            self._raw.flush()

    def _draw(self) -> None:
        if self._running:
            self._loop.draw_screen()
