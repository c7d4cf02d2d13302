"""
docs/broken-plugins.csv: every way in which a plugin can be broken has a row, and a test that holds what the row says.
"""

from __future__ import annotations

import csv
import inspect
import re
from pathlib import Path

from twisted.python.reflect import namedAny
from twisted.trial.runner import TestLoader
from twisted.trial.unittest import SynchronousTestCase

DOCS = Path(__file__).resolve().parent.parent.parent / "docs"

WAYS = (
    "syntax", "import", "attribute that is missing", "wrong arguments", "word that another", "no instance",
    "never returns", "blocks", "fails", "too much", "forged event", "wrong type", "filter that returns",
    "service that never starts", "service that fails", "never stops", "check that", "page that",
)  # fmt: skip
"""What must not be missing."""


class BrokenPluginsTests(SynchronousTestCase):
    """The table that docs/plugins.rst shows."""

    def setUp(self) -> None:
        with (DOCS / "broken-plugins.csv").open(encoding="utf-8", newline="") as file:
            self.head, *self.rows = csv.reader(file)

    def test_it_is_in_the_guide(self) -> None:
        """Sphinx is told to show it, and every row is whole."""
        self.assertIn(":file: broken-plugins.csv", (DOCS / "plugins.rst").read_text(encoding="utf-8"))
        self.assertEqual({len(self.head)}, {len(row) for row in self.rows})

    def test_no_way_is_missing(self) -> None:
        """Each way in which a plugin can be broken has a row."""
        for way in WAYS:
            self.assertTrue(any(way in row[0] for row in self.rows), way)

    def test_each_row_is_proved(self) -> None:
        """The tests that a row names are there, and expect the very words that the row quotes."""
        loader = TestLoader()
        for row in self.rows:
            sources = []
            for name in row[3].split(", "):
                suite = loader.loadByName(f"tests.{name}")
                self.assertEqual(1, suite.countTestCases(), name)
                sources.append(inspect.getsource(namedAny(f"tests.{name}")))
            for words in re.findall(r"``([^`]+)``", row[2]):
                self.assertIn(words, "".join(sources), row[0])
