"""
Tells what is pasted from what is typed, so that no line of a pasted text is obeyed.

Most terminals put marks around pasted text (xterm's bracketed paste), which urwid names C{begin paste} and
C{end paste}. Some do not: there, keys that come faster than anybody types, with more than one line in them, are a paste
as well and get the same marks. Keys as urwid names them go in and come out; it knows a clock, and no terminal.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from twisted.internet.interfaces import IReactorTime

BEGIN, END = "begin paste", "end paste"
"""As urwid names the marks."""

ENTER = frozenset({"enter", "ctrl j", "ctrl m"})

PAUSE = 0.02
"""Seconds without a key after which what came at once is complete: less than between two keys of the fastest typist."""


class Pasting:
    """Between a terminal and what takes its keys."""

    def __init__(self, clock: IReactorTime, press: Callable[[list[Any]], None]) -> None:
        """@param press: called with keys, each one once, in order."""
        self._clock = clock
        self._press = press
        self._held: list[Any] = []
        self._inside = False
        self._just_pasted = False
        self._pause: Any = None

    def came(self, keys: Sequence[Any]) -> None:
        """
        Keys that were read at once. A single one is passed on at once; several wait for L{PAUSE} seconds, as more of
        them may come.
        """
        if self._inside and list(keys) == ["ctrl c"]:  # a terminal that was cut off in the middle marks no end
            keys = [END]
        for key in keys:
            self._take(key)
        if len(self._held) > 1 or self._just_pasted or self._is_waiting:
            self._wait()
        else:
            self._pass_on()

    def _take(self, key: Any) -> None:
        if key == BEGIN and not self._inside:
            self._pass_on()
            self._inside = True
            self._press([key])
        elif key == END and self._inside:
            self._inside, self._just_pasted = False, True
            self._press([key])
        elif key in (BEGIN, END):
            pass
        elif self._inside:
            self._press([key])
        else:
            self._held.append(key)

    @property
    def _is_waiting(self) -> bool:
        return self._pause is not None and bool(self._pause.active())

    def _wait(self) -> None:
        if self._is_waiting:
            self._pause.reset(PAUSE)
        else:
            self._pause = self._clock.callLater(PAUSE, self._pass_on)

    def _pass_on(self) -> None:
        held, self._held = self._held, []
        behind, self._just_pasted = self._just_pasted, False
        if held:
            pasted = _has_lines(held) or (behind and any(map(_is_text, held)))  # a text may hold the mark of its end
            self._press([BEGIN, *held, END] if pasted else held)


def _is_text(key: Any) -> bool:
    return isinstance(key, str) and len(key) == 1


def _has_lines(keys: Sequence[Any]) -> bool:
    """Whether text goes on behind the end of a line."""
    ends = [place for place, key in enumerate(keys) if key in ENTER]
    return bool(ends) and any(map(_is_text, keys[ends[0] :]))
