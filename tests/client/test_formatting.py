"""
Formatting in texts: bold, italics, code, named links, emoji.
"""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatroom.client import formatting
from chatroom.client.emoji import EMOJI
from chatroom.client.formatting import BLOCK, CODE, MOST, WHERE, Span, spans
from chatroom.client.links import links
from tests.client.hostile_markup import HOSTILE
from tests.emoji import FILE, script

VECTORS = Path(__file__).parent.parent / "vectors" / "formatting.json"

PIECES = (
    "*",
    "**",
    "_",
    "~~",
    "`",
    "``",
    "```",
    "\n",
    " ",
    "a",
    "中",
    ":tada:",
    "\\",
    "[",
    "](",
    ")",
    "https://x.org/",
)
ANY = st.lists(st.sampled_from(PIECES) | st.characters(), max_size=40).map("".join)


class FormattingTests(SynchronousTestCase):
    """What is formatted, and what stays as it was typed."""

    def test_every_vector(self) -> None:
        """The client shows what tests/vectors/formatting.json lists, and nothing else."""
        cases = json.loads(VECTORS.read_text(encoding="utf-8"))["cases"]
        self.assertGreater(len(cases), 100)
        for case in cases:
            found = [[span.text, " ".join(sorted(span.styles)), span.link] for span in spans(case["text"])]
            self.assertEqual(case["spans"], found, case)

    @given(ANY)
    def test_only_signs_go(self, text: str) -> None:
        """All of a text is shown, in order, without signs, emoji names, languages and addresses behind names."""
        characters = {emoji: name for name, emoji in EMOJI.items()}
        rest = iter(text)
        for span in spans(text):
            if WHERE in span.styles:
                continue
            shown = span.text
            for emoji, name in characters.items():
                shown = shown.replace(emoji, f":{name}:") if f":{name}:" in text else shown
            for character in shown:
                self.assertIn(character, rest, (text, span))  # consumes the text up to it

    @given(ANY)
    def test_links_are_of_the_web(self, text: str) -> None:
        """Every link leads to an address that stands in the text as it is, by http or https."""
        for span in spans(text):
            if span.link:
                self.assertRegex(span.link, r"(?i)^https?://[^\s<>\"`]+$")
                self.assertIn(span.link, text)
                self.assertEqual([(0, len(span.link))], links(span.link))

    @given(ANY)
    def test_code_is_as_typed(self, text: str) -> None:
        """What is shown as code stands so in the text."""
        for span in spans(text):
            if span.styles & {CODE, BLOCK}:
                self.assertIn(span.text, text)

    def test_work(self) -> None:
        """The longest message is gone through a few times at most, whatever its shape."""
        category = unicodedata.category
        for text in HOSTILE:
            looked_up: list[str] = []
            self.patch(unicodedata, "category", lambda c, looked_up=looked_up: looked_up.append(c) or category(c))
            found = spans(text)
            self.assertLess(len(looked_up), 20 * len(text) + 100, text[:12])
            self.assertLessEqual(len(found), 2 * MOST + 1, text[:12])

    def test_pairs_are_found_once(self) -> None:
        """Each run of signs waits once and is given up once, also where none of them pairs."""
        given_up = []
        forget = formatting._forget

        def count(waiting: list[formatting._Run], places: dict[str, list[int]], first: int) -> None:
            given_up.extend(waiting[first:])
            forget(waiting, places, first)

        self.patch(formatting, "_forget", count)
        for text in HOSTILE:
            given_up.clear()
            spans(text)
            self.assertLessEqual(len(given_up), MOST, text[:12])

    def test_what_is_behind(self) -> None:
        """Behind so many pieces, a text is shown as it was typed, and none of it is lost."""
        found = spans("`a` " * 4000)
        self.assertEqual("a " * (MOST // 2) + "`a` " * (4000 - MOST // 2), "".join(span.text for span in found))


class EmojiTests(SynchronousTestCase):
    """The table of emoji."""

    def test_page_has_the_same(self) -> None:
        """The page's table is what C{python -m tests.emoji} makes of the client's."""
        self.assertEqual(script(), FILE.read_text(encoding="utf-8"))

    def test_names(self) -> None:
        """A name is short, of signs that people type; what it stands for is one emoji and no letter."""
        self.assertGreater(len(EMOJI), 300)
        for name, emoji in EMOJI.items():
            self.assertRegex(name, r"^[a-z0-9_+-]{1,24}$")
            self.assertEqual([Span(emoji)], spans(f":{name}:"))
            self.assertNotRegex(emoji, r"[\w\s]")

    def test_size(self) -> None:
        """The table is as small as the page can afford."""
        self.assertLess(len(FILE.read_bytes()), 8 * 1024)
