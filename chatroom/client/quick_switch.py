"""
A box for going to a room by a few letters of its name: Alt+K. It lists where something happened last first.

It knows the client's buffers, and draws itself; what is chosen is carried out by the client.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import urwid

from chatroom.client.client import Client
from chatroom.client.panes import count_mark

SHOWN = 10
"""Rows of the list."""

WIDTH = 44

LONGEST = 64
"""Characters that may be typed here: no name is longer."""


@dataclass(frozen=True)
class Destination:
    """Somewhere to go. C{joined}: there is a buffer for it; else it is a room to join."""

    name: str
    mark: str
    joined: bool


class QuickSwitch:
    """
    The box, as long as it is shown.

    @ivar typed: the letters.
    @ivar chosen: which of the places that fit is marked.
    """

    def __init__(self, client: Client, close: Callable[[], None]) -> None:
        """@param close: called when the box is not needed any more."""
        self.typed = ""
        self.chosen = 0
        self._client = client
        self._close = close

    def places(self) -> list[Destination]:
        """Where the letters lead: our rooms and whispers by activity, the current one last; then other rooms."""
        buffers = self._client.buffers
        current = buffers.current
        mine = [Destination(b.name, count_mark(b), True) for b in buffers.by_activity() if b is not current]
        mine += [Destination(current.name, "", True)] if current.name else []
        others = sorted(name for name in self._client.room_names if name not in buffers)
        wanted = self.typed.strip().casefold().removeprefix("#")
        found = [
            place
            for place in (*mine, *(Destination(n, "join", False) for n in others))
            if wanted in place.name.casefold()
        ]
        return sorted(found, key=lambda place: not place.name.casefold().removeprefix("@").startswith(wanted))

    def keypress(self, key: str) -> None:
        """Take a key, as urwid names it."""
        places = self.places()
        if key in ("esc", "ctrl c", "meta k"):
            self._close()
        elif key == "enter":
            self._close()
            if places:
                self._go(places[min(self.chosen, len(places) - 1)])
        elif key in ("up", "shift tab") and places:
            self.chosen = (self.chosen - 1) % len(places)
        elif key in ("down", "tab", "ctrl k") and places:
            self.chosen = (self.chosen + 1) % len(places)
        elif key == "backspace":
            self.typed, self.chosen = self.typed[:-1], 0
        elif key == "ctrl u":
            self.typed, self.chosen = "", 0
        elif len(key) == 1 and key.isprintable() and len(self.typed) < LONGEST:
            self.typed, self.chosen = self.typed + key, 0

    def _go(self, place: Destination) -> None:
        if place.joined:
            self._client.look(self._client.buffers.open(place.name))
        else:
            self._client.prompt.enter(f"/join {place.name}")

    def over(self, body: urwid.Widget, columns: int, rows: int) -> urwid.Widget:
        """The box in front of the rest of the screen, which has so many columns and rows."""
        places = self.places()
        self.chosen = min(self.chosen, max(0, len(places) - 1))
        room = max(1, min(SHOWN, rows - 3))
        start = max(0, self.chosen - room + 1)
        width = min(WIDTH, columns)
        lines = [
            ("here" if number == self.chosen else "box", _row(place, width - 2))
            for number, place in list(enumerate(places))[start : start + room]
        ]
        texts = [urwid.Text(line, wrap="clip") for line in lines] or [urwid.Text(("side dim", " no such room"))]
        entry = urwid.Edit(("prompt", " > "), self.typed)
        entry.set_edit_pos(len(self.typed))
        pile = urwid.Pile([("pack", entry), *(("pack", text) for text in texts)], focus_item=0)
        box = urwid.LineBox(urwid.Filler(pile, "top"), "Switch to")
        return urwid.Overlay(box, body, "center", width, "middle", min(rows, len(texts) + 3))


def _row(place: Destination, columns: int) -> str:
    room = max(1, columns - 2 - len(place.mark))
    name = place.name if len(place.name) <= room else place.name[: room - 1] + "\u2026"
    return f" {name:<{room}}{place.mark} "
