"""
Text for standard streams that cannot take all of it.
"""

from __future__ import annotations

import io
import json
import sys

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatroom.streams import decoded, forgive

ANY = st.text(st.characters(categories=None))  # halves of characters as well
ENCODINGS = st.sampled_from(["ascii", "iso-8859-1", "iso-8859-15", "koi8-r", "cp1252", "shift_jis", "utf-8"])


class StreamTests(SynchronousTestCase):
    """Standard output in every locale."""

    def written(self, text: str, encoding: str, as_json: bool = False) -> str:
        """What arrives of a text."""
        output = io.TextIOWrapper(io.BytesIO(), encoding=encoding, newline="")
        self.patch(sys, "stdout", output)
        forgive(json=as_json)
        output.write(text)
        output.flush()
        made: bytes = output.buffer.getvalue()
        return made.decode("utf-8" if as_json else encoding)

    def test_an_emoji(self) -> None:
        """It is replaced where an encoding does not have it, and stays where it does."""
        self.assertEqual("na\u00efve ? tea", self.written("na\u00efve \U0001f389 tea", "iso-8859-1"))
        self.assertEqual("na?ve ? tea", self.written("na\u00efve \U0001f389 tea", "ascii"))
        self.assertEqual("na\u00efve \U0001f389 tea", self.written("na\u00efve \U0001f389 tea", "utf-8"))

    @given(ANY, ENCODINGS)
    def test_any_text(self, text: str, encoding: str) -> None:
        """No text is refused, and as many lines arrive as were written."""
        made = self.written(text, encoding)
        self.assertEqual(text.count("\n"), made.count("\n"))

    @given(ANY, ENCODINGS)
    def test_json(self, text: str, encoding: str) -> None:
        """JSON arrives as JSON in UTF-8 of the same value: nothing of it is lost."""
        made = self.written(json.dumps([text], ensure_ascii=False), encoding, as_json=True)
        self.assertEqual([text], json.loads(made))

    def test_decoded(self) -> None:
        """UTF-8 is read as such in every locale; what is none is read all the same."""
        self.assertEqual("\u00e9\U0001f389", decoded("\u00e9\U0001f389".encode()))
        self.assertEqual(3, len(decoded(b"a\xe9b")))
