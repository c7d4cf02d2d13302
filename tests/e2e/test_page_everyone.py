"""
The page for those without a mouse, without good eyes, without a large screen.
"""

from __future__ import annotations

from pathlib import Path

from selenium.webdriver.common.keys import Keys

from tests.e2e.daemon import until
from tests.e2e.pages import PageCase

PHONE = (390, 844)
SMALLEST = (320, 568)

VISIBLE = "return getComputedStyle(document.querySelector(arguments[0])).visibility === 'visible'"

TOUCHABLE = """
return [...document.querySelectorAll("button, input, a, textarea")]
    .filter((each) => each.checkVisibility({ visibilityProperty: true }) && !each.closest(".text, .sr, .skip"))
    .map((each) => [each.outerHTML.slice(0, 80), each.offsetWidth, each.offsetHeight]);
"""
"""What a finger has to hit, and how large it is; links in the middle of text are excepted."""

CONTRAST = """
const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
function paint(...colours) {
    canvas.clearRect(0, 0, 1, 1);
    for (const colour of colours) { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); }
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
}
function light(rgb) {
    const linear = (each) => each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4;
    const [r, g, b] = rgb.map((each) => linear(each / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
const poor = [];
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.data.trim() || !element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    if (element.closest("option, noscript, .sr, [aria-hidden]")) continue;
    const grounds = [];
    for (let each = element; each; each = each.parentElement) {
        grounds.unshift(getComputedStyle(each).backgroundColor);
        const under = getComputedStyle(each, "::before");
        if (each.matches(".calls")) grounds.splice(1, 0, under.backgroundColor);
    }
    const ground = paint("white", ...grounds);
    const ink = paint(`rgb(${ground})`, getComputedStyle(element).color);
    const [a, b] = [light(ground), light(ink)].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    const what = `${node.data.trim().slice(0, 30)} (${element.className || element.id})`;
    if (ratio < 4.5) poor.push(`${ratio.toFixed(2)}: ${what}`);
}
return [...new Set(poor)];
"""
"""Texts that stand out too little, with the ratio."""


class EveryoneTests(PageCase):
    """The page for those without a mouse, without good eyes, without a large screen."""

    def test_keyboard(self) -> None:
        """Everything can be reached and done with keys alone, and the focus is never lost."""
        alice, bob = self.tab("alice"), self.nc("bob")
        self.assertEqual("join-nick", alice.focused())
        alice.presses("alice", Keys.TAB, Keys.TAB)
        alice.presses(Keys.ENTER)
        alice.find("#chat")
        self.assertEqual("text", alice.focused())
        alice.presses("no mouse here", Keys.ENTER)
        bob.reads("<alice> no mouse here")
        alice.presses("/create den", Keys.ENTER)
        alice.sees("den", "#top")
        alice.presses(Keys.ALT + Keys.ARROW_UP)
        alice.sees("lobby", "#top")
        alice.presses(Keys.CONTROL + "k")
        alice.find("dialog input")
        alice.presses(Keys.ESCAPE)
        until("the focus to be back", lambda: alice.focused() == "text")
        seen = []
        for _ in range(30):
            alice.presses(Keys.SHIFT + Keys.TAB)
            seen.append(alice.focused())
        for name in ("search-open", "people-open", "more", "me", "browse"):
            self.assertIn(name, seen)
        alice.run("document.querySelector('#people-open').focus()")
        alice.presses(Keys.ENTER)
        until("the panel to close", lambda: not alice.text("#panel"))
        alice.presses(Keys.ENTER)
        alice.sees("people", "#panel")
        self.assertEqual("panel-close", alice.focused())
        alice.presses(Keys.ESCAPE)
        self.assertEqual("people-open", alice.focused())

    def test_names_for_screen_readers(self) -> None:
        """Every control says what it is, and the regions of the page have names."""
        alice, bob = self.page("alice"), self.program("bob")
        bob.says("hello")
        alice.hears("<bob> hello")
        for open_more in (lambda: None, lambda: alice.click("#browse")):
            open_more()
            controls = ("button", "textbox", "searchbox", "combobox", "checkbox", "radio", "link", "dialog")
            self.assertNotIn("", alice.spoken(*controls, "navigation", "main"))

    def test_new_lines_are_read_aloud(self) -> None:
        """What others say in the room looked at reaches a live region; what one says oneself does not."""
        alice, bob = self.page("alice"), self.page("bob")
        bob.types("can you hear me?")
        until(
            "the line",
            lambda: "bob: can you hear me?" in alice.run("return document.querySelector('#spoken').textContent"),
        )
        self.assertEqual("polite", alice.run("return document.querySelector('#spoken').ariaLive"))
        self.assertNotIn("can you", bob.run("return document.querySelector('#spoken').textContent"))

    def test_contrast(self) -> None:
        """All text stands out from its ground by 4.5 to 1 at least (WCAG 2.2, 1.4.3), in light and in dark."""
        for scheme in ("light", "dark"):
            alice = self.page(f"alice-{scheme}", prefers_color_scheme=scheme)
            program = self.program(f"bob-{scheme}")
            program.says(f"alice-{scheme}: `code` and https://example.org", "more")
            for name in ("ada", "berta", "cleo", "dora", "emil", "fritz", "gero", "hanna"):
                self.program(f"{name}-{scheme}").says("hello")
            alice.types("/info", "/dance")
            alice.sees("There is no command", "#refused")
            self.assertEqual([], alice.run(CONTRAST), scheme)

    def test_phone(self) -> None:
        """On the smallest telephone nothing is cut off, and the list of rooms comes and goes."""
        for size in (PHONE, SMALLEST):
            tab = self.tab("alice", size=size)
            tab.resize(*size, scale=2, touch=True)
            tab.comes_in()
            bob = self.program("bob")
            bob.says("https://example.org/" + "a" * 200, "W" * 300, "```\n" + "x" * 300 + "\n```")
            tab.sees("WWW", "#lines")
            width = "return [document.documentElement.scrollWidth, document.querySelector('#lines').scrollWidth]"
            self.assertLessEqual(max(tab.run(width)), size[0])
            self.assertEqual("", tab.text("#rooms"))
            tab.click("#side-open")
            tab.sees("lobby", "#rooms")
            tab.click("button[data-name=lobby]")
            until("the list to go", lambda tab=tab: not tab.run(VISIBLE, "#side"))  # type: ignore[misc]
            small = [each for each in tab.run(TOUCHABLE) if min(each[1:]) < 24]
            self.assertEqual([], small, "WCAG 2.2, 2.5.8")
            picture = Path(self.mktemp())
            tab.screenshot(picture)
            self.assertGreater(picture.stat().st_size, 10_000)
            tab.types("/quit")
            tab.find("#join-form")
            bob.peer.close()

    def test_light_and_dark(self) -> None:
        """The page is as dark as the system, until one chooses; the choice outlives a reload."""
        ground = (
            r"return getComputedStyle(document.documentElement).backgroundColor.match(/\d+/g).reduce((a, b) => +a + +b)"
        )
        light, dark = self.page("alice"), self.page("bob", prefers_color_scheme="dark")
        self.assertGreater(light.run(ground), 700)
        self.assertLess(dark.run(ground), 150)
        dark.click("#me")
        dark.sees("Light", ".pop")
        dark.chooses("Light", ".choice")
        self.assertGreater(dark.run(ground), 700)
        dark.reloads()
        dark.sees("lobby", "#top")
        self.assertGreater(dark.run(ground), 700)
