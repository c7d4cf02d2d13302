"""
Keys that make no text: what a line means does not depend on them.
"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatroom.doors.line.typed_keys import has_keys, typed
from chatroom.testing import Server

UNSEEN = (
    "\x0c", "\x00", "\x1b", "\x1b[A", "\x1b[1;5C", "\x1bOP", "\ufeff", "\u200b", "\u202e", "\x85", "\u2028", "x\x7f",
)  # fmt: skip
"""Ctrl+L, NUL, Esc, arrows, a byte order mark and the like; and something typed and erased."""


class TypedTests(SynchronousTestCase):
    """A line as its author has it in mind."""

    def assert_typed(self, expected: str, line: str) -> None:
        """This is what is left of the line."""
        self.assertTrue(has_keys(line), repr(line))
        self.assertEqual(expected, typed(line), repr(line))

    def test_what_cannot_be_seen_before_a_line(self) -> None:
        """It is nothing, so the line begins behind it."""
        for unseen in UNSEEN:
            self.assert_typed("/who", f"{unseen}/who")

    def test_erasing(self) -> None:
        """Terminals that send each key as it is pressed send the one that erases as well: either of two characters."""
        self.assert_typed("hello", "hek\x7fllp\bo")
        self.assert_typed("hi", "\x7f\x7fab\x7f\x7f\x7fhi")
        self.assert_typed("é!", "éé\x7f!")

    def test_erasing_what_is_seen_as_one(self) -> None:
        """One key erases a letter with its marks, and an emoji with all that it is made of."""
        ones = (
            "e\u0301", "\u0928\u093f", "\U0001f44d\U0001f3fd", "\u263a\ufe0f", "1\ufe0f\u20e3",
            "\U0001f469\u200d\U0001f469\u200d\U0001f467", "\U0001f1e9\U0001f1ea", "\u1112\u1161\u11ab",
            "\U0001f3f4\U000e0067\U000e0062\U000e007f",
        )  # fmt: skip
        for one in ones:
            self.assert_typed("ab", f"a{one}\x7fb")
            self.assert_typed(f"a{one}b", f"a{one}{one}\bb")
        self.assert_typed("\U0001f1e9\U0001f1eax", "\U0001f1e9\U0001f1ea\U0001f1eb\U0001f1f7\x7fx")

    def test_erasing_words_and_lines(self) -> None:
        """Ctrl+W erases the last word, Ctrl+U and Ctrl+C all there is."""
        self.assert_typed("one three", "one two  \x17three")
        self.assert_typed("three", "one\u3000two\x17\x17\x17three")
        self.assert_typed("right", "wrong\x15right")
        self.assert_typed("right", "/login ann pw\x03right")
        self.assert_typed("", "wrong\x15")
        self.assert_typed("@bob psst", "hello\x15@bob psst")

    def test_arrows(self) -> None:
        """They move nothing here, and leave nothing behind."""
        self.assert_typed("hello", "hel\x1b[D\x1b[Clo\x1bOA")

    def test_ordinary_lines(self) -> None:
        """Most are not even looked at twice."""
        for line in ("", "hello", "/who", "@bob psst", " indented", "héllo 🎉", "👩\u200d👩\u200d👧", "Şükrü", "נָא"):
            self.assertFalse(has_keys(line), repr(line))

    @given(st.text(st.sampled_from("ab/@\t \0\b\x7f\x15\x17\x03\x1b[AO\x0c\ufeff\u0301\u200d\U0001f469\U0001f1e9")))
    def test_whatever_is_typed(self, line: str) -> None:
        """It is made shorter or left, and looking again finds nothing to erase and nothing unseen in front."""
        left = typed(line)
        self.assertLessEqual(len(left), len(line))
        for key in "\b\x7f\x03\x15\x17\0":
            self.assertNotIn(key, left)
        self.assertTrue(left[:1] in ("", "\t") or left[0].isprintable(), repr(left))
        if not has_keys(line):
            self.assertEqual(line, left)


class MeaningTests(SynchronousTestCase):
    """What is meant for one person, or for the server, is not said to the room."""

    def setUp(self) -> None:
        self.server = Server()
        self.alice, self.bob, self.eve = (self.server.guest(nick) for nick in ("alice", "bob", "eve"))
        for guest in (self.alice, self.bob, self.eve):
            guest.reads()

    def test_whispers(self) -> None:
        """Somebody cleared the screen with Ctrl+L, or pressed an arrow, before typing one."""
        for unseen in UNSEEN:
            self.alice.types(f"{unseen}@bob psst")
            self.assertEqual(["[alice whispers] psst"], self.bob.reads(), repr(unseen))
            self.assertEqual([], self.eve.reads(), repr(unseen))

    def test_commands_with_passwords(self) -> None:
        """No password is read by others because of a key that nobody saw."""
        for unseen in UNSEEN:
            self.alice.types(f"{unseen}/login bob secret", f"{unseen}/passwrd secret")
            self.assertEqual([], self.bob.reads(), repr(unseen))

    def test_nickname(self) -> None:
        """A script from elsewhere begins with a byte order mark."""
        dora = self.server.connection()
        dora.types("\ufeffdota\x7f\x7fra")
        self.assertIn("You are dora.", "\n".join(dora.reads()))

    def test_passwords(self) -> None:
        """They are erased as they are typed, too."""
        self.alice.types("/signup", "correct horsd\x7fe", "correct horse", "QUIT")
        again = self.server.connection()
        again.types("/login alice correct horse")
        self.assertIn("Logged in as", "\n".join(again.reads()))

    def test_quit(self) -> None:
        """It leaves, whatever stands before it."""
        self.alice.types("\x1b[AQUIT")
        self.assertTrue(self.alice.is_disconnected())
