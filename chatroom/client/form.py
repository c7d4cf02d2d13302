"""
The form that a start without arguments shows: where to, and as whom. It begins as it was left the last time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import urwid

from chatroom.client.paste import BEGIN, END, ENTER
from chatroom.client.url import PORTS, Address, parse, port_number

WIDTH = 58


class Form(urwid.WidgetWrap[urwid.Widget]):
    """Fields, a button, and a line that says what is wrong."""

    def __init__(self, address: Address, submit: Callable[[Address, str], None], leave: Callable[[], None]) -> None:
        """
        @param address: what the fields begin with.
        @param submit: called with the address, nickname in it, and the password, perhaps empty.
        @param leave: called when nothing is wanted.
        """
        self._submit = submit
        self._leave = leave
        self._room = address.room
        self._pasted: list[str] | None = None
        self.host = urwid.Edit("", address.host)
        self.port = urwid.IntEdit("", address.port)
        self.nick = urwid.Edit("", address.nick)
        self.password = urwid.Edit("", mask="*")
        self.tls = urwid.CheckBox("encrypted (TLS)", address.tls, on_state_change=self._tls_changed)
        self.trouble = urwid.Text("", "center")
        self._pile = urwid.Pile(
            [
                urwid.Text(("prompt", "Welcome to chatroom"), "center"),
                urwid.Divider(),
                _field("Host", self.host),
                _field("Port", self.port),
                _field("Nickname", self.nick),
                _field("Password", self.password, "only if the nickname has an account"),
                _field("", self.tls, style="box"),
                urwid.Divider(),
                urwid.Padding(urwid.AttrMap(urwid.Button("Connect", self._go), "box", "field here"), "center", 11),
                urwid.AttrMap(self.trouble, "refusal"),
            ],
            focus_item=4 if address.host else 2,
        )
        hint = urwid.Text(("side dim", "Tab: next field   Enter: connect   Esc: leave"), "center")
        box = urwid.LineBox(urwid.Padding(urwid.Pile([self._pile, urwid.Divider(), hint]), left=2, right=2))
        super().__init__(urwid.Filler(urwid.Padding(box, "center", WIDTH, min_width=20)))

    def keypress(self, size: Any, key: str) -> str | None:
        """Take a key, as urwid names it."""
        if self._pasted is not None:
            self._paste(size, key)
        elif key == BEGIN:
            self._pasted = []
        elif key in ("tab", "shift tab"):
            self._move(1 if key == "tab" else -1)
        elif key == "enter":
            self._go()
        elif key in ("esc", "ctrl c"):
            self._leave()
        else:
            return super().keypress(size, key)
        return None

    def _paste(self, size: Any, key: str) -> None:
        """Pasted text goes into the field where it is pasted, and presses no button; its first line is what counts."""
        assert self._pasted is not None
        if key == END:
            text, self._pasted = "".join(self._pasted).strip("\n"), None
            if isinstance(self._pile.get_focus_widgets()[-1].base_widget, urwid.Edit):
                for character in text.partition("\n")[0]:
                    super().keypress(size, character)
        elif key in ENTER:
            self._pasted.append("\n")
        elif len(key) == 1:
            self._pasted.append(key)

    def refuse(self, sentence: str) -> None:
        """Say what is wrong."""
        self.trouble.set_text(sentence)

    def _move(self, step: int) -> None:
        places = [place for place, (widget, _) in enumerate(self._pile.contents) if widget.selectable()]
        here = places.index(self._pile.focus_position)
        self._pile.focus_position = places[(here + step) % len(places)]

    def _tls_changed(self, box: object, tls: bool) -> None:
        """Follow with the usual port, if it was the usual one of the other kind."""
        scheme, other = ("chats", "chat") if tls else ("chat", "chats")
        if self.port.edit_text == str(PORTS[other]):
            self.port.set_edit_text(str(PORTS[scheme]))

    def _go(self, button: object = None) -> None:
        host, nick = self.host.edit_text.strip(), self.nick.edit_text.strip()
        if not host or not nick:
            self.refuse("Please enter a host and a nickname.")
            return
        try:
            address = parse(host)
            whole = "://" in host or address.port != PORTS["chat"]  # then the port stands there
            port = address.port if whole else port_number(self.port.edit_text)
        except ValueError as error:
            self.refuse(str(error))
            return
        tls = address.tls if "://" in host else self.tls.state
        made = replace(address, port=port, tls=tls, nick=nick, room=address.room or self._room)
        self.refuse("")
        self._submit(made, self.password.edit_text)


def _field(name: str, widget: Any, hint: str = "", style: str = "field") -> urwid.Widget:
    field: Any = urwid.AttrMap(widget, style, "field here")
    rows: list[Any] = [urwid.Columns([(10, urwid.Text(name, "right")), field], dividechars=2)]
    if hint:
        rows.append(urwid.Columns([(10, urwid.Text("")), urwid.Text(("side dim", hint))], dividechars=2))
    return urwid.Pile(rows) if hint else rows[0]
