"""
Addresses of the web in texts.
"""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatroom.client.links import links

CATEGORY = unicodedata.category

VECTORS = Path(__file__).parent.parent / "vectors" / "links.json"

ANY = st.text(st.characters() | st.sampled_from("htps:/.,()[]（）「」。…'\"<>@#?-\u200b\u202e 次a1"), max_size=40)


class LinkTests(SynchronousTestCase):
    """Where they begin and end."""

    def test_every_vector(self) -> None:
        """The client finds what tests/vectors/links.json lists, and nothing else."""
        cases = json.loads(VECTORS.read_text(encoding="utf-8"))["cases"]
        self.assertGreater(len(cases), 300)
        for case in cases:
            text = case["text"]
            self.assertEqual(case["links"], [text[start:end] for start, end in links(text)], case)

    @given(ANY, ANY)
    def test_any_text(self, before: str, behind: str) -> None:
        """A link is an http or https address without blanks, is found again by itself, and none overlaps another."""
        text, at = f"{before}https://example.org/{behind}", 0
        for start, end in links(text):
            link = text[start:end]
            self.assertLessEqual(at, start)
            self.assertRegex(link, r"(?i)^https?://[^\s<>\"`]+$")
            self.assertEqual([(0, len(link))], links(link))
            at = end

    @given(st.sampled_from("（「『【(["), ANY)
    def test_brackets(self, bracket: str, behind: str) -> None:
        """A bracket before an address is never taken for one of its own."""
        for start, _ in links(f"{bracket}https://example.org/{behind}"):
            self.assertGreaterEqual(start, 1)

    def test_work(self) -> None:
        """The longest message is gone through a few times at most, whatever its shape."""
        for text in (
            "https://(" * 444, "https://x(" * 400, "https://" * 500, "https://" + "(" * 4000,
            "https://a.b/" + "()" * 2000, "https://a.b/(" + "." * 4000, "https://[" * 444, "https://@" * 444,
        ):  # fmt: skip
            looked_up: list[str] = []
            self.patch(unicodedata, "category", lambda c, looked_up=looked_up: looked_up.append(c) or CATEGORY(c))
            links(text)
            self.assertLess(len(looked_up), 10 * len(text) + 100, text[:12])
