"""
Who is called by a text, in the scripts of the world.
"""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatroom.client.mentions import called, calls

CATEGORY = unicodedata.category

VECTORS = Path(__file__).parent.parent / "vectors" / "mentions.json"

NICKS = st.sampled_from(["jose", "jose-marie", "太郎", "राम", "สมชาย", "علي", "İpek", "지수", "straße", "bob2"])
ANY = st.text(st.characters() | st.sampled_from("jose太郎रामสมชาย._-'’@: 2\u0301\u200d\u200c\u200b\ufe0f\u1039\u17d2"))


class MentionTests(SynchronousTestCase):
    """Names in texts."""

    def test_every_vector(self) -> None:
        """The client finds what tests/vectors/mentions.json lists, and nothing else."""
        cases = json.loads(VECTORS.read_text(encoding="utf-8"))["cases"]
        self.assertGreater(len(cases), 200)
        for case in cases:
            text = case["text"]
            found = [text[start:end] for start, end in called(text, case["nick"])]
            self.assertEqual(case["calls"], found, case)

    @given(NICKS, ANY, ANY)
    def test_blanks_make_a_word(self, nick: str, before: str, behind: str) -> None:
        """A nickname between blanks is called, whatever else a text holds."""
        self.assertTrue(calls(f"{before} {nick} {behind}", nick))

    @given(NICKS, ANY)
    def test_places(self, nick: str, text: str) -> None:
        """The places are in order and apart from one another, and no mark is parted from its character."""
        at = 0
        for start, end in called(text, nick):
            self.assertLessEqual(at, start)
            self.assertLess(start, end)
            self.assertLessEqual(end, len(text))
            self.assertFalse(end < len(text) and unicodedata.category(text[end]) in ("Mn", "Mc", "Me"))
            at = end

    def test_work(self) -> None:
        """The longest message is gone through once, whatever its shape."""
        for text, nick in (
            ("a" + "\u0301" * 4000, "a"), ("ab" * 2000, "abab"), ("é." * 2000, "é"), ("é" * 4000, "é"),
            ("\u1112\u1161" * 2000, "하"), ("က\u1039" * 2000, "က"), ("'" * 4000, "e"), ("太" * 4000, "太太"),
        ):  # fmt: skip
            looked_up: list[str] = []
            self.patch(unicodedata, "category", lambda c, looked_up=looked_up: looked_up.append(c) or CATEGORY(c))
            called(text, nick)
            self.assertLess(len(looked_up), 6 * len(text) + 100, text[:4])
