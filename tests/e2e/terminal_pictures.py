"""
The pictures of terminals in docs/img, made by programs: C{python -m tests.e2e.terminal_pictures [FOLDER]}.

A real telnet or client runs in a real tmux; what stands in its window, with its colours, becomes a page that Chromium
draws. Taken again, they differ in the times of day only. The text beside them is what the server said that day: when it
says something else, C{tests.docs.test_pictures} asks for new pictures.
"""

from __future__ import annotations

import html
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from chatroom.admin.target import place_of, reach
from tests.docs import evening
from tests.e2e.chromium import Tab
from tests.e2e.daemon import ROOT, Daemon
from tests.e2e.pages import CHEAP, Program
from tests.e2e.people import HOST, nc
from tests.e2e.terminal import command, environment
from tests.e2e.windows import Window

_PAGE = """<!doctype html><meta charset="utf-8"><style>
html {{ background: #16181d; }}
pre {{ margin: 14px; font: 15px/19px "DejaVu Sans Mono", monospace; color: #e4e6eb; white-space: pre; }}
</style><pre>{rows}</pre>"""

_BASIC = ("#000", "#d44", "#4b4", "#b80", "#57f", "#b5b", "#2aa", "#ccc")
_SET = {
    1: {"font-weight": "bold"},
    3: {"font-style": "italic"},
    4: {"text-decoration": "underline"},
    7: {"background": "#e4e6eb", "color": "#16181d"},
    **{start + number: {"color": colour} for start in (30, 90) for number, colour in enumerate(_BASIC)},
    90: {"color": "#888"},
    **{40 + number: {"background": colour} for number, colour in enumerate(_BASIC)},
}
"""What most of the numbers set (ECMA-48, 8.3.117)."""

_CURSOR = {"background": "#e4e6eb", "color": "#16181d"}

_CELL = (9.03, 19)
"""Pixels of a character in that font."""


def _colour(numbers: list[int]) -> str:
    """The colour behind a C{38;5} or C{38;2}."""
    if numbers[0] == 2:
        return "rgb({},{},{})".format(*numbers[1:4])
    number = numbers[1]
    if number < 16:
        return _BASIC[number % 8]
    if number >= 232:
        return "rgb({0},{0},{0})".format(8 + 10 * (number - 232))
    steps = [0, 95, 135, 175, 215, 255]
    number -= 16
    return f"rgb({steps[number // 36]},{steps[number // 6 % 6]},{steps[number % 6]})"


def _style(codes: str, style: dict[str, str]) -> dict[str, str]:
    """What an SGR sequence makes of a style."""
    numbers = [int(code or 0) for code in codes.split(";")]
    style = dict(style)
    while numbers:
        number = numbers.pop(0)
        if number in (38, 48):
            length = 2 if numbers[0] == 5 else 4
            style["color" if number == 38 else "background"] = _colour(numbers[:length])
            del numbers[:length]
        elif number in _SET:
            style.update(_SET[number])
        elif number == 0:
            style = {}
        elif number in (39, 49):
            style.pop("color" if number == 39 else "background", None)
    return style


def page(coloured: str, cursor: tuple[int, int]) -> str:
    """A window as a page. C{coloured}: as tmux captures it. C{cursor}: its column and its row."""
    made: list[str] = []
    style: dict[str, str] = {}
    without_links = re.sub(r"\x1b\][^\x1b\a]*(?:\x1b\\|\a)", "", coloured.rstrip("\n"))
    for number, row in enumerate(without_links.split("\n")):
        column = 0
        for part in re.split(r"(\x1b\[[0-9;]*m)", row):
            if part.startswith("\x1b["):
                style = _style(part[2:-1], style)
                continue
            at = cursor[0] - column if number == cursor[1] else -1
            if 0 <= at < len(part):
                made += [_span(part[:at], style), _span(part[at], _CURSOR), _span(part[at + 1 :], style)]
            else:
                made.append(_span(part, style))
            column += len(part)
        if number == cursor[1] and cursor[0] >= column:
            made.append(" " * (cursor[0] - column) + _span(" ", _CURSOR))
        made.append("\n")
    return _PAGE.format(rows="".join(made))


def _span(text: str, style: dict[str, str]) -> str:
    css = ";".join(f"{name}:{value}" for name, value in style.items())
    return f'<span style="{css}">{html.escape(text)}</span>' if css and text else html.escape(text)


def picture(window: Window, path: Path, columns: int, rows: int) -> None:
    """Keep a picture of a window."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "window.html")
        file.write_text(page(window.coloured(), window.cursor_at()), encoding="utf-8")
        size = (round(columns * _CELL[0]) + 28, rows * _CELL[1] + 28)
        tab = Tab("camera", file.as_uri(), size=size)
        tab.resize(*size, scale=2)
        tab.screenshot(path)
        tab.closes()


class Evening:
    """A lobby with people who talk."""

    def __init__(self, folder: Path) -> None:
        self.daemon = Daemon(folder, "--name", evening.SERVER, *CHEAP)
        self.daemon.start()
        self.people = {name: Program(name, self.daemon.port) for name in evening.PEOPLE}
        bob = self.people["bob"]
        bob.asks("signup", password=evening.PASSWORD)
        with reach(place_of(str(self.daemon.folder / "chatroom-data"), None, None)) as server:
            server.ask("role", name="bob", role="moderator")
        bob.asks("whoami")
        bob.asks("topic", text=evening.TOPIC)
        for nick, line in evening.TALK:
            self.people[nick].says(line)

    def close(self) -> None:
        """Everybody leaves."""
        for program in self.people.values():
            program.peer.close()
        self.daemon.close()


def words(lobby: Evening, path: Path, nick: str, columns: int, rows: int) -> None:
    """What a person reads who joins with nc, as a text: a test compares it with what the server says."""
    person = nc(nick, lobby.daemon.port)
    person.types(nick)
    person.reads(evening.LAST)
    said = [line for line in person.screen() if line != nick]
    path.write_text(evening.timeless("\n".join(said)) + "\n", encoding="utf-8")
    person.closes()


def telnet(lobby: Evening, path: Path, nick: str, columns: int, rows: int) -> None:
    """Somebody with telnet who is typing while others talk."""
    window = Window(columns, rows, "telnet", HOST, str(lobby.daemon.port))
    window.has("What is your nickname?")
    window.presses(nick, "Enter")
    time.sleep(3)  # what there was to read has scrolled away in a small window
    window.presses("I have read the notes, and I think that")
    window.has("I think that")
    lobby.people["Ingeborg"].says("I installed it on the train. It went through two tunnels and lost nothing.")
    lobby.people["dana"].says("tea at five?")
    window.sees("<dana> tea at five?", "I have read the notes, and I think that")
    picture(window, path, columns, rows)
    window.close()


def _client(lobby: Evening, folder: Path, columns: int, rows: int, *arguments: str) -> Window:
    """A window with the client in it."""
    program = command(*arguments, f"chat://{HOST}:{lobby.daemon.port}")
    # Where a terminal clears to the end of a row in a colour, tmux does not keep what it cleared: screen's has no such.
    ours = environment(folder, TZ="UTC", TERM="screen-256color")
    named = [f"{key}={value}" for key, value in ours.items() if os.environ.get(key) != value or key == "TERM"]
    return Window(columns, rows, "env", *named, *program)


def client(lobby: Evening, path: Path, nick: str, columns: int, rows: int) -> None:
    """Somebody with the client, in a window of that size."""
    bob, carol, dana, ingeborg = lobby.people.values()
    window = _client(lobby, path.parent / f"{path.stem}-config", columns, rows, nick)
    window.has("F1: keys")
    time.sleep(2)
    for room in ("garden", "night-shift"):
        ingeborg.asks("create", room=room)
        window.presses(f"/join {room}", "Enter")
        window.has(room)
    window.presses("M-1")
    dana.asks("join", room="garden")
    dana.says("the beans are up!", room="garden")
    bob.says(f"{nick}: welcome back! Coffee at ten?")
    ingeborg.says("I installed it on the train. **Two tunnels**, and nothing was lost.")
    carol.asks("me", text="puts the kettle on")
    dana.asks("whisper", to=nick, text="there is cake in the kitchen")
    window.has("kitchen")
    window.presses("Yes, ten is go")
    window.has("ten is go")
    time.sleep(1)
    picture(window, path, columns, rows)
    window.close()


def plain(lobby: Evening, path: Path, nick: str, columns: int, rows: int) -> None:
    """Somebody with the client's plain mode who is typing while others talk."""
    window = _client(lobby, path.parent / f"{path.stem}-config", columns, rows, "--plain", nick)
    window.has(evening.LAST[:20])
    window.presses("Yes, ten is go")
    window.has("ten is go")
    lobby.people["bob"].says(f"{nick}: welcome back! Coffee at ten?")
    window.has("Coffee at ten?")
    time.sleep(1)
    picture(window, path, columns, rows)
    window.close()


WHAT: tuple[tuple[Callable[[Evening, Path, str, int, int], None], str, str, int, int], ...] = (
    (words, evening.WORDS.name, evening.NEWCOMER, 0, 0),
    (telnet, "telnet-typing.png", evening.NEWCOMER, 80, 24),
    (telnet, "telnet-typing-small.png", "eve", 40, 15),
    (client, "client-wide.png", "luca", 110, 24),
    (client, "client-narrow.png", "mina", 80, 24),
    (client, "client-small.png", "nils", 40, 15),
    (plain, "client-plain.png", "olga", 80, 13),
)
"""Who makes which file, with whose nickname, in a window of how many columns and rows."""


def main(folder: Path) -> None:
    """Take all of them, each in a lobby of its own."""
    with tempfile.TemporaryDirectory() as data:
        for take, name, nick, columns, rows in WHAT:
            lobby = Evening(Path(data) / name)
            made = Path(data) / f"made-{name}"
            try:
                take(lobby, made, nick, columns, rows)
            finally:
                lobby.close()
            shutil.copyfile(made, folder / name)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "img")
