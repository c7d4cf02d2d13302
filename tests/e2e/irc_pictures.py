"""
The pictures of IRC clients in docs/img: C{python -m tests.e2e.irc_pictures [FOLDER]}.

One room with a person at each kind of door: irssi and WeeChat in a real tmux, HexChat in an X server, The Lounge and
gamja in Chromium, nc, and the web page. C{THELOUNGE} is the command that starts The Lounge, and C{GAMJA} the folder of
gamja with its packages; without one of them, or without HexChat, its picture is not taken. C{irc-and-nc.png} shows the
room three times: the page, irssi, and what nc shows. Taken again, the pictures differ in the times of day only.
"""

from __future__ import annotations

import base64
import html
import json
import os
import shlex
import subprocess
import sys
import tempfile
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from time import sleep

from tests.e2e.chromium import Tab
from tests.e2e.daemon import ROOT, Daemon, free_port
from tests.e2e.hexchat import HexChat, can_run
from tests.e2e.irc_clients import irssi, types, weechat
from tests.e2e.pages import CHEAP
from tests.e2e.people import HOST, Person, nc
from tests.e2e.terminal_pictures import page, picture
from tests.e2e.windows import Window

TERMINAL = (100, 24)
BROWSER = (1100, 560)

BESIDE = (600, 584)
"""The page, beside two terminals."""

COLUMNS, ROWS = 84, 14
"""Of each of those."""

SIDE_BY_SIDE = """
<!doctype html><meta charset="utf-8"><style>
  body { margin: 0; padding: 24px; display: flex; gap: 24px; background: #dfe3ea; font: 13px/20px sans-serif; }
  figure { margin: 0; background: #16181d; border-radius: 8px; overflow: hidden; box-shadow: 0 2px 12px #0004; }
  div { display: flex; flex-direction: column; justify-content: space-between; }
  figcaption { padding: 6px 12px; background: #eceff4; color: #444; text-align: center; }
  img { display: block; width: %dpx; }
  pre { margin: 8px 12px; height: %dpx; width: %dch; overflow: hidden; color: #e4e6eb;
        font: 12.5px/17px "DejaVu Sans Mono", monospace; }
</style>
<figure><figcaption>http://chat.example.org:8080/</figcaption><img src="data:image/png;base64,%s"></figure>
<div>
<figure><figcaption>irssi -c chat.example.org</figcaption>%s</figure>
<figure><figcaption>nc chat.example.org 64700</figcaption><pre>%s</pre></figure>
</div>
"""


class Gathering:
    """A room with somebody at every kind of door."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._web, gamja = free_port(), free_port()
        self._daemon = Daemon(
            folder, "--web", f"tcp:{self._web}:interface={HOST}", "--web-origin", f"http://{HOST}:{gamja}", *CHEAP,
            "--max-per-address", "off", "--new-per-minute", "off",
        )  # fmt: skip
        self._daemon.start()
        self._lounge: subprocess.Popen[bytes] | None = None
        self.alice = Tab("alice", f"http://{HOST}:{self._web}/", size=BESIDE)
        self.alice.comes_in()
        self.nancy: Person = nc("nancy", self._daemon.port)
        self.nancy.types("nancy")
        self.nancy.reads("Registration successful")
        self.iris: Window = irssi(folder / "irssi", "iris", self._daemon.port)
        self.iris.has("There is no welcome text")
        types(self.iris, "/set autolog off", "/window goto #lobby")
        self.wendy: Window = weechat(folder / "weechat", "wendy", self._daemon.port)
        self.wendy.has("#lobby")
        types(self.wendy, "/buffer #lobby")
        for window in (self.iris, self.wendy):
            window.resizes(*TERMINAL)
        self.hetty = HexChat(folder / "hexchat", "hetty", self._daemon.port) if can_run() else None
        self.lena = self._the_lounge()
        self.gary = self._gamja(gamja)

    def _the_lounge(self) -> Tab | None:
        command = os.environ.get("THELOUNGE")
        if command is None:
            return None
        port, home = free_port(), self._folder / "lounge"
        home.mkdir()
        network = {
            "name": "chatroom", "host": HOST, "port": self._daemon.port, "password": "", "tls": False,
            "rejectUnauthorized": False, "nick": "lena", "username": "lena", "realname": "Lena", "join": "#lobby",
            "leaveMessage": "",
        }  # fmt: skip
        settings = {"public": True, "host": HOST, "port": port, "reverseProxy": False, "defaults": network}
        (home / "config.js").write_text(f"module.exports = {json.dumps(settings)};\n", encoding="utf-8")
        self._lounge = subprocess.Popen(
            [*shlex.split(command), "start"],
            env={**os.environ, "THELOUNGE_HOME": str(home)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        sleep(8)
        tab = Tab("lena", f"http://{HOST}:{port}/", size=BROWSER)
        tab.find("button[type=submit]").click()
        tab.find("#input")
        return tab

    def _gamja(self, port: int) -> Tab | None:
        folder = os.environ.get("GAMJA")
        if folder is None:
            return None
        copy = self._folder / "gamja"
        subprocess.run(["cp", "-r", folder, str(copy)], check=True)
        server = {"url": f"ws://{HOST}:{self._web}/ws", "autojoin": "#lobby", "nick": "gary"}
        (copy / "config.json").write_text(json.dumps({"server": server}), encoding="utf-8")
        files = ThreadingHTTPServer((HOST, port), partial(SimpleHTTPRequestHandler, directory=str(copy)))
        Thread(target=files.serve_forever, daemon=True).start()
        tab = Tab("gary", f"http://{HOST}:{port}/", size=BROWSER)
        tab.find("button").click()
        tab.sees("#lobby")
        sleep(4)  # gamja reads the history, and shows twice what is said meanwhile
        return tab

    def talk(self) -> None:
        """A conversation with a line of everybody."""
        self.nancy.types("hello from nc, no client at all")
        self.iris.has("no client at all")
        types(self.iris, "hello from irssi", "/me waves")
        self.nancy.reads("* iris waves")
        types(self.wendy, "and from WeeChat. Tea at four?")
        self.alice.sees("Tea at four?")
        self.alice.types("Yes! I am on the web page.")
        self.nancy.reads("on the web page")
        if self.hetty is not None:
            self.hetty.types("HexChat, on a desktop")
            self.nancy.reads("<hetty> HexChat, on a desktop")
        if self.lena is not None:
            self.lena.find("#input").send_keys("The Lounge is here as well\n")
            self.nancy.reads("<lena> The Lounge is here as well")
        if self.gary is not None:
            self.gary.find("#composer-input, form input").send_keys("gamja, without a bouncer\n")
            self.nancy.reads("<gary> gamja, without a bouncer")
        self.nancy.types("one room, and a client of everybody's own")
        for window in (self.iris, self.wendy):
            window.has("of everybody's own")

    def take(self, folder: Path) -> None:
        """A picture of each."""
        sleep(1)
        picture(self.iris, folder / "irc-irssi.png", *TERMINAL)
        picture(self.wendy, folder / "irc-weechat.png", *TERMINAL)
        for tab, name in ((self.lena, "irc-lounge.png"), (self.gary, "irc-gamja.png")):
            if tab is not None:
                tab.sees("of everybody's own")
                tab.points_away()
                tab.screenshot(folder / name)
        if self.hetty is not None:
            self.hetty.screenshot(folder / "irc-hexchat.png")
        self._beside(folder / "irc-and-nc.png")

    def _beside(self, path: Path) -> None:
        """The page, irssi and nc, side by side."""
        self.iris.resizes(COLUMNS, ROWS)
        self.alice.sees("of everybody's own")
        self.alice.run("document.activeElement.blur()")
        self.nancy.settle()
        shot = self._folder / "page.png"
        self.alice.screenshot(shot)
        irssi_rows = page(self.iris.coloured(), self.iris.cursor_at()).partition("</style>")[2]
        nc_rows = "\n".join([html.escape(line[:COLUMNS]) for line in self.nancy.screen()][-ROWS:])
        both = self._folder / "beside.html"
        image = base64.b64encode(shot.read_bytes()).decode("ascii")
        height = ROWS * 17
        both.write_text(
            SIDE_BY_SIDE % (BESIDE[0], height, COLUMNS, image, irssi_rows, nc_rows),
            encoding="utf-8",
        )
        window = Tab("camera", both.absolute().as_uri(), size=(BESIDE[0] + 760, BESIDE[1] + 80))
        window.screenshot(path)
        window.closes()

    def close(self) -> None:
        """Everybody leaves."""
        for window in (self.iris, self.wendy):
            window.close()
        for tab in (self.alice, self.lena, self.gary):
            if tab is not None:
                tab.closes()
        self.nancy.closes()
        if self.hetty is not None:
            self.hetty.close()
        if self._lounge is not None:
            self._lounge.terminate()
        self._daemon.close()


def main(folder: Path) -> None:
    """Take all of them."""
    with tempfile.TemporaryDirectory() as data:
        gathering = Gathering(Path(data))
        try:
            gathering.talk()
            gathering.take(folder)
        finally:
            gathering.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "img")
