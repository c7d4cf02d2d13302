"""
The form that asks where to go, without a terminal.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatroom.client.form import Form
from chatroom.client.url import Address


class FormTests(SynchronousTestCase):
    """Fields, and what comes of them."""

    size = (80, 24)

    def setUp(self) -> None:
        self.submitted: list[tuple[Address, str]] = []
        self.left = 0
        self.form = self.form_for(Address("chat.example.org", 6000, False, "luca"))

    def form_for(self, address: Address) -> Form:
        """One that begins with this address."""
        return Form(address, lambda *submitted: self.submitted.append(submitted), self.leave)

    def leave(self) -> None:
        """Nothing is wanted."""
        self.left += 1

    def press(self, *keys: str) -> None:
        """Keys, as urwid names them."""
        for key in keys:
            self.form.keypress(self.size, key)

    def shown(self) -> str:
        """The screen as one text."""
        return "\n".join(row.decode() for row in self.form.render(self.size, True).text)

    def test_as_it_was(self) -> None:
        """It begins as it was left the last time; Enter is enough."""
        for text in ("chat.example.org", "6000", "luca"):
            self.assertIn(text, self.shown())
        self.press("enter")
        self.assertEqual([(Address("chat.example.org", 6000, False, "luca"), "")], self.submitted)

    def test_filled_in(self) -> None:
        """Tab goes from field to field, and the arrow keys as well; a password is not shown."""
        self.form = self.form_for(Address("localhost"))
        self.press(*"luca", "tab", *"secret")
        self.assertIn("******", self.shown())
        self.assertNotIn("secret", self.shown())
        self.press("up", *"2", "enter")
        self.assertEqual([(Address("localhost", 64700, False, "luca2"), "secret")], self.submitted)

    def test_tls(self) -> None:
        """The usual port follows; one of one's own stays."""
        self.form = self.form_for(Address("localhost", nick="luca"))
        self.press("tab", "tab", " ", "enter")
        self.assertEqual(Address("localhost", 64701, True, "luca"), self.submitted[-1][0])
        self.press(" ")
        self.press("enter")
        self.assertEqual(Address("localhost", 64700, False, "luca"), self.submitted[-1][0])
        self.form = self.form_for(Address("localhost", 7, nick="luca"))
        self.press("tab", "tab", " ", "enter")
        self.assertEqual(Address("localhost", 7, True, "luca"), self.submitted[-1][0])

    def test_paste(self) -> None:
        """Pasted text fills the field where it is pasted, and leaves no form, presses no button and fills no other."""
        self.form = self.form_for(Address("", 6000))
        pasted = ["begin paste", *"a.example", "enter", *"b c", "esc", "tab", "ctrl c", "enter", "end paste"]
        self.press(*pasted)
        self.assertEqual((0, []), (self.left, self.submitted))
        self.press("tab", "tab", *"luca", "tab", "tab")
        self.press(*pasted)
        self.press("tab")
        self.press(*pasted)
        self.assertEqual((0, []), (self.left, self.submitted))
        self.press("enter")
        self.assertEqual([(Address("a.example", 6000, False, "luca"), "")], self.submitted)

    def test_whole_address_as_host(self) -> None:
        """Somebody who pastes an address there gets what they mean."""
        self.form = self.form_for(Address("", nick="luca"))
        self.press(*"chats://example.org:7/attic", "enter")
        self.assertEqual(Address("example.org", 7, True, "luca", "attic"), self.submitted[-1][0])

    def test_addresses_as_host(self) -> None:
        """An IPv6 address needs no brackets there; a port behind the host is the one that counts."""
        for typed, host, port in (
            ("::1", "::1", 64700), ("[::1]:7", "::1", 7), ("fe80::1%lo", "fe80::1%lo", 64700), ("a.org:7", "a.org", 7)
        ):  # fmt: skip
            self.form = self.form_for(Address("", nick="luca"))
            self.press(*typed, "enter")
            self.assertEqual(Address(host, port, False, "luca"), self.submitted[-1][0])

    def test_what_is_missing(self) -> None:
        """It is said, and nothing is tried."""
        self.form = self.form_for(Address("localhost"))
        self.press("enter")
        self.assertIn("Please enter a host and a nickname.", self.shown())
        self.form = self.form_for(Address("localhost", nick="luca"))
        self.form.port.set_edit_text("99999")
        self.press("enter")
        self.assertIn("A port is a number from 1 to", self.shown())
        self.form = self.form_for(Address("local host", nick="luca"))
        self.press("enter")
        self.assertIn("it contains spaces", self.shown())
        self.assertEqual([], self.submitted)

    def test_trouble(self) -> None:
        """Why the last try failed stands in it."""
        self.form.refuse("Nobody serves there.")
        self.assertIn("Nobody serves there.", self.shown())

    def test_leaving(self) -> None:
        """Esc is no address."""
        self.press("esc", "ctrl c")
        self.assertEqual((2, []), (self.left, self.submitted))

    def test_button(self) -> None:
        """It can be reached and pressed as well."""
        self.press("shift tab", "shift tab", "shift tab", " ")
        self.assertEqual(1, len(self.submitted))
