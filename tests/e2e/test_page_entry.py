"""
Where one stands when a room comes into sight: at its end, or at what is new, in every window and however late a part of
the page is laid out.
"""

from __future__ import annotations

import socket

from tests.e2e.chromium import Tab
from tests.e2e.daemon import until
from tests.e2e.pages import PageCase

WINDOWS = {
    "a desktop": (1280, 800),
    "a small laptop": (1024, 600),
    "a phone": (360, 640),
    "a phone on its side": (640, 360),
}

DISTANCE = "const b = document.querySelector('#lines'); return b.scrollHeight - b.scrollTop - b.clientHeight"

SEEN = """
const box = document.querySelector("#lines").getBoundingClientRect();
const fresh = document.querySelector(".fresh")?.getBoundingClientRect();
return Boolean(fresh && fresh.top >= box.top && fresh.bottom <= box.bottom);
"""

SETTLED = """
const done = arguments[arguments.length - 1];
let frames = 0;
const step = () => (++frames < 30 ? requestAnimationFrame(step) : done(true));
document.fonts.ready.then(step);
"""


class EntryTests(PageCase):
    """A lobby in which much was said."""

    options = ("--talk-rate", "off")

    def setUp(self) -> None:
        super().setUp()
        self.robot = self.program("robot")
        self.robot.says(*(f"{number} " + "words and words " * (number % 17) for number in range(60)))

    def settle(self, tab: Tab) -> None:
        """Until half a second of pictures was drawn, and the fonts are there."""
        tab._here()
        tab._driver.execute_async_script(SETTLED)

    def test_at_the_end(self) -> None:
        """Who comes in stands at the end: at once, after the fonts, a panel, a banner or another size of the window."""
        for name, size in WINDOWS.items():
            alice = self.page(f"alice{size[0]}", size=size)
            alice.sees("59 words", "#lines")
            self.settle(alice)
            self.assertLess(alice.run(DISTANCE), 2, name)
            alice.run("document.querySelector('#lines').style.fontSize = '19px'")
            self.settle(alice)
            self.assertLess(alice.run(DISTANCE), 2, f"{name}, larger letters")
            alice.run("const b = document.querySelector('#banner'); b.hidden = false; b.textContent = 'x'.repeat(400)")
            self.settle(alice)
            self.assertLess(alice.run(DISTANCE), 2, f"{name}, a banner")
            alice.run(
                "const p = document.createElement('div'), list = document.querySelector('#lines ol');"
                "p.style.height = '333px'; list.prepend(p); list.append(p.cloneNode())"
            )
            self.settle(alice)
            self.assertLess(alice.run(DISTANCE), 2, f"{name}, a late picture")
            alice.resize(size[0] - 40, size[1] - 90)
            self.settle(alice)
            self.assertLess(alice.run(DISTANCE), 2, f"{name}, a keyboard")

    def test_after_a_reload(self) -> None:
        """After a reload, or after switching to another room and back, the page shows the end of what was said."""
        alice = self.page("alice", size=(360, 640))
        alice.types("/create den")
        alice.sees("den", "#top")
        alice.types("/look lobby")
        alice.sees("59 words", "#lines")
        self.settle(alice)
        self.assertLess(alice.run(DISTANCE), 2)
        alice.reloads()
        alice.sees("59 words", "#lines")
        self.settle(alice)
        self.assertLess(alice.run(DISTANCE), 2)

    def test_at_what_is_new(self) -> None:
        """Who comes to a room with much that is new stands where it begins, however the page is laid out then."""
        for name, size in WINDOWS.items():
            alice = self.page(f"alice{size[0]}", size=size)
            alice.types(f"/create den{size[0]}")
            alice.sees(f"den{size[0]}", "#top")
            self.robot.says(*(f"new {number} " + "words and words " * (number % 13) for number in range(40)))
            alice.types("/look lobby")
            alice.sees("new 39", "#lines")
            self.settle(alice)
            self.assertTrue(alice.run(SEEN), name)
            alice.run("document.querySelector('#lines').style.fontSize = '19px'")
            self.settle(alice)
            self.assertTrue(alice.run(SEEN), f"{name}, larger letters")
            alice.resize(size[0] - 40, size[1] - 90)
            self.settle(alice)
            self.assertTrue(alice.run(SEEN), f"{name}, a keyboard")
            alice.run("document.querySelector('#to-end').click()")
            self.settle(alice)
            self.assertLess(alice.run(DISTANCE), 2, f"{name}, the button")

    def test_scrolling_is_left_alone(self) -> None:
        """Who scrolls up stays there, whatever is laid out anew."""
        alice = self.page("alice")
        alice.sees("59 words", "#lines")
        self.settle(alice)
        alice._ask("Input.dispatchMouseEvent", type="mouseWheel", x=600, y=300, deltaX=0, deltaY=-900)
        until("to be further up", lambda: alice.run(DISTANCE) > 500)
        self.settle(alice)
        alice.resize(1100, 700)
        self.settle(alice)
        self.assertGreater(alice.run(DISTANCE), 300)
        alice.sees("Newest", "#to-end")


class BusyTests(PageCase):
    """A server that takes no more connections from one address."""

    options = ("--max-per-address", "8")

    def test_page_that_has_not_come_whole(self) -> None:
        """Where parts of the page are refused, it says so and comes by itself once there is room."""
        others = []
        for _ in range(7):
            other = socket.create_connection(("127.0.0.1", self.web))
            self.addCleanup(other.close)
            others.append(other)
        alice = self.tab("alice")
        alice.sees("Trying again in", "#loading")
        for other in others:
            other.close()
        alice.find("#join-nick")
        self.assertEqual("", alice.text("#loading"))
        self.assertTrue(all("503" in error for error in alice.errors()))
