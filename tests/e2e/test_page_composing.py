"""
The page and people who write with an input method: the keys that compose a word do nothing else.

Browsers differ in what they send. Each table below is what one of them sends for typing "nihon", choosing a word of
those offered and taking it with Enter, as its own event tests and bug reports have it.
"""

from __future__ import annotations

from typing import Any

from selenium.webdriver.common.keys import Keys

from tests.e2e.chromium import Tab
from tests.e2e.daemon import until
from tests.e2e.pages import PageCase

Sequence = list[tuple[str, dict[str, Any]]]


def composing(key: str, **more: Any) -> tuple[str, dict[str, Any]]:
    """A key that the input method takes, as every browser says it in the middle of a composition."""
    return ("keydown", {"key": key, "keyCode": 229, "isComposing": True, **more})


CHROMIUM: Sequence = [
    composing("Process"),
    ("compositionstart", {}),
    composing("Process"),
    composing("Process", code="ArrowDown"),
    composing("Process", code="Enter"),
    ("compositionend", {"data": "日本"}),
    ("keyup", {"key": "Enter", "keyCode": 13, "isComposing": False}),
]

FIREFOX: Sequence = [
    ("keydown", {"key": "Process", "keyCode": 229, "isComposing": False}),
    ("compositionstart", {}),
    composing("n"),
    composing("ArrowDown"),
    composing("Enter"),
    ("compositionend", {"data": "日本"}),
    ("keyup", {"key": "Enter", "keyCode": 13, "isComposing": False}),
]

WEBKIT: Sequence = [
    ("compositionstart", {}),
    ("keydown", {"key": "n", "keyCode": 229, "isComposing": True}),
    ("keydown", {"key": "ArrowDown", "keyCode": 229, "isComposing": True}),
    ("compositionend", {"data": "日本"}),
    ("keydown", {"key": "Enter", "keyCode": 229, "isComposing": False}),
    ("keyup", {"key": "Enter", "keyCode": 13, "isComposing": False}),
]

GIVEN_UP: Sequence = [
    ("compositionstart", {}),
    ("compositionend", {"data": ""}),
    ("keydown", {"key": "Escape", "keyCode": 229, "isComposing": False}),
]
"""As WebKit sends it for Escape; with Tab and the arrows it is the same."""

SEND = """
const [events, selector] = arguments;
const target = document.querySelector(selector);
target.focus();
for (const [type, init] of events) {
    const Kind = type.startsWith("key") ? KeyboardEvent : CompositionEvent;
    target.dispatchEvent(new Kind(type, { bubbles: true, cancelable: true, ...init }));
}
"""


class ComposingTests(PageCase):
    """Wherever on the page there is something to write in or to choose from."""

    def send(self, tab: Tab, events: Sequence, selector: str = "#text") -> None:
        """These events, at that element."""
        tab.run(SEND, [list(each) for each in events], selector)

    def test_half_a_message(self) -> None:
        """The Enter that takes a word sends nothing, in any browser; the next one sends."""
        alice, bob = self.page("alice"), self.nc("bob")
        for number, events in enumerate((CHROMIUM, FIREFOX, WEBKIT)):
            alice.find("#text").send_keys(f"日本{number}")
            self.send(alice, events)
            self.assertEqual(f"日本{number}", alice.find("#text").get_attribute("value"))
            alice.presses(Keys.ENTER)
            bob.reads(f"<alice> 日本{number}")

    def test_input_method_of_chromium(self) -> None:
        """A word composed by Chromium's own input method stands in the message when it is sent, whole."""
        alice, bob = self.page("alice"), self.nc("bob")
        alice.find("#text").send_keys("私は")
        for text in ("n", "に", "日本"):
            alice._ask("Input.imeSetComposition", text=text, selectionStart=len(text), selectionEnd=len(text))
            alice._ask("Input.dispatchKeyEvent", type="rawKeyDown", key="Enter", windowsVirtualKeyCode=229)
        alice._ask("Input.insertText", text="日本")
        self.assertEqual("私は日本", alice.find("#text").get_attribute("value"))
        alice.presses(Keys.ENTER)
        bob.reads("<alice> 私は日本")

    def test_offers(self) -> None:
        """Those keys neither choose nor take nor put away what is offered beside the text."""
        alice = self.page("alice")
        alice.find("#text").send_keys("/to")
        alice.sees("/topic", "#completion")
        chosen = "return document.querySelector('#completion [aria-selected=true]').textContent"
        before = alice.run(chosen)
        for key in ("Enter", "Tab", "Escape", "ArrowDown", "ArrowUp"):
            for composes in (True, False):
                self.send(alice, [("keydown", {"key": key, "keyCode": 229, "isComposing": composes})])
                self.assertEqual("/to", alice.find("#text").get_attribute("value"))
                self.assertEqual(before, alice.run(chosen))

    def test_everywhere(self) -> None:
        """Those keys neither go through menus and rooms, nor close a dialog, a panel or the list of rooms."""
        alice = self.page("alice")
        alice.types("/create den")
        alice.sees("den", "#top")
        every = [
            ("keydown", {"key": key, "keyCode": 229, "isComposing": composes, **more})
            for key in ("Enter", "Escape", "ArrowDown", "ArrowUp", "PageUp", "Tab", "k")
            for composes in (True, False)
            for more in ({}, {"altKey": True}, {"ctrlKey": True}, {"metaKey": True})
        ]
        self.send(alice, every)
        alice.sees("den", "#top")
        self.assertEqual("", alice.text("#dialog"))
        alice.click("#search-open")
        alice.find("#panel input").send_keys("日本")
        self.send(alice, [*every, *WEBKIT, *GIVEN_UP], "#panel input")
        self.assertIn("Search", alice.text("#panel"))
        self.assertIn("Searches your rooms", alice.text("#panel"), "nothing was looked for")
        alice.click("#me")
        alice.find(".pop")
        focused = alice.focused()
        self.send(alice, every, ".pop :focus")
        self.assertEqual(focused, alice.focused())
        alice.presses(Keys.ESCAPE)
        alice.click("#browse")
        alice.find("dialog input").send_keys("日本")
        self.send(alice, [*every, *WEBKIT, *GIVEN_UP], "dialog input")
        alice.sees("Create the room 日本", "#dialog")
        until("no other room", lambda: alice.text("#rooms").split() == ["lobby", "den"])
