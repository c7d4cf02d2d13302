"""
docs/protocol.rst as several tests read it: its text, its examples, and which events it leaves out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.arrows import ROOT

PAGE = (ROOT / "docs" / "protocol.rst").read_text(encoding="utf-8")

NEVER_TOLD = frozenset(
    """
    arrived departed became session-revoked sanctioned pardoned expelled announced erased plugin-stored plugin-added
    account-changed tried acting
    """.split()
)
"""Kinds of events that pass between nodes only."""


def exchange() -> Iterator[tuple[str, str, str]]:
    """Every line of every example: who, C{<} or C{>}, what."""
    yield from re.findall(r"^    (\w+)([<>]) (.*)$", PAGE, re.MULTILINE)
