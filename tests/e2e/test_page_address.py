"""
The page and the address bar: a room's address leads into the room, and makes none.
"""

from __future__ import annotations

from selenium.webdriver.common.keys import Keys

from tests.e2e.chromium import Tab
from tests.e2e.daemon import until
from tests.e2e.pages import PageCase

NAMES = ["c++", "c", "a.b_c-d", "東京", "москва", "ğüş", "c+"]
"""Rooms, of which some would be one another if a sign were lost."""

WRITTEN = {
    "#c++": "c++",
    "#c%2B%2B": "c++",
    "#c%2b%2b": "c++",
    "##den": "den",
    "#%23den": "den",
    "#%E6%9D%B1%E4%BA%AC": "東京",
    "#東京": "東京",
    "#100%": "100%",
    "#%": "%",
    "#%zz%41": "%zzA",
    "#%ff%41": "%ff%41",
    "#a%20b": "a b",
    "#a&room=b": "a&room=b",
    "#constructor": "constructor",
    "": "",
    "#": "",
}
"""What stands in an address, and the room that it asks for."""


class AddressTests(PageCase):
    """Links to rooms."""

    def hash_of(self, tab: Tab) -> str:
        """What stands in the address bar behind the sign."""
        return str(tab.run("return decodeURIComponent(location.hash.slice(1))"))

    def looks_at(self, tab: Tab, room: str) -> None:
        """Wait until it is this room, and the address bar says so."""
        until(f"{room} on {tab.name}'s page", lambda: tab.text("#room-name") == room)
        until(f"{room} in {tab.name}'s address bar", lambda: self.hash_of(tab) == room)

    def test_names_survive(self) -> None:
        """A room's name is the same behind every way of writing it in an address, and back."""
        tab = self.tab("nobody")
        read = tab.run(
            "return import('/address.js').then(({ roomOf, hashOf }) =>"
            " [arguments[0].map(roomOf), arguments[0].map((each) => roomOf(hashOf(roomOf(each))))]);",
            list(WRITTEN),
        )
        self.assertEqual([list(WRITTEN.values())] * 2, read)
        odd = tab.run(
            "return import('/address.js').then(({ hashOf }) => ['a\\ud800b', 'a\\nb', '__proto__'].map(hashOf))"
        )
        self.assertEqual(["#a%EF%BF%BDb", "#a%0Ab", "#__proto__"], odd)

    def test_in_an_open_page(self) -> None:
        """A changed address leads into its room, and back and forward through those that were looked at."""
        bob = self.program("bob")
        for name in NAMES:
            bob.asks("create", room=name)
        alice = self.page("alice")
        self.looks_at(alice, "lobby")
        for name in NAMES:
            alice.run("location.hash = '#' + arguments[0]", name)
            self.looks_at(alice, name)
        for name in [*reversed(NAMES[:-1]), "lobby"]:
            alice.run("history.back()")
            self.looks_at(alice, name)
        alice.run("history.forward()")
        self.looks_at(alice, NAMES[0])
        alice.run("location.hash = '#' + arguments[0]", NAMES[3].upper())
        self.looks_at(alice, NAMES[3])

    def test_whispers_and_back(self) -> None:
        """A conversation in whispers is a step as well, and no room's address stands above it."""
        alice = self.page("alice")
        self.nc("bob")
        self.looks_at(alice, "lobby")
        alice.types("@bob psst")
        alice.hears("<alice> psst")
        self.assertEqual("", self.hash_of(alice))
        alice.run("history.back()")
        self.looks_at(alice, "lobby")
        alice.run("history.forward()")
        alice.hears("<alice> psst")

    def test_link_to_a_room(self) -> None:
        """An address with a room behind it leads into that room, by the form and again after a reload."""
        alice = self.page("alice")
        alice.types("/create c++")
        self.looks_at(alice, "c++")
        bob = Tab("bob", self.address + "#c++")
        self.addCleanup(bob.closes)
        self.assertEqual("c++", bob.find("#join-room").get_attribute("value"))
        bob.comes_in()
        self.looks_at(bob, "c++")
        alice.sees("2 people", "#panel")
        bob.click("button[data-name=lobby]")
        self.looks_at(bob, "lobby")
        bob.run("history.replaceState(null, '', '#c%2b%2b')")
        bob.reloads()
        self.looks_at(bob, "c++")

    def test_changed_before_one_is_in(self) -> None:
        """An address that changes while the form is shown changes the room in the form."""
        tab = self.tab("alice")
        tab.run("location.hash = '#garden'")
        until("garden", lambda: tab.find("#join-room").get_attribute("value") == "garden")

    def test_no_room_is_made(self) -> None:
        """An address of a room that does not exist says so and makes none, until somebody says that it shall."""
        alice, bob = self.page("alice"), self.program("bob")

        def rooms() -> list[str]:
            return sorted(each["room"] for each in bob.asks("rooms")["rooms"])

        self.looks_at(alice, "lobby")
        alice.run("location.hash = '#nowhere'")
        alice.sees("There is no room called nowhere", "#dialog")
        self.looks_at(alice, "lobby")
        self.assertEqual(["lobby"], rooms())
        alice.presses(Keys.ESCAPE)
        carol = Tab("carol", self.address + "#elsewhere")
        self.addCleanup(carol.closes)
        carol.comes_in()
        carol.sees("There is no room called elsewhere", "#dialog")
        self.assertEqual("lobby", carol.text("#room-name"))
        self.assertEqual(["lobby"], rooms())
        carol.click("#dialog .primary")
        self.looks_at(carol, "elsewhere")
        self.assertEqual(["elsewhere", "lobby"], rooms())
        alice.run("location.hash = '#a b'")
        alice.sees("A room name can have", "#toasts")
        self.looks_at(alice, "lobby")

    def test_room_that_is_gone(self) -> None:
        """Who reloads the page in a room that ends without them is told so, and may make it again."""
        alice = self.page("alice")
        alice.types("/create den")
        self.looks_at(alice, "den")
        alice.reloads()
        alice.sees("There is no room called den", "#dialog")
        alice.click("#dialog .primary")
        self.looks_at(alice, "den")

    def test_skipping_to_the_text(self) -> None:
        """The link for those who read with their ears leads to where one writes, and to no room."""
        alice = self.page("alice")
        self.looks_at(alice, "lobby")
        alice.run("document.querySelector('#browse').focus(); document.querySelector('.skip').click()")
        self.assertEqual("text", alice.focused())
        self.looks_at(alice, "lobby")
