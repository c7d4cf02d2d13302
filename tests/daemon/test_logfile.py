"""
twistd's log file, beside programs that rotate logs.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from twisted.logger import LogLevel, capturedLogs
from twisted.trial.unittest import SynchronousTestCase

from chatroom.daemon.logfile import ReopenedLog, path_of


class LogFileTests(SynchronousTestCase):
    """
    @ivar path: of the log.
    """

    def setUp(self) -> None:
        self.path = Path(self.mktemp()).absolute()
        self.path.mkdir()
        self.path /= "twistd.log"

    def opened(self, rotate_at: int = 0, keep: int = 2) -> ReopenedLog:
        """The log, open."""
        log = ReopenedLog(str(self.path), rotate_at, keep)
        self.addCleanup(log.close)
        return log

    def test_moved(self) -> None:
        """logrotate renames the file, makes a new one and sends the signal; lines written between are in the old."""
        log = self.opened()
        log.write("one\n")
        old = self.path.rename(self.path.with_name("twistd.log.1"))
        log.write("two\n")
        self.path.touch(0o640)
        log.reopen()
        log.write("three\n")
        self.assertEqual(("one\ntwo\n", "three\n"), (old.read_text(), self.path.read_text()))

    def test_moved_and_not_made_again(self) -> None:
        """With logrotate's nocreate, the daemon makes the new file itself."""
        log = self.opened()
        self.path.rename(self.path.with_name("old"))
        log.reopen()
        log.write("new\n")
        self.assertEqual("new\n", self.path.read_text())

    def test_truncated(self) -> None:
        """logrotate's copytruncate: what is written after the file was cut is at its beginning, without a hole."""
        log = self.opened()
        log.write("one\n")
        os.truncate(self.path, 0)
        log.write("two\n")
        self.assertEqual(b"two\n", self.path.read_bytes())

    def test_cannot_be_opened_again(self) -> None:
        """Where the new file cannot be opened, the old one is written on, and that is logged."""
        log = self.opened()
        old = self.path.rename(self.path.with_name("old"))
        self.path.mkdir()
        with capturedLogs() as logged:
            log.reopen()
        log.write("still here\n")
        self.assertEqual("still here\n", old.read_text())
        self.assertEqual([LogLevel.error], [event["log_level"] for event in logged])

    def test_own_rotation(self) -> None:
        """Where nobody else rotates, the file is rotated at its size, and only so many former ones are kept."""
        log = self.opened(rotate_at=10, keep=2)
        for number in range(8):
            log.write(f"line {number:04}\n")
        there = sorted(path.name for path in self.path.parent.iterdir())
        self.assertEqual(["twistd.log", "twistd.log.1", "twistd.log.2"], there)
        self.assertEqual("line 0007\n", self.path.read_text())

    def test_two_processes(self) -> None:
        """In an upgrade two processes write into it, and neither overwrites the other."""
        old, new = self.opened(), self.opened()
        old.write("old\n")
        new.write("new\n")
        old.write("old again\n")
        self.assertEqual("old\nnew\nold again\n", self.path.read_text())

    def test_mode(self) -> None:
        """It is readable by owner and group alone, also if it was there before with another mode."""
        self.path.touch(0o644)
        self.opened()
        self.assertEqual(0o640, stat.S_IMODE(self.path.stat().st_mode))

    def test_planted_link(self) -> None:
        """A symbolic link in its place is not followed."""
        self.path.symlink_to(self.path.with_name("elsewhere"))
        self.assertRaises(OSError, self.opened)
        self.assertFalse(self.path.with_name("elsewhere").exists())


class PathTests(SynchronousTestCase):
    """Where twistd would log to."""

    def test_path(self) -> None:
        """There is a file in the background, or where one is named, and nowhere else."""
        for parent, expected in (
            ({"logfile": "room.log"}, "room.log"),
            ({}, "twistd.log"),
            ({"nodaemon": True}, None),
            ({"nodaemon": True, "logfile": "room.log"}, "room.log"),
            ({"logfile": "-", "nodaemon": True}, None),
            ({"syslog": True}, None),
            ({"logger": "anything"}, None),
        ):
            self.assertEqual(expected and os.path.abspath(expected), path_of(parent))
