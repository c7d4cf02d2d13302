"""
Nothing that a server sends can do more to a terminal than be read.
"""

from __future__ import annotations

import pyte
import urwid
from hypothesis import example, given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatroom.client.clean import name, safe, safe_lines

NASTY = st.text(
    st.characters() | st.sampled_from("\x1b\x9b\x07\x08\r\n\t\x00\x7f\u202e\u2028\u2066\u0301[]0123456789;mHJKc")
)


class SafeTests(SynchronousTestCase):
    """The last place before a terminal."""

    def test_ordinary_text_stays(self) -> None:
        """Whatever language it is in, and emoji made of several characters."""
        for text in ("hello", "naïve café", "日本語", "नमस्ते", "שלום", "👩‍👩‍👧 ❤️", "e\u0301"):
            self.assertEqual(text, safe(text))

    def test_new_emoji_stay(self) -> None:
        """
        What Unicode keeps for emoji is shown, though this Python may not know it yet; other places that are not
        assigned are not. An emoji takes two columns, of however many characters it is made.
        """
        for emoji in ("\U0001fae8", "\U0001fae9", "\U0001fabe", "\U0001fac6", "\U0001f6d8", "\U0001f44d\U0001f3fd",
                      "\U0001f469\u200d\U0001f469\u200d\U0001f467", "\U0001f1eb\U0001f1f7", "\u2764\ufe0f",
                      "1\ufe0f\u20e3", "\U0001fae8\U0001f3fd", "\U0001f469\u200d\U0001f9b0"):  # fmt: skip
            self.assertEqual(emoji, safe(emoji))
            self.assertEqual(2, urwid.calc_width(emoji, 0, len(emoji)), ascii(emoji))
        for reserved in ("\U0001faff", "\U0001fc00", "\U0001fffd"):
            self.assertEqual(reserved, safe(reserved))
        for other in ("\U0001fffe", "\U0001fbff", "\u0378", "\U000e0fff", "\U0010ffff"):
            self.assertEqual("", safe(other), ascii(other))

    def test_what_harms_goes(self) -> None:
        """Escape sequences, line ends, directions of writing and halves of characters."""
        self.assertEqual("[2Jcleared", safe("\x1b[2Jcleared"))
        self.assertEqual("2Jcleared", safe("\x9b2Jcleared"))
        self.assertEqual("onetwo", safe("one\r\ntwo"))
        self.assertEqual("abc", safe("a\u202eb\u2066c"))
        self.assertEqual("x", safe("\ud800x\u2028"))
        self.assertEqual("a    b", safe("a\tb"))

    def test_towers_are_cut(self) -> None:
        """Marks piled on a letter do not reach the lines above."""
        self.assertEqual("a" + "\u0301" * 4, safe("a" + "\u0301" * 500))
        self.assertEqual("a" + "\U0001d165" * 4, safe("a" + "\U0001d165" * 500))  # a mark, and no nonspacing one

    def test_lines(self) -> None:
        """A message keeps its own lines, and they are clean."""
        self.assertEqual("one\ntwo", safe_lines("one\x1b\ntwo\r"))

    def test_names(self) -> None:
        """A name has letters, digits in it, and is never nothing."""
        self.assertEqual("bob", name("b o\x1bb\n"))
        self.assertEqual("?", name("\u200e \x1b"))

    @given(NASTY)
    @example("\x1b[31mred\x1b]0;title\x07")
    def test_a_terminal_stays_as_it_was(self, text: str) -> None:
        """Whatever comes is text on the line where it is put: the cursor only moves on, nothing is set."""
        screen = pyte.Screen(400, 5)
        stream = pyte.Stream(screen)
        before = screen.cursor.attrs, set(screen.mode), screen.title
        stream.feed(safe(text)[:100])
        self.assertEqual(0, screen.cursor.y)
        self.assertEqual(before, (screen.cursor.attrs, set(screen.mode), screen.title))
        self.assertEqual([" " * 400] * 4, screen.display[1:])
