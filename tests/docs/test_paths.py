"""
The documentation names files of this repository: each is where it says.
"""

from __future__ import annotations

import re
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from tests.arrows import ROOT

NAMED = re.compile(r"``((?:chatroom|tests|docs|benchmarks|contrib|examples|fuzz|newsfragments)/[\w./-]*\w)/?``")
"""A path from the top of the repository, in double backquotes."""

MADE = {"docs/_build/html", "fuzz/findings/TARGET"}
"""What commands make."""


def named(text: str) -> set[str]:
    """The paths that a text names."""
    return set(NAMED.findall(text)) - MADE


class PathTests(SynchronousTestCase):
    """Paths in README, CONTRIBUTING, docs/ and docs/adr/."""

    def test_each_file_that_is_named_is_there(self) -> None:
        """Pages name no file that was moved or deleted."""
        pages = [ROOT / "README.rst", ROOT / "CONTRIBUTING.rst", *sorted((ROOT / "docs").rglob("*.rst"))]
        gone = {
            f"{page.relative_to(ROOT)}: {path}"
            for page in pages
            if "_build" not in page.parts
            for path in named(page.read_text(encoding="utf-8"))
            if not Path(ROOT, path).exists()
        }
        self.assertEqual(set(), gone)

    def test_what_is_taken_for_a_path(self) -> None:
        """A file or a folder from the top of the repository is, and a command or a path elsewhere is not."""
        self.assertEqual(
            {"chatroom/tap.py", "tests/e2e"}, named("``chatroom/tap.py``, ``tests/e2e/`` and ``/etc/chatroom``")
        )
