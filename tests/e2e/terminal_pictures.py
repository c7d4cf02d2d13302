"""
The pictures of terminals in docs/img, made by programs: C{python -m tests.e2e.terminal_pictures [FOLDER]}.

A real telnet or client runs in a real tmux; what stands in its window, with its colours, becomes a page that Chromium
draws. Taken anew, they differ in the times of day only.
"""

from __future__ import annotations

import html
import os
import re
import sys
import tempfile
import time
from pathlib import Path

from chatroom.admin.target import place_of, reach
from tests.e2e.chromium import Tab
from tests.e2e.daemon import ROOT, Daemon, until
from tests.e2e.pages import CHEAP, Program
from tests.e2e.people import HOST
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
    **{40 + number: {"background": colour} for number, colour in enumerate(_BASIC)},
}
"""What most of the numbers set (ECMA-48, 8.3.117)."""

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


def page(coloured: str) -> str:
    """A window as a page. C{coloured}: as tmux captures it."""
    made: list[str] = []
    style: dict[str, str] = {}
    without_links = re.sub(r"\x1b\][^\x1b\a]*(?:\x1b\\|\a)", "", coloured.rstrip("\n"))
    for part in re.split(r"(\x1b\[[0-9;]*m)", without_links):
        if part.startswith("\x1b["):
            style = _style(part[2:-1], style)
        elif part:
            css = ";".join(f"{name}:{value}" for name, value in style.items())
            made.append(f'<span style="{css}">{html.escape(part)}</span>' if css else html.escape(part))
    return _PAGE.format(rows="".join(made))


def picture(window: Window, path: Path, columns: int, rows: int) -> None:
    """Keep a picture of a window."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "window.html")
        file.write_text(page(window.coloured()), encoding="utf-8")
        size = (round(columns * _CELL[0]) + 28, rows * _CELL[1] + 28)
        tab = Tab("camera", file.as_uri(), size=size)
        tab.resize(*size, scale=2)
        tab.screenshot(path)
        tab.closes()


class Evening:
    """A lobby with people who talk."""

    def __init__(self, folder: Path) -> None:
        self.daemon = Daemon(folder, "--name", "The Common Room", *CHEAP)
        self.daemon.start()
        self.people = {name: Program(name, self.daemon.port) for name in ("bob", "carol", "dana", "Ingeborg")}
        bob = self.people["bob"]
        bob.asks("signup", password="correct horse battery")
        with reach(place_of(str(self.daemon.folder / "chatroom-data"), None, None)) as server:
            server.ask("role", name="bob", role="moderator")
        bob.asks("whoami")
        bob.asks("topic", text="Tea, code and the weather")
        bob.says("evening everyone", "did the release go out last night?")
        self.people["carol"].says("It did. The notes are at https://example.org/news (a short read).")

    def close(self) -> None:
        """Everybody leaves."""
        for program in self.people.values():
            program.peer.close()
        self.daemon.close()


def telnet(evening: Evening, path: Path, nick: str, columns: int, rows: int) -> None:
    """Somebody with telnet who is typing while others talk."""
    window = Window(columns, rows, "telnet", HOST, str(evening.daemon.port))
    window.has("What is your nickname?")
    window.presses(nick, "Enter")
    time.sleep(3)  # what there was to read has scrolled away in a small window
    window.presses("I have read the notes, and I think that")
    window.has("I think that")
    evening.people["Ingeborg"].says("I installed it on the train. It went through two tunnels and lost nothing.")
    evening.people["dana"].says("tea at five?")
    window.sees("<dana> tea at five?", "I have read the notes, and I think that")
    picture(window, path, columns, rows)
    window.close()


def client(evening: Evening, folder: Path, path: Path, nick: str, columns: int, rows: int) -> None:
    """Somebody with the client, in a window of that size."""
    program = command(nick, f"chat://{HOST}:{evening.daemon.port}")
    named = {key: value for key, value in environment(folder, TZ="UTC").items() if os.environ.get(key) != value}
    window = Window(
        columns, rows, "env", *(f"{key}={value}" for key, value in named.items()), "TERM=tmux-256color", *program
    )
    window.has("F1: keys")
    time.sleep(2)
    for room in ("garden", "night-shift"):
        evening.people["Ingeborg"].asks("create", room=f"{room}-{nick}")
        window.presses(f"/join {room}-{nick}", "Enter")
        window.has(f"{room}-{nick}")
    window.presses("M-1")
    evening.people["dana"].asks("join", room=f"garden-{nick}")
    evening.people["dana"].says("the beans are up!", room=f"garden-{nick}")
    evening.people["bob"].says(f"{nick}: welcome back! Coffee at ten?")
    window.has("Coffee at ten?")
    window.presses("Yes, ten is go")
    window.has("ten is go")
    until("everything to be drawn", lambda: "welcome back" in "\n".join(window.rows()))
    time.sleep(1)
    picture(window, path, columns, rows)
    window.close()


def main(folder: Path) -> None:
    """Take all of them."""
    with tempfile.TemporaryDirectory() as data:
        for name, nick, columns, rows in (("telnet-typing", "alice", 80, 24), ("telnet-typing-small", "eve", 40, 15)):
            evening = Evening(Path(data) / name)
            telnet(evening, folder / f"{name}.png", nick, columns, rows)
            evening.close()
        evening = Evening(Path(data) / "client")
        try:
            for name, nick, columns, rows in (
                ("client-wide", "luca", 110, 28),
                ("client-narrow", "mina", 80, 24),
                ("client-small", "nils", 40, 15),
            ):
                client(evening, Path(data) / name, folder / f"{name}.png", nick, columns, rows)
        finally:
            evening.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "img")
