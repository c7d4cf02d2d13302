"""
The transcripts that users are shown: they are what a real daemon does.
"""

from __future__ import annotations

import re

from twisted.trial.unittest import SynchronousTestCase

from tests.e2e.daemon import ROOT
from tests.e2e.people import need
from tests.e2e.transcript import difference, transcript, written


class TranscriptTests(SynchronousTestCase):
    """docs/transcript.txt and what README.rst quotes of it."""

    def test_documented_is_what_happens(self) -> None:
        """
        Playing the scene again gives what is in the file. If it should say something else now:
        C{python -m tests.e2e.transcript} writes it anew.
        """
        need("nc", "telnet")
        self.assertEqual("", difference(transcript(written())))

    def test_readme_quotes_it(self) -> None:
        """Every line of the README's transcript stands in the long one, in the same order."""
        text = (ROOT / "README.rst").read_text(encoding="utf-8")
        block = re.search(r"::\n\n((?:    .+\n)+)", text.split("What it looks like")[1])
        assert block is not None
        quoted = [line.strip() for line in block[1].splitlines() if line.strip() != "..."]
        self.assertGreater(len(quoted), 10)
        lines = iter(written().splitlines())
        for line in quoted:
            self.assertIn(line, lines, f"{line!r} is not, or not in this order, in docs/transcript.txt")
