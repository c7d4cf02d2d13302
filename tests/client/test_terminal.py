"""
The real terminal's colours, without one.
"""

from __future__ import annotations

import os

from twisted.internet.testing import MemoryReactorClock
from twisted.trial.unittest import SynchronousTestCase

from chatroom.client.terminal import PlainTerminal


class ColourTests(SynchronousTestCase):
    """How many there are."""

    def colours(self, **environ: str) -> int:
        """In a terminal that has 256."""
        self.patch(os, "environ", {"TERM": "xterm-256color", **environ})
        colours: int = PlainTerminal(MemoryReactorClock())._raw.colors
        return colours

    def test_as_the_terminal_has(self) -> None:
        """Many, if nothing else is said."""
        self.assertGreater(self.colours(), 15)
        self.assertGreater(self.colours(NO_COLOR=""), 15)

    def test_none_wanted(self) -> None:
        """None with C{NO_COLOR} set to anything (U{https://no-color.org})."""
        self.assertEqual(1, self.colours(NO_COLOR="1"))
        self.assertEqual(1, self.colours(NO_COLOR="0", COLORTERM="truecolor"))
