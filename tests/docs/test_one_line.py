"""
docs/architecture.rst tells the way of one line of chat as it is: a line is traced, and compared with the page.
"""

from __future__ import annotations

import re
import sys
from types import FrameType

from twisted.trial.unittest import SynchronousTestCase

from chatroom.testing import Server
from tests.arrows import ROOT

KIT = (
    "chatroom.testing.people",
    "chatroom.testing.server",
    "chatroom.backends.memory",
    "chatroom.events",
    "chatroom.interfaces.values",
)
"""The test kit, a backend that only tests use, and plain values."""


def traced(line: str) -> list[str]:
    """Modules of chatroom, in the order in which they are first called when alice types this and bob reads it."""
    server = Server()
    alice, bob = server.guest("alice"), server.guest("bob")
    bob.reads()
    seen: dict[str, None] = {}

    def note(frame: FrameType, event: str, _: object) -> None:
        name = frame.f_globals.get("__name__", "")
        if event == "call" and name.startswith("chatroom.") and name not in KIT:
            seen.setdefault(name)

    sys.setprofile(note)
    try:
        alice.types(line)
    finally:
        sys.setprofile(None)
    assert bob.reads() == [f"<alice> {line}"]
    return list(seen)


class OneLineTests(SynchronousTestCase):
    """The section of that name."""

    def test_modules_on_the_way(self) -> None:
        """The page lists the modules on the way of a line, all of them and in their order."""
        text = (ROOT / "docs" / "architecture.rst").read_text(encoding="utf-8")
        section = text.split("One line of chat\n---", 1)[1].split("\n1. ", 1)[0]
        told = [f"chatroom.{name}" for name in re.findall(r"^\* ``([\w.]+)``", section, re.MULTILINE)]
        self.assertEqual(traced("hello"), told)
