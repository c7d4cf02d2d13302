"""
The pictures of the page in docs/img, taken in a real browser: C{python -m tests.e2e.pictures [FOLDER]}.

The people in them are programs and somebody with nc; the picture is taken of a browser. Taken again, they differ in the
times of day only. C{page-and-nc.png} shows one room twice: the page, and beside it what nc shows at that moment.
"""

from __future__ import annotations

import base64
import html
import sys
import tempfile
from pathlib import Path

from selenium.webdriver.common.keys import Keys

from chatroom.admin.target import place_of, reach
from tests.e2e.chromium import Tab
from tests.e2e.daemon import ROOT, Daemon, free_port
from tests.e2e.pages import CHEAP, Program
from tests.e2e.people import Person, nc

LAPTOP = (1280, 800)
PHONE = (390, 844)
BESIDE = (600, 500)
"""The page, beside a terminal."""

COLUMNS, ROWS = 80, 26
"""Of that terminal."""

SIDE_BY_SIDE = """
<!doctype html><meta charset="utf-8"><style>
  body { margin: 0; padding: 24px; display: flex; gap: 24px; background: #dfe3ea; font: 13px/20px sans-serif; }
  figure { margin: 0; background: #fff; border-radius: 8px; overflow: hidden; box-shadow: 0 2px 12px #0004; }
  figcaption { padding: 6px 12px; background: #eceff4; color: #444; text-align: center; }
  img { display: block; width: %dpx; }
  pre { margin: 0; padding: 0 12px; height: %dpx; width: 80ch; box-sizing: content-box; overflow: hidden;
        background: #16181d; color: #d8dee9; font: 12.5px/19px "DejaVu Sans Mono", monospace; }
  b { color: #fff; font-weight: normal; }
</style>
<figure><figcaption>http://chat.example.org:8080/</figcaption><img src="data:image/png;base64,%s"></figure>
<figure><figcaption>nc chat.example.org 64700</figcaption><pre>%s</pre></figure>
"""

CODE = "One thing to watch: `history_days` is off, so the file only grows. I use\n```\n--history-days 90\n```"


class Duet:
    """Somebody with the page and somebody with nc, who talk to each other in one room."""

    def __init__(self, folder: Path) -> None:
        web = free_port()
        address = f"tcp:{web}:interface=127.0.0.1"
        self._daemon = Daemon(folder, "--web", address, "--name", "The Tea House", *CHEAP)
        self._daemon.start()
        self._alice = Tab("alice", f"http://127.0.0.1:{web}/", size=BESIDE)
        self._alice.comes_in()
        self._bob: Person = nc("bob", self._daemon.port)
        self._typed = ["nc chat.example.org 64700"]
        self._types("bob")
        self._alice.sees("bob joined")

    def _types(self, line: str) -> None:
        self._typed.append(line)
        self._bob.types(line)

    def talk(self) -> None:
        """A short conversation, with each way to talk in it."""
        self._types("hello from a plain terminal!")
        self._alice.hears("<bob> hello from a plain terminal!")
        self._alice.types("Hi bob! I am in a browser.")
        self._bob.reads("I am in a browser.")
        self._types("no client installed, just nc :-)")
        self._alice.hears("<bob> no client installed, just nc :-)")
        self._alice.types("/me waves")
        self._bob.reads("alice waves")
        self._types("@alice there is cake in the kitchen")
        self._bob.reads("Whispered to alice.")
        self._alice.sees("there is cake in the kitchen")
        self._alice.types("Tea at four?")
        self._bob.reads("Tea at four?")
        self._types("yes!")
        self._alice.hears("<bob> yes!")
        self._types("/who")
        self._bob.reads("In lobby (2 people)")
        self._alice.types("I see you in the list, too.")
        self._bob.reads("in the list, too")
        self._alice.sees_no("whispers:", "#toasts")
        self._bob.settle()

    def screenshot(self, path: Path) -> None:
        """Both windows, side by side."""
        width, height = BESIDE
        self._alice.run("document.activeElement.blur()")
        page = path.with_suffix(".page.png")
        self._alice.screenshot(page)
        typed = set(self._typed)
        rows = [
            line[start : start + COLUMNS] for line in self._bob.screen() for start in range(0, len(line) or 1, COLUMNS)
        ]
        shown = [f"<b>{html.escape(row)}</b>" if row in typed else html.escape(row) for row in rows]
        text = "\n".join(["$ <b>nc chat.example.org 64700</b>", *shown][-ROWS:])
        both = path.with_suffix(".html")
        image = base64.b64encode(page.read_bytes()).decode("ascii")
        both.write_text(SIDE_BY_SIDE % (width, height, image, text), encoding="utf-8")
        window = Tab("both", both.absolute().as_uri(), size=(width + 700, height + 80))
        window.screenshot(path)
        window.closes()
        for made in (page, both):
            made.unlink()

    def close(self) -> None:
        """Everybody leaves."""
        self._alice.closes()
        self._bob.closes()
        self._daemon.close()


class Scene:
    """
    A morning in the lobby.

    @ivar address: of the page.
    """

    def __init__(self, folder: Path) -> None:
        web = free_port()
        self.address = f"http://127.0.0.1:{web}/"
        self.daemon = Daemon(folder, "--web", f"tcp:{web}:interface=127.0.0.1", "--name", "The Common Room", *CHEAP)
        self.daemon.start()
        self._people = {name: Program(name, self.daemon.port) for name in ("bob", "carol", "dana", "خالد", "Ingeborg")}
        self._talk()

    def _talk(self) -> None:
        bob, carol, dana, khalid, ingeborg = self._people.values()
        bob.asks("signup", password="correct horse battery")
        with reach(place_of(str(self.daemon.folder / "chatroom-data"), None, None)) as server:
            server.ask("role", name="bob", role="moderator")  # the lobby's topic Only the staff of this server can
        bob.asks("whoami")
        bob.asks("topic", text="Tea, code and the weather. Be kind; what is said here is kept.")
        bob.says("morning everyone", "did the release go out last night?")
        carol.says("It did. The notes are at https://example.org/chatroom/news (a short read).", CODE)
        khalid.says("صباح الخير، هل جرّب أحد الصفحة الجديدة؟")
        ingeborg.says("I have, on the train. It went through two tunnels and came back, with nothing missing.")
        dana.asks("me", text="waters the plants")

    def visit(self, tab: Tab) -> None:
        """Somebody comes in and takes part."""
        bob, carol, dana, _, ingeborg = self._people.values()
        tab.comes_in()
        bob.says(f"{tab.name}: welcome back! Coffee at ten?")
        new_line = Keys.SHIFT + Keys.ENTER + Keys.NULL
        tab.find("#text").send_keys("Yes, ten is good.", new_line, "I bring the cake.", Keys.ENTER)
        tab.hears(f"<{tab.name}> Yes, ten is good.\nI bring the cake.")
        for name in ("eve", "frank"):
            self._people[name] = Program(name, self.daemon.port)
        carol.asks("away", text="lunch until one")
        bob.says("perfect")
        for room, topic in (("garden", "What grows, and what should"), ("night-shift", "")):
            ingeborg.asks("create", room=room)
            ingeborg.asks("topic", room=room, text=topic or "-")
            tab.types(f"/join {room}")
            tab.sees(room, "#top")
        dana.asks("join", room="garden")
        dana.says("the beans are up!", "somebody has to thin them out", room="garden")
        dana.asks("whisper", to=tab.name, text="Can you keep a secret until four?")
        tab.sees("dana", "#whispers")
        tab.click("button[data-name=lobby]")
        tab.hears("<bob> perfect")
        tab.sees_no("whispers:", "#toasts")

    def close(self) -> None:
        """Everybody leaves."""
        for program in self._people.values():
            program.peer.close()
        self.daemon.close()


def main(folder: Path) -> None:
    """Take all of them."""
    with tempfile.TemporaryDirectory() as data:
        scene = Scene(Path(data) / "light")
        laptop = Tab("alice", scene.address, size=LAPTOP)
        laptop.sees("Join", "#join-form")
        laptop.screenshot(folder / "page-join.png")
        scene.visit(laptop)
        laptop.screenshot(folder / "page-desktop.png")
        laptop.closes()
        scene.close()

        duet = Duet(Path(data) / "duet")
        duet.talk()
        duet.screenshot(folder / "page-and-nc.png")
        duet.close()

        scene = Scene(Path(data) / "dark")
        dark = Tab("alice", scene.address, size=LAPTOP, prefers_color_scheme="dark")
        scene.visit(dark)
        dark.screenshot(folder / "page-dark.png")
        dark.closes()
        scene.close()

        scene = Scene(Path(data) / "phone")
        phone = Tab("alice", scene.address, size=LAPTOP, prefers_reduced_motion="reduce")
        scene.visit(phone)
        phone.points_away()
        phone.resize(*PHONE, scale=2, touch=True)
        phone.sees_no("people", "#panel")
        phone.run("document.activeElement.blur()")
        phone.screenshot(folder / "page-phone.png")
        phone.closes()
        scene.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "img")
