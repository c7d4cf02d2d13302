"""
Words in quotes.
"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatroom.quoting import MOST_WORDS, joined, split_quoted, words


class QuotingTests(SynchronousTestCase):
    """What people type."""

    def test_words(self) -> None:
        """A quote joins what is in it, whatever keyboard made it; an apostrophe and an inch are letters."""
        for typed, meant in {
            "": [],
            "  tea   coffee ": ["tea", "coffee"],
            '"Tea or coffee?" tea "black coffee"': ["Tea or coffee?", "tea", "black coffee"],
            "\u201cTea or coffee?\u201d \u201eschwarzer Tee\u201c \u00abcafé noir\u00bb": [
                "Tea or coffee?",
                "schwarzer Tee",
                "café noir",
            ],
            "don't 5\" x": ["don't", '5"', "x"],
            r'"say \"hi\"" a\b "c:\\dir"': ['say "hi"', r"a\b", r"c:\dir"],
            '"" a': ["", "a"],
            '"a"b c': ["a", "b", "c"],
            "tea\tcoffee\u3000milk": ["tea", "coffee", "milk"],
        }.items():
            self.assertEqual(meant, words(typed), typed)

    def test_first_word(self) -> None:
        """What stands behind the first word is left as it is."""
        self.assertEqual(("a b", '  c "d'), split_quoted(' "a b"  c "d'))

    def test_quote_that_is_not_closed(self) -> None:
        """It is named by how it goes on."""
        error = self.assertRaises(ValueError, words, 'tea "black coffee')
        self.assertEqual("the quote before 'black coffee' is not closed", str(error))

    def test_most_words(self) -> None:
        """A list has a bound, as commands do something with each word."""
        self.assertEqual(MOST_WORDS, len(words("x " * MOST_WORDS)))
        error = self.assertRaises(ValueError, words, "x " * (MOST_WORDS + 1))
        self.assertEqual("there are more than 100 words", str(error))

    @given(st.lists(st.text(), max_size=MOST_WORDS))
    def test_there_and_back(self, parts: list[str]) -> None:
        """Whatever words a program sends, a command has the same ones."""
        self.assertEqual(parts, words(joined(parts)))

    @given(st.text())
    def test_any_text(self, typed: str) -> None:
        """Any text is taken apart or refused, and no letter is made up."""
        try:
            found = words(typed)
        except ValueError:
            return
        self.assertLessEqual(set("".join(found)), set(typed))
