"""
Search finds on PostgreSQL what the definition of words says, which is what it finds on SQLite.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatroom.backends.words import SearchTerms
from tests.backends.postgres.on_one_database import OnOneDatabase
from tests.backends.verbs import said

TEXTS = (
    "green tea", "Grüner Tee", "GREEN teapot", "it's tea", "it is tea", "tea green",
    "緑茶をください", "茶", "日本茶 と tea", "שָׁלוֹם עולם", "CAFÉ crème", "cafe creme", "naïve naive",
    "안녕하세요 여러분", "ไทยแลนด์", "☕ coffee ☕", "a.b.c", "a b c", ":-) smile", "100% sure",
    "_under_score_", "x" * 3000, "x" * 2999, "tea " * 400 + "end of tea", "'quoted' \"twice\"",
    "back\\slash", "İstanbul ipek", "straße STRASSE", "e\u0301te\u0301 été", "1,000.5",
    "C++ and C#", "tab\tand\nline",
)  # fmt: skip

WANTED = (
    "tea", "TEA", "green tea", "tea green", "tee", "it's", "it s", "茶", "緑茶", "本茶", "茶を", "שלום",
    "cafe", "crème", "naive", "안녕", "하세", "ไทย", "☕", "coffee ☕", "a.b", "b c", ":-)", "100%", "%",
    "under", "score", "x" * 3000, "x" * 2999, "x" * 200, "end of tea", "tea end", "'",
    "quoted twice", "\\", "ipek", "istanbul", "strasse", "ete", "1,000", "c++", "and c", "line",
    "nothing", "", "' OR 1=1 --", "!", "tea|coffee", "te",
)  # fmt: skip


class SearchTests(OnOneDatabase, SynchronousTestCase):
    """Many texts, many words."""

    def test_as_the_words_say(self) -> None:
        """Each search, by one word and by two, finds the lines that have it, newest first, and no others."""
        self.keep(*(said(text) for text in TEXTS))
        for first in WANTED:
            for words in ((first,), (first, "tea")):
                terms = SearchTerms(words)
                expected = [text for text in reversed(TEXTS) if not terms.nothing() and terms.is_in(text)]
                self.assertEqual(expected, self.texts(*words), words)
