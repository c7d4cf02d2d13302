"""
What a word is, for search.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatroom.backends.words import SearchTerms, words_in

TEXTS = st.text(
    st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from("aA éÉß.'-世界カがﾃ🎉❤\ufe0fสวัकि한"))
)


class WordsTests(SynchronousTestCase):
    """How a text is taken apart."""

    def assert_words(self, text: str, *words: str) -> None:
        """These and no others."""
        self.assertEqual(list(words), words_in(text))

    def test_plain_words(self) -> None:
        """Letters and digits in small letters; signs only part them."""
        self.assert_words("Hello, it's C++ at 10:30!", "hello", "it", "s", "c", "at", "10", "30")
        self.assert_words("snake_case", "snake", "case")
        self.assert_words("")
        self.assert_words(" ... ")

    def test_accents_and_width(self) -> None:
        """They do not count, nor do ligatures and the two ways to write an accent."""
        self.assert_words("Crème BRÛLÉE", "creme", "brulee")
        self.assert_words("e\u0301te\u0301", "ete")
        self.assert_words("ＡＢＣ ﬁne", "abc", "fine")
        self.assert_words("Straße İzmir ΟΔΟΣ", "strasse", "izmir", "οδοσ")

    def test_points_and_vowels(self) -> None:
        """Where a script writes them only for learners, they do not count; nor does a line that fills a row."""
        self.assert_words("שָׁלוֹם", "שלום")
        self.assert_words("مُحَمَّدٌ أحمد محـــمد", "محمد", "احمد", "محمد")
        self.assert_words("ไม่", *words_in("ไม"))
        self.assert_words("क़लम", "कलम")

    def test_letters_with_a_stroke(self) -> None:
        """They are found by the plain letter, as are those that Turkish has without a dot."""
        self.assert_words("Łódź Ærø ışık IŞIK", "lodz", "aero", "isik", "isik")

    def test_marks_that_are_letters(self) -> None:
        """In Hindi they belong to the word."""
        self.assert_words("हिन्दी में", "हिन्दी", "में")

    def test_scripts_without_spaces(self) -> None:
        """Each character is a word."""
        self.assert_words("世界 hello世", "世", "界", "hello", "世")
        self.assert_words("がﾃ", "が", "テ")
        self.assert_words("한국", "한", "국")

    def test_marks_without_end(self) -> None:
        """A letter with thousands of marks, which is dear to normalise, is the letter with some of them."""
        for mark in ("\u0301", "\u0323\u0301", "\U0001d165\U0001d16d"):
            few, many = (f"tea a{mark * number} tea" for number in (15 if len(mark) == 2 else 30, 5000))
            self.assertEqual(words_in(few), words_in(many))

    def test_emoji(self) -> None:
        """Each is a word, whatever stands beside it; the invisible parts of it are not."""
        self.assert_words("great🎉🎉❤\ufe0f!", "great", "🎉", "🎉", "❤")

    @given(TEXTS)
    def test_words_are_words(self, text: str) -> None:
        """Whatever the text, taking its words apart again changes nothing."""
        words = words_in(text)
        self.assertNotIn("", words)
        self.assertEqual(words, words_in(" ".join(words)))


class WantedTests(SynchronousTestCase):
    """What is found."""

    @given(TEXTS)
    def test_text_finds_itself(self, text: str) -> None:
        """Whoever searches for the words of a line finds that line."""
        self.assertTrue(SearchTerms(text.split()).is_in(text))

    @given(st.lists(TEXTS, max_size=5), TEXTS)
    def test_database_agrees(self, lines: Sequence[str], text: str) -> None:
        """FTS5 with its ascii tokenizer finds what we say is to be found, and nothing else."""
        wanted = SearchTerms(text.split())
        if not wanted.phrases:
            return
        database = sqlite3.connect(":memory:")
        database.execute(
            "CREATE VIRTUAL TABLE word USING fts5 (text, content = '', columnsize = 0, tokenize = 'ascii')"
        )
        for number, line in enumerate(lines):
            indexed = line if line.isascii() and "\0" not in line else " ".join(words_in(line))
            database.execute("INSERT INTO word (rowid, text) VALUES (?, ?)", (number, indexed))
        match = " AND ".join(f'"{phrase}"' for phrase in wanted.phrases)
        found = database.execute("SELECT rowid FROM word WHERE word MATCH ? ORDER BY rowid", (match,)).fetchall()
        database.close()
        phrases_only = SearchTerms(wanted.phrases)
        self.assertEqual([n for n, line in enumerate(lines) if phrases_only.is_in(line)], [row for (row,) in found])
