"""
The log as JSON.
"""

from __future__ import annotations

import io
import json
from contextlib import redirect_stdout

from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.python.reflect import namedAny
from twisted.trial.unittest import SynchronousTestCase

from chatroom.daemon.jsonlog import as_line


class JsonLogTests(SynchronousTestCase):
    """C{twistd --logger chatroom.daemon.jsonlog.observer}."""

    def test_lines(self) -> None:
        """Each event is one line of JSON, with its values by name."""
        written = io.StringIO()
        with redirect_stdout(written):
            observer = namedAny("chatroom.daemon.jsonlog.observer")()
        log = Logger("chatroom.test", observer=observer)
        log.info("Failed login from {address}", address="198.51.100.7")
        log.warn("two\nlines")
        first, second = (json.loads(line) for line in written.getvalue().splitlines())
        self.assertEqual(("chatroom.test", "198.51.100.7"), (first["log_namespace"], first["address"]))
        self.assertEqual(("two\nlines", "warn"), (second["log_format"], second["level"]))

    def test_message_and_time(self) -> None:
        """A line begins with the time in ISO 8601 and the sentence as a person would read it."""
        event = {"log_format": "{count} of {what}", "count": 3, "what": "tea", "log_time": 1700000000.25}
        line = as_line(event)
        self.assertTrue(line.startswith('{"time": "2023-11-14T22:13:20.250+00:00", "message": "3 of tea", '), line)

    def test_traceback(self) -> None:
        """The message of a failure holds its traceback."""
        try:
            raise ValueError("broken pot")
        except ValueError:
            failure = Failure()
        message = json.loads(as_line({"log_format": "It failed", "log_failure": failure, "log_time": 0.0}))["message"]
        self.assertIn("It failed\nTraceback", message)
        self.assertIn("ValueError: broken pot", message)

    def test_values_of_our_names(self) -> None:
        """A value that is called as one of the first fields cannot take its place."""
        made = json.loads(as_line({"log_format": "real", "message": "forged", "time": "forged", "log_time": 0.0}))
        self.assertEqual(("real", "1970-01-01T00:00:00.000+00:00"), (made["message"], made["time"]))
