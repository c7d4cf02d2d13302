"""
docs/security.rst: what it promises about limits has the numbers of the code, and tests that exist.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any

from twisted.trial.runner import TestLoader
from twisted.trial.unittest import SynchronousTestCase

from chatroom.limits import each

DOCS = Path(__file__).resolve().parent.parent.parent / "docs"

MADE_WITHOUT_MALICE = {
    "audit_days", "history_days", "history_lines", "lease", "motd_bytes", "motd_lines", "page_lines",
    "password_length", "patience", "recent_lines", "session_days", "slow_seconds", "stop_time",
}  # fmt: skip
"""Limits that hold nobody who means harm: how much is kept or shown, and what a room's owner may ask for."""


class AbuseTableTests(SynchronousTestCase):
    """docs/abuse.csv."""

    def setUp(self) -> None:
        with (DOCS / "abuse.csv").open(encoding="utf-8", newline="") as file:
            self.head, *self.rows = csv.reader(file)

    def test_it_is_in_the_guide(self) -> None:
        """Sphinx is told to show it, and every row is whole."""
        self.assertIn(":file: abuse.csv", (DOCS / "security.rst").read_text(encoding="utf-8"))
        self.assertEqual({len(self.head)}, {len(row) for row in self.rows})

    def test_numbers_are_the_code_s(self) -> None:
        """Each limit that is named stands there with its default; and all that there are against abuse are named."""
        limits = {"--" + limit.name.replace("_", "-"): limit for limit in each()}
        named = set()
        for row in self.rows:
            found = re.findall(r"``(--[a-z0-9-]+)`` ([\d,]*\d|off)", row[1])
            self.assertEqual(row[1], ", ".join(f"``{option}`` {number}" for option, number in found))
            for option, number in found:
                limit = limits[option]
                self.assertEqual(shown(limit.default, limit.metadata["off"]), number, option)
                named.add(limit.name)
        missing = {limit.name for limit in each()} - named - MADE_WITHOUT_MALICE
        self.assertEqual(set(), missing, "Add a row to docs/abuse.csv for what this limit is against, and its test.")

    def test_each_row_is_proved(self) -> None:
        """The tests that a row names are there, and are tests."""
        loader = TestLoader()
        for row in self.rows:
            for name in row[3].split(", "):
                suite = loader.loadByName(f"tests.{name}")
                self.assertEqual([f"tests.{name}"], [test.id() for test in suite._tests] if hasattr(suite, "_tests")
                                 else [suite.id()])  # fmt: skip


def shown(default: Any, liftable: bool) -> str:
    """A default as the table writes it."""
    if default == 0 and liftable:
        return "off"
    return f"{int(default):,}" if default == int(default) else str(default)
