"""
The lobby that the pictures of terminals show: who is there, and what people say.

C{tests.e2e.terminal_pictures} plays it with a real server, takes the pictures, and keeps what nc shows to a person who
joins in L{WORDS}. C{tests.docs.test_pictures} plays it in memory and compares.
"""

from __future__ import annotations

import re

from tests.arrows import ROOT

SERVER = "The Common Room"
PEOPLE = ("bob", "carol", "dana", "Ingeborg")
"""In the order in which they join. bob signs up, and becomes a moderator."""

PASSWORD = "correct horse battery"
TOPIC = "Tea, code and the weather"
TALK = (
    ("bob", "evening everyone"),
    ("bob", "did the release go out last night?"),
    ("carol", "It did. The notes are at https://example.org/news (a short read)."),
)
NEWCOMER = "alice"
LAST = TALK[-1][1]
"""After this line, the newcomer has read everything."""

WORDS = ROOT / "docs" / "img" / "terminal.txt"


def timeless(text: str) -> str:
    """A text with every time of day and every date as letters, because each picture is taken at another time."""
    return re.sub(r"\d{4}-\d\d-\d\d", "YYYY-MM-DD", re.sub(r"\b\d\d:\d\d\b", "HH:MM", text))
