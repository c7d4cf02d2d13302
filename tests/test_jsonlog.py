"""
The log as JSON.
"""

from __future__ import annotations

import io
import json
from contextlib import redirect_stdout

from twisted.logger import Logger
from twisted.python.reflect import namedAny
from twisted.trial.unittest import SynchronousTestCase


class JsonLogTests(SynchronousTestCase):
    """C{twistd --logger chatroom.jsonlog.observer}."""

    def test_lines(self) -> None:
        """Each event is one line of JSON, with its values by name."""
        written = io.StringIO()
        with redirect_stdout(written):
            observer = namedAny("chatroom.jsonlog.observer")()
        log = Logger("chatroom.test", observer=observer)
        log.info("Failed login from {address}", address="198.51.100.7")
        log.warn("two\nlines")
        first, second = (json.loads(line) for line in written.getvalue().splitlines())
        self.assertEqual(("chatroom.test", "198.51.100.7"), (first["log_namespace"], first["address"]))
        self.assertEqual(("two\nlines", "warn"), (second["log_format"], second["log_level"]["name"]))
