"""
The page in each of its main states, gone through by axe-core: no rule of it finds a fault, in light and dark, on a
desktop and on a telephone.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from selenium.webdriver.common.keys import Keys
from twisted.trial.unittest import SkipTest

from chatroom.admin.target import place_of, reach
from tests.e2e.chromium import Tab
from tests.e2e.pages import PASSWORD, PageCase

Look = Callable[[str], None]
"""Gone through by axe-core: what is to be seen now, which is called so."""

PACKAGE = "axe_playwright_python"
"""What brings axe-core (docs/adr/0029-axe-core-in-tests.rst)."""

PHONE = (390, 844)

EVERYBODY = """
for (let hue = 0; hue < 12; hue += 1) {
    const line = document.querySelector("#lines .said:not(.follows)").cloneNode(true);
    for (const each of line.querySelectorAll(".face, .who"))
        each.className = each.className.replace(/\\bh\\d+/, `h${hue}`);
    line.classList.toggle("calls", hue % 2);
    document.querySelector("#lines ol").append(line);
}
"""
"""A line of somebody of each colour, which names come to by chance; half of them are mentions."""

LONG = "Wilhelmina-von-Hohenlohe"


def axe() -> str:
    """
    The script of axe-core.

    @raise SkipTest: it is not installed. @raise AssertionError: instead, where CI runs, which installs it.
    """
    if find_spec(PACKAGE) is None:
        sentence = f"Not installed here: {PACKAGE} (make .venv/dev.stamp)"
        if os.environ.get("CI") == "true":
            raise AssertionError(sentence)
        raise SkipTest(sentence)
    return (files(PACKAGE) / "axe.min.js").read_text(encoding="utf-8")


class AxeTests(PageCase):
    """
    Every state, in every guise.

    @ivar every: also every dialog, and not one of each menu. Two guises do: light and large, dark and small.
    """

    every = False

    def setUp(self) -> None:
        self.axe = axe()
        rules = Path(self.mktemp()).absolute()
        rules.write_text("Be kind.\n\nMore at https://example.org/rules\n" + "One more rule.\n" * 12, encoding="utf-8")
        self.options = ("--motd", str(rules))
        super().setUp()
        self.bob, self.khalid, long = (self.program(name) for name in ("bob", "خالد", LONG))
        self.bob.asks("signup", password=PASSWORD)
        alice = self.program("alice")
        alice.asks("signup", password=PASSWORD)
        with reach(place_of(str(self.daemon.folder / "chatroom-data"), None, None)) as server:
            server.ask("role", name="bob", role="moderator")
            server.ask("role", name="alice", role="admin")
        self.program("frank")
        alice.asks("ignore", nick="frank")
        self.bob.asks("whoami")  # from here on, the moderator
        self.bob.asks("gban", target="192.0.2.0/24", duration="1d", reason="raid")
        self.bob.says("**bold** and `code`, [named](https://example.org) and ~~struck~~", "```\nx = 1\n```")
        self.khalid.says("صباح الخير، *هل جرّب* أحد الصفحة الجديدة؟")
        self.khalid.asks("away", text="lunch")
        long.asks("me", text="waters the plants")

    def faults(self, tab: Tab, state: str) -> list[str]:
        """What axe-core finds in what is to be seen now: the state, the rule, and the element."""
        tab.run(f"if (!window.axe) {{ {self.axe} }}")
        found: list[dict[str, Any]] = tab.run(
            "for (const each of document.getAnimations()) each.finish();"
            "return axe.run().then(({ violations }) => violations);"
        )
        return [
            f"{state}: {rule['id']}: {node['html'][:200]} {node['failureSummary'][:300]}"
            for rule in found
            for node in rule["nodes"]
        ]

    def walk(self, **how: Any) -> None:
        """Somebody goes through all states; no fault is found in any."""
        tab = self.tab("alice", **how)
        found: list[str] = []

        def look(state: str) -> None:
            found.extend(self.faults(tab, state))

        narrow = "size" in how
        self.form(tab, look)
        self.room(tab, look)
        if narrow:
            tab.click("#side-open")
            look("list of rooms")
            tab.click("#side-close")
        self.writing(tab, look)
        self.dialogs(tab, look)
        self.panels(tab, look, narrow)
        tab.writes("#text", "@bob see you" + Keys.ENTER)
        tab.hears("<alice> see you")
        look("whisper")
        tab.writes("#text", "/look den" + Keys.ENTER)
        tab.sees("den", "#top h2")
        self.bob.asks("close", room="den", reason="done")
        tab.sees("done")
        look("room that was closed")
        tab.goes_offline()
        tab.types("lost")
        tab.sees("offline", "#banner")
        look("disconnected")
        tab.goes_offline(False)
        self.assertEqual([], found, "\n".join(found))

    def form(self, tab: Tab, look: Look) -> None:
        """The join page."""
        tab.sees("Be kind", "#welcome")
        for way in ("guest", "signup", "login"):
            tab.click(f".segments label:has([value={way}])")
            look(f"form, {way}")
        tab.find("#join-nick").send_keys("alice")
        tab.writes("#join-password", "wrong horse battery" + Keys.ENTER)
        tab.sees("password", "#join-error")
        look("form, refused")
        tab.writes("#join-password", PASSWORD + Keys.ENTER)
        tab.sees("plants", "#lines")

    def room(self, tab: Tab, look: Look) -> None:
        """A room of one's own, with its menu, a note, a mention and a whisper."""
        tab.types(
            "/create den",
            "a line of mine",
            "/ban frank 1h noise",
            "/topic What we talk about: https://example.org",
            "/whoami",
        )
        tab.sees("https://example.org", "#topic")
        tab.click("#more")
        look("menu of the room")
        tab.presses(Keys.ESCAPE)
        self.bob.says("alice: hello?")
        self.bob.asks("whisper", to="alice", text="*psst*")
        tab.sees("bob whispers", "#toasts")
        look("room, with a note and a whisper")
        tab.run(EVERYBODY)
        look("people of every color")

    def writing(self, tab: Tab, look: Look) -> None:
        """The message box."""
        tab.find("#text").send_keys("/mu")
        tab.sees("/mute", "#completion")
        look("completion")
        tab.presses(Keys.ESCAPE)
        tab.writes("#text", ":tad")
        tab.sees(":tada:", "#completion")
        look("emoji")
        tab.presses(Keys.ESCAPE)
        tab.writes("#text", "/nosuchword" + Keys.ENTER)
        tab.sees("/nosuchword", "#refused")
        look("refused")

    def dialogs(self, tab: Tab, look: Look) -> None:
        """Rooms, and questions with fields of every kind."""
        tab.run("document.querySelector('#browse').click()")
        tab.sees("lobby", "dialog")
        look("dialog of rooms")
        tab.presses(Keys.ESCAPE)
        for opener in ("#more", "#me"):
            self.every_dialog(tab, look, opener)
        tab.writes("#text", "/look lobby" + Keys.ENTER)
        tab.sees("lobby", "#top h2")
        tab.sees("bob", "#lines")
        look("lobby")

    def every_dialog(self, tab: Tab, look: Look, opener: str) -> None:
        """Each dialog that a menu opens, whose choices end in three points; the first one where that is enough."""
        show = "document.querySelector(arguments[0]).click()"
        tab.run(show, opener)
        tab.find(".choice")
        labels = tab.run("return [...document.querySelectorAll('.choice')].map((each) => each.textContent.trim())")
        tab.presses(Keys.ESCAPE)
        openers = [label for label in labels if label.endswith("…")]
        self.assertNotEqual([], openers, labels)
        for label in openers if self.every else openers[:1]:
            tab.run(show, opener)
            tab.chooses(label, ".choice")
            tab.find("dialog h2")
            look(f"dialog, {label}")
            tab.presses(Keys.ESCAPE)

    def panels(self, tab: Tab, look: Look, narrow: bool) -> None:
        """What stands beside the room, and the menus in it."""
        if narrow:
            tab.click("#people-open")
        tab.sees("bob", "#panel")
        look("people")
        tab.click("#panel button[data-nick=bob]")
        look("menu of a person")
        tab.presses(Keys.ESCAPE)
        if not narrow:  # on a telephone, the list closes with the menu
            self.every_dialog(tab, look, "#panel button[data-nick=bob]")
        tab.run("document.querySelector('#me').click()")
        look("my menu")
        tab.presses(Keys.ESCAPE)
        tab.run("document.querySelector('#search-open').click()")
        tab.find("#panel input").send_keys("bold", Keys.ENTER)
        tab.sees("bob", "#panel")
        look("search")
        tab.run("document.querySelector('#inbox-open').click()")
        tab.sees("whispers", "#panel")
        look("inbox")
        tab.run("document.querySelector('#panel-close').click()")
        tab.types("/help")
        tab.sees("/kick", "#panel")
        look("help")
        tab.click("#panel-close")

    def test_light(self) -> None:
        """In light colours, on a desktop, with every dialog."""
        self.every = True
        self.walk(prefers_color_scheme="light")

    def test_dark(self) -> None:
        """In dark colours, on a desktop."""
        self.walk(prefers_color_scheme="dark")

    def test_phone(self) -> None:
        """In light colours, on a telephone."""
        self.walk(size=PHONE, prefers_color_scheme="light")

    def test_dark_phone(self) -> None:
        """In dark colours, on a telephone, with every dialog."""
        self.every = True
        self.walk(size=PHONE, prefers_color_scheme="dark")
