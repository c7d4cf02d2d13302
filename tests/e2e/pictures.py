"""
The pictures of the page in docs/img, taken in a real browser: C{python -m tests.e2e.pictures [FOLDER]}.

The people in them are programs; the one who looks is a browser. Taken anew, they differ in the times of day only.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from selenium.webdriver.common.keys import Keys

from chatroom.admin.target import place_of, reach
from tests.e2e.chromium import Tab
from tests.e2e.daemon import ROOT, Daemon, free_port
from tests.e2e.pages import CHEAP, Program

LAPTOP = (1280, 800)
PHONE = (390, 780)

CODE = "One thing to watch: `history_days` is off, so the file only grows. I use\n```\n--history-days 90\n```"


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
            server.ask("role", name="bob", role="moderator")  # the lobby's topic is for the staff
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
        laptop.sees("Come in")
        laptop.screenshot(folder / "page-join.png")
        scene.visit(laptop)
        laptop.screenshot(folder / "page-desktop.png")
        laptop.closes()
        scene.close()

        scene = Scene(Path(data) / "dark")
        dark = Tab("alice", scene.address, size=LAPTOP, prefers_color_scheme="dark")
        scene.visit(dark)
        dark.screenshot(folder / "page-dark.png")
        dark.closes()
        scene.close()

        scene = Scene(Path(data) / "phone")
        phone = Tab("alice", scene.address, size=LAPTOP, prefers_reduced_motion="reduce")
        scene.visit(phone)
        phone.resize(*PHONE, scale=2, touch=True)
        phone.sees_no("people", "#panel")
        phone.run("document.activeElement.blur()")
        phone.screenshot(folder / "page-phone.png")
        phone.click("#side-open")
        phone.sees("garden", "#rooms")
        phone.screenshot(folder / "page-phone-rooms.png")
        phone.closes()
        scene.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "img")
