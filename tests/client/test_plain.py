"""
The plain mode: what is written to a terminal, one line below the other.
"""

from __future__ import annotations

from pathlib import Path

import pyte
from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatroom.client.display import Status
from chatroom.client.keys import Keys
from chatroom.client.url import Address
from chatroom.client.visit_plain import ask_where
from chatroom.testing import Server
from tests.client.visitors import PlainVisitor


class PlainCase(SynchronousTestCase):
    """A server with bob in it, who uses nc, and luca, who has the client in its plain mode."""

    def setUp(self) -> None:
        self.server = Server()
        self.bob = self.server.guest("bob")
        self.luca = PlainVisitor(self.server, "luca", Path(self.mktemp())).comes()
        self.bob.reads()

    def sees(self) -> list[str]:
        """What stands in the terminal, down to the line being typed."""
        self.luca.street.settle()
        screen = pyte.Screen(self.luca.columns, 200)
        screen.set_mode(pyte.modes.LNM)
        pyte.Stream(screen).feed(self.luca.written)
        rows = [row.rstrip() for row in screen.display]
        return rows[: screen.cursor.y + 1]


class ReadingTests(PlainCase):
    """Lines, each written once."""

    def test_comes_in(self) -> None:
        """It is registered, and has a prompt below what it is told."""
        rows = self.sees()
        self.assertEqual("Registration successful. You are luca.", rows[0])
        self.assertEqual(">", rows[-1])

    def test_talk(self) -> None:
        """As nc shows it; our own line takes the place of what was typed, when it is kept."""
        self.luca.types("hello bob")
        self.bob.types("hi luca", "/me waves")
        self.bob.types("@luca psst")
        self.assertEqual(
            ["<luca> hello bob", "<bob> hi luca", "* bob waves", "[bob whispers] psst", ">"], self.sees()[-5:]
        )
        self.assertEqual(["<luca> hello bob", "Whispered to luca."], self.bob.reads())
        self.assertEqual(2, self.luca.written.count("\a"))

    def test_long_lines(self) -> None:
        """They are broken at the terminal's width, with an indent: no row begins with what another seems to say."""
        self.bob.types("hi" + " " * 80 + "<luca> I quit.", "x" * 79 + "<luca> I quit.", "word " * 60)
        rows = self.sees()
        self.assertEqual([], [row for row in rows if row.startswith(("<luca>", "word"))])
        self.assertEqual([], [row for row in rows if len(row) >= 80])
        self.assertIn("<bob> hi        <luca> I quit.", rows)

    def test_while_typing(self) -> None:
        """What comes is written above the line being typed, which stands below it as it was, with its cursor."""
        self.luca.presses(*"half a li", "left", "left")
        self.bob.types("look")
        self.assertEqual(["<bob> look", "> half a li"], self.sees()[-2:])
        self.luca.presses("X")
        self.assertEqual("> half a Xli", self.sees()[-1])

    def test_together(self) -> None:
        """Lines that come together are written together, with one prompt below them: nothing is read out twice."""
        self.luca.street.settle()
        before = len(self.luca.written)
        self.bob.types("one", "two", "three")
        self.luca.street.settle()
        self.assertEqual("\r\x1b[K<bob> one\n<bob> two\n<bob> three\n> ", self.luca.written[before:])

    def test_other_rooms(self) -> None:
        """Lines from elsewhere begin with their room; it is said which one is looked at."""
        self.bob.types("/create attic")
        self.luca.types("/join attic")
        self.assertIn("-- Now in attic.", self.sees())
        self.bob.types("/look lobby", "in the lobby")
        self.assertEqual("[lobby] <bob> in the lobby", self.sees()[-2])
        self.luca.presses("meta left")
        self.assertEqual("-- Now in lobby.", self.sees()[-2])
        self.server.open_topic()
        self.luca.types("/topic Tea")
        self.luca.types("/look attic", "/look lobby")
        self.assertEqual("-- Now in lobby. Tea", self.sees()[-2])

    def test_inbox_once(self) -> None:
        """Whispers that waited are written once."""
        self.server.account("carol").types("/quit")
        self.bob.types("@carol are you there?")
        carol = PlainVisitor(self.server, "carol", Path(self.mktemp()), password="correct horse battery").comes()
        carol.types("/inbox")
        self.assertEqual(1, carol.written.count("are you there?"))

    def test_only_the_line_itself(self) -> None:
        """Of a terminal it asks for no more than to clear the line one is in: nothing above is ever touched."""
        self.luca.types("hello", "/help", "/signup")
        self.bob.types("x" * 300, "日本語 " * 40)
        self.luca.street.settle()
        bare = self.luca.written.replace("\r\x1b[K", "")
        self.assertNotIn("\x1b", bare)
        self.assertNotIn("\r", bare)


class TypingTests(PlainCase):
    """The line being typed."""

    def test_secrets_are_not_shown(self) -> None:
        """A secret is not shown, and neither is its length: a screen reader would read it out."""
        self.luca.types("/signup")
        self.luca.presses(*"correct horse")
        self.assertEqual("Password for /signup:", self.sees()[-1])
        self.luca.presses("enter")
        self.luca.types("correct horse")
        self.assertIn("luca is now your account; its password is asked for from now on.", self.sees())
        self.assertNotIn("correct", self.luca.written)

    def test_longer_than_the_terminal(self) -> None:
        """The part around the cursor is shown, in one row."""
        self.luca.columns = 20
        self.luca.presses(*"abcdefghijklmnopqrstuvwxyz")
        self.assertEqual("> klmnopqrstuvwxyz", self.sees()[-1])
        self.luca.presses("home")
        self.assertTrue(self.sees()[-1].startswith("> abcdefghij"))

    @settings(deadline=None, max_examples=50)
    @given(st.text("abc \u65e5\u672c\U0001f389", max_size=60), st.integers(0, 60), st.integers(12, 40))
    def test_one_row_and_the_cursor_in_it(self, text: str, left: int, columns: int) -> None:
        """Whatever is typed, and wherever the cursor is, it takes one row, and the cursor is where one types next."""
        self.luca.columns = columns
        self.luca.plain.editor.set_edit_text(text)
        self.luca.plain.editor.set_edit_pos(max(0, len(text) - left))
        place = self.luca.plain.editor.edit_pos
        screen = pyte.Screen(columns, 3)
        pyte.Stream(screen).feed(self.luca.plain._typed())
        self.assertEqual(0, screen.cursor.y)
        before = screen.buffer[0][screen.cursor.x - 1].data or screen.buffer[0][screen.cursor.x - 2].data
        if place:
            self.assertEqual(text[place - 1], before)

    def test_several_lines(self) -> None:
        """They stand in one row while they are typed, and are sent as they are."""
        self.luca.presses("begin paste", *"one", "enter", *"two", "end paste")
        self.assertEqual("> one\u21b5two", self.sees()[-1])
        self.luca.presses("enter")
        self.assertEqual(["<luca> one", "<luca> two"], self.bob.reads())

    def test_who_will_read_it(self) -> None:
        """While a line is typed that would be a whisper, it begins with who alone will read it."""
        self.luca.presses(*"@bob is it")
        self.assertEqual("Only bob will read this > @bob is it", self.sees()[-1])
        self.luca.presses("ctrl u", *"bob: is it")
        self.assertEqual("> bob: is it", self.sees()[-1])

    def test_pasted_keys_are_no_keys(self) -> None:
        """A control character in a pasted text does not leave."""
        self.luca.presses("begin paste", "ctrl d", "meta left", "end paste")
        self.assertIsNone(self.luca.ended)

    def test_leaving(self) -> None:
        """By Ctrl+D twice on an empty line, or as everywhere; the first one asks."""
        self.luca.presses(*"x", "ctrl d")
        self.assertIsNone(self.luca.ended)
        self.luca.presses("backspace", "ctrl d")
        self.assertIsNone(self.luca.ended)
        self.assertIn("-- Press Ctrl+D again to quit.", self.sees())
        self.luca.presses("x", "backspace", "ctrl d")
        self.assertIsNone(self.luca.ended, "it is asked anew after another key")
        self.luca.presses("ctrl d")
        self.server.settle()
        self.assertEqual((Status.OK, ""), self.luca.ended)


class KeysTests(SynchronousTestCase):
    """What a terminal sends, as keys."""

    def test_keys(self) -> None:
        """Letters of every language, arrows, control, meta, and the marks around pasted text."""
        data = "aé日\x1b[A\x1b[1;3D\x01\x7f\r\x1b[200~x\x1b[201~".encode()
        self.assertEqual(
            ["a", "é", "日", "up", "meta left", "ctrl a", "backspace", "enter", "begin paste", "x", "end paste"],
            Keys().feed(data),
        )

    @given(st.integers(1, 20))
    def test_in_pieces(self, size: int) -> None:
        """However they come."""
        data = "é日\x1b[A🎉\x1b[200~x\x1b[201~".encode()
        keys, found = Keys(), []
        for at in range(0, len(data), size):
            found += keys.feed(data[at : at + size])
        self.assertEqual(["é", "日", "up", "🎉", "begin paste", "x", "end paste"], found)


class AskTests(SynchronousTestCase):
    """The form, question by question."""

    def answers(self, *typed: str, before: Address | None = None) -> tuple[Address, str]:
        """What is asked for, if this is typed."""
        rest = iter(typed)
        self.asked: list[str] = []

        def ask(question: str) -> str:
            self.asked.append(question)
            return next(rest)

        return ask_where(before or Address("localhost"), ask, ask)

    def test_as_it_was(self) -> None:
        """Where nothing is typed, what was used last is meant."""
        before = Address("chat.example.org", 6000, False, "luca")
        self.assertEqual((before, ""), self.answers("", "", "", "", "", before=before))
        self.assertIn("[chat.example.org]", self.asked[0])

    def test_something_else(self) -> None:
        """With TLS, the port offered is the usual one for it."""
        found, password = self.answers("::1", "yes", "", "luca", "pass word")
        self.assertEqual((Address("::1", 64701, True, "luca"), "pass word"), (found, password))

    def test_again(self) -> None:
        """What makes no sense is asked again."""
        found, _ = self.answers("localhost", "", "lots", "luca", "localhost", "", "7", "luca", "")
        self.assertEqual(Address("localhost", 7, False, "luca"), found)

    def test_addresses(self) -> None:
        """Brackets, a zone and a port are understood; a port in digits of another script is asked again."""
        for typed, host, port in (("[::1]", "::1", 64700), ("fe80::1%lo", "fe80::1%lo", 64700), ("[::1]:7", "::1", 7)):
            found, _ = self.answers(typed, "", "", "luca", "")
            self.assertEqual(Address(host, port, False, "luca"), found)
        found, _ = self.answers("localhost", "", "\u0663", "luca", "localhost", "", "7", "luca", "")
        self.assertEqual(7, found.port)
